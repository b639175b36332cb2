/** Items by reason. */
export type Counts = Readonly<Record<string, number>>;

/** Both, added up by reason. */
export function addCounts(a: Counts, b: Counts): Counts {
  const sum: Record<string, number> = { ...a };
  for (const reason of Object.keys(b)) sum[reason] = (sum[reason] ?? 0) + (b[reason] ?? 0);
  return sum;
}

/** All of them. */
export function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
