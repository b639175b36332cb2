import { errorText } from '../../common/error-text.js';
import { outside } from '../../common/outside.js';
import type { Report, SenderSettings, ToSender } from '../wire/messages.js';
import type { WorkerHost, WorkerHostEvents } from './host.js';

/** Starts a sender; the function it returns takes messages to it. */
type StartSender = (settings: SenderSettings, report: (report: Report) => void) => (message: ToSender) => void;

/** Loads the code of the sender. */
export type LoadSender = () => Promise<StartSender>;

/**
 * Starts the sender on the main thread, for platforms without threads. Its code takes over 100 ms to load; messages wait until
 * then.
 */
export function startInlineHost(
  settings: SenderSettings,
  loadSender: LoadSender,
  events: WorkerHostEvents,
): WorkerHost {
  let waiting: ToSender[] | undefined = [];
  let deliver: ((message: ToSender) => void) | undefined;
  let isClosed = false;

  async function load(): Promise<void> {
    const startSender = await loadSender();
    deliver = startSender({ ...settings, unrefSockets: true }, (report) => {
      if (!isClosed) events.onReport(report);
    });
    for (const message of waiting ?? []) deliver(message);
    waiting = undefined;
  }
  load().catch((error: unknown) => {
    if (!isClosed) events.onLost(errorText(error));
  });

  // Its sockets live on, and keep the context in which they were opened.
  const send = (message: ToSender) =>
    outside(() => (deliver === undefined ? waiting?.push(message) : deliver(message)));
  return {
    kind: 'inline',
    send,
    // Every delivery is reported at once.
    drainAcks() {},
    requestAckNotifications: () => false,
    waitSync: undefined,
    close() {
      isClosed = true;
      send({ type: 'close' });
    },
  };
}
