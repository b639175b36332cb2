import { threads } from '../../common/builtins.js';
import { performance } from '../../common/real-time.js';
import type { SenderSettings } from '../wire/messages.js';
import { AckRing } from './ack-ring.js';
import type { WorkerHost, WorkerHostEvents } from './host.js';
import { takeSeat } from './shared-threads.js';
import type { ThreadData, ThreadReport } from './thread-data.js';

/** Where this code is. Not a string if it was bundled into a format that does not know. */
const here: unknown = import.meta.url;
/** Longest single sleep in `waitSync`, in milliseconds: a thread that is killed for its memory cannot report its end. */
const longestSleepMs = 1000;

/**
 * Starts the sender in a thread, which never keeps the process alive.
 *
 * ```
 *  main thread                                   worker thread
 *    send ──────────── port ───────────────────────> sender ──> backend
 *    onReport <─────── port ──────────────────────── reports of everything but plain deliveries
 *    drainAcks, waitSync ······· AckRing ············· ids of delivered items
 * ```
 *
 * `waitSync` sleeps on the ring and takes reports off the port itself. So it works in the process's `exit` event, where no event
 * loop runs, and also while the thread is still starting.
 * @param env - the thread's whole environment: only what TLS and proxies need
 * @param isAlone - the thread is not shared with other senders
 * @throws if the platform has no threads, or does not allow them
 */
export function startThreadHost(
  settings: SenderSettings,
  env: Readonly<Record<string, string>>,
  isAlone: boolean,
  events: WorkerHostEvents,
): WorkerHost {
  const { MessageChannel, receiveMessageOnPort } = threads();
  const acks = new AckRing();
  const { port1: port, port2 } = new MessageChannel();
  const data: ThreadData = { port: port2, acks: acks.memory, settings, home: here };
  let isOver = false;

  function lose(reason: string): void {
    if (isOver) return;
    isOver = true;
    takeAll();
    port.close();
    seat.leave();
    events.onLost(reason);
  }

  /** Passes on reports and acknowledgements. @returns whether there were some */
  function takeAll(): boolean {
    let isAny = false;
    for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
      pass(got.message as ThreadReport); // the other side is thread-entry.ts
      isAny = true;
    }
    return drainAcks() || isAny;
  }

  function drainAcks(): boolean {
    const delivered = acks.take();
    if (delivered.length === 0) return false;
    events.onDelivered(delivered);
    return true;
  }

  function pass({ count, ...report }: ThreadReport): void {
    events.onReport({ ...report, delivered: acks.take(count) });
  }

  // Before the port has a listener: if this throws, the port would keep the process alive.
  const seat = takeSeat(data, env, isAlone, lose);
  port.on('message', (report: ThreadReport) => {
    if (!isOver) pass(report);
  });
  port.unref();

  return {
    kind: 'thread',
    get isShared() {
      return seat.isShared;
    },
    send: (message) => port.postMessage(message),
    drainAcks,
    requestAckNotifications: (isOn) => acks.requestNotifications(isOn),
    waitSync(timeoutMs) {
      const until = performance.now() + timeoutMs;
      const { sequence } = acks; // read before looking for reports: one that comes after that ends the sleep
      if (!takeAll()) {
        for (let left = timeoutMs; left > 0; left = until - performance.now()) {
          if (acks.sleep(sequence, Math.min(left, longestSleepMs))) break;
        }
        takeAll();
      }
      if (acks.isClosed) lose('it ended');
    },
    close() {
      isOver = true;
      seat.leave();
      port.postMessage({ type: 'close' }); // the thread then closes the port; it ends with its last port
    },
  };
}
