import { type FlushResult, noStats, type SinkStats } from '../../model/sink.js';

/** Both, added up. */
export function addStats(a: SinkStats, b: SinkStats): SinkStats {
  const droppedByReason: Record<string, number> = { ...a.droppedByReason };
  for (const [reason, items] of Object.entries(b.droppedByReason)) {
    droppedByReason[reason] = (droppedByReason[reason] ?? 0) + items;
  }
  return {
    ...addShared(a, b),
    created: a.created + b.created,
    droppedByReason,
    pendingBytes: a.pendingBytes + b.pendingBytes,
  };
}

/** Both, added up; ok when both are. */
export function addResults(a: FlushResult, b: FlushResult): FlushResult {
  return { ...addShared(a, b), ok: a.ok && b.ok };
}

/** The counts of items that were dropped as soon as they were made. */
export function droppedStats(reason: string, items: number): SinkStats {
  return { ...noStats, created: items, dropped: items, droppedByReason: { [reason]: items } };
}

type Shared = Omit<FlushResult, 'ok'>;

function addShared(a: Shared, b: Shared): Shared {
  return {
    delivered: a.delivered + b.delivered,
    dropped: a.dropped + b.dropped,
    failed: a.failed + b.failed,
    pending: a.pending + b.pending,
  };
}
