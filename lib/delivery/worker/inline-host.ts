import type { Report, SenderSettings, ToSender } from '../wire/messages.js';
import type { WorkerHost, WorkerHostEvents } from './host.js';

/** Starts a sender; takes its messages. */
export type StartSender = (settings: SenderSettings, report: (report: Report) => void) => (message: ToSender) => void;

/** Loads what starts a sender on this thread. */
export type LoadSender = () => Promise<StartSender>;

/**
 * The sender on this very thread, for platforms without threads. Loaded with the first message, because axios takes
 * over 100 ms to load; until then messages wait.
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
    if (!isClosed) events.onLost(error instanceof Error ? error.message : String(error));
  });

  const send = (message: ToSender) => (deliver === undefined ? waiting?.push(message) : deliver(message));
  return {
    kind: 'inline',
    send,
    // Everything is reported as soon as it is delivered.
    drainAcks() {},
    requestAckNotifications: () => false,
    waitSync: undefined,
    close() {
      isClosed = true;
      send({ type: 'close' });
    },
  };
}
