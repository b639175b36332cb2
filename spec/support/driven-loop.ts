import { defaultTiming } from '../../lib/delivery/pace/timing.js';
import type { Queue } from '../../lib/delivery/queue/queue.js';
import type { Stats } from '../../lib/delivery/report/stats.js';
import type { Dispatcher } from '../../lib/delivery/schedule/dispatcher.js';
import { DeliveryLoop } from '../../lib/delivery/schedule/loop.js';
import { PendingFlushes } from '../../lib/delivery/schedule/pending-flushes.js';
import type { RemoteItems } from '../../lib/delivery/schedule/remote-items.js';
import type { WorkerHost } from '../../lib/delivery/worker/host.js';
import type { Supervisor } from '../../lib/delivery/worker/supervisor.js';

/** Waits as users have them, but nothing is given up because its trace is absent. */
export const drivenTiming = { ...defaultTiming, maxAbsentTotalMs: Number.POSITIVE_INFINITY };

/** The worker as the main thread sees it, whose messages a spec moves. */
export type DrivenHost = Pick<WorkerHost, 'send' | 'drainAcks' | 'requestAckNotifications'> &
  Partial<Pick<WorkerHost, 'waitSync'>>;

/** The loop of a delivery around these parts, with its flushes. */
export function driveLoop(parts: {
  readonly queue: Queue;
  readonly dispatcher: Dispatcher;
  readonly stats: Stats;
  readonly host: DrivenHost;
  readonly remote?: RemoteItems;
  readonly batchSize: number;
}): { readonly loop: DeliveryLoop; readonly flushes: PendingFlushes } {
  const { remote, batchSize, stats, queue, dispatcher } = parts;
  const host: WorkerHost = { waitSync: undefined, ...parts.host, kind: 'thread', close() {} };
  const supervisor = { ...host, isExhausted: false, start: () => host } as Partial<Supervisor> as Supervisor; // all that a loop calls
  const flushes = new PendingFlushes(stats, drivenTiming, undefined, () => {});
  const shared = { queue, dispatcher, stats, supervisor, flushes, spooled: undefined };
  const loop = new DeliveryLoop(
    { ...shared, remote: () => remote, finishPostponed() {} },
    { batchSize, flushIntervalMs: 50 },
  );
  return { loop, flushes };
}
