import { type FlushResult, noStats, type SinkStats } from '../../model/sink.js';

/** The sums of all counts. */
export function addStats(a: SinkStats, b: SinkStats): SinkStats {
  const droppedByReason: Record<string, number> = { ...a.droppedByReason };
  for (const [reason, items] of Object.entries(b.droppedByReason)) {
    droppedByReason[reason] = (droppedByReason[reason] ?? 0) + items;
  }
  return {
    ...addFlushCounts(a, b),
    created: a.created + b.created,
    droppedByReason,
    pendingBytes: a.pendingBytes + b.pendingBytes,
  };
}

/** The sums of all counts; `ok` if both are. */
export function addResults(a: FlushResult, b: FlushResult): FlushResult {
  return { ...addFlushCounts(a, b), ok: a.ok && b.ok };
}

/** The counts of items that were dropped as soon as they were created. */
export function droppedStats(reason: string, items: number): SinkStats {
  return { ...noStats, created: items, dropped: items, droppedByReason: { [reason]: items } };
}

type FlushCounts = Omit<FlushResult, 'ok'>;

function addFlushCounts(a: FlushCounts, b: FlushCounts): FlushCounts {
  return {
    delivered: a.delivered + b.delivered,
    dropped: a.dropped + b.dropped,
    failed: a.failed + b.failed,
    pending: a.pending + b.pending,
  };
}
