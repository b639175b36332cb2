/**
 * All latencies of a group as JSON text, for {@link readLatencies}: in whole microseconds, because SQLite and JavaScript are
 * several times slower with fractions.
 */
export const latencyList = `json_group_array(CAST(round(latency * 1000) AS INTEGER)) FILTER (WHERE latency IS NOT NULL)`;

/** Parses the result of {@link latencyList}: milliseconds, the shortest first. */
export function readLatencies(json: unknown): Float64Array {
  const micros = Float64Array.from(JSON.parse(String(json)) as number[]).sort(); // made by the query
  for (let at = 0; at < micros.length; at += 1) micros[at] = (micros[at] ?? 0) / 1000;
  return micros;
}

/** The position of a percentile in a sorted list: between the indices `below` and `below + 1`, by linear interpolation. */
export function placeOf(count: number, share: number): { readonly below: number; readonly between: number } {
  const place = (count - 1) * share;
  return { below: Math.floor(place), between: place - Math.floor(place) };
}

/** A percentile, interpolated between two neighbours; null for no values. Source: PostgreSQL's `percentile_cont`. */
export function percentile(sorted: ArrayLike<number>, share: number): number | null {
  const { below, between } = placeOf(sorted.length, share);
  const low = sorted[below];
  return low === undefined ? null : low + ((sorted[below + 1] ?? low) - low) * between;
}
