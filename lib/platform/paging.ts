import { parseId } from '../common/ids.js';
import type { Page, TraceSummary } from './shapes.js';

/** Selects a page of a list. */
export interface PageOptions {
  /** How many items, 1 to 200. @defaultValue 50 */
  readonly limit?: number | undefined;
  /** How many items to skip. @defaultValue 0 */
  readonly offset?: number | undefined;
}

/** Most items of a page. Source: backend-contract.md, *Lists*. */
const maxLimit = 200;

/** @throws RangeError if `limit` is not from 1 to `most`, or `offset` is less than 0 */
export function pageParams({ limit, offset }: PageOptions, most = maxLimit) {
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= most))
    throw new RangeError(`limit: expected a whole number from 1 to ${most}, got ${String(limit)}`);
  if (offset !== undefined && !(Number.isSafeInteger(offset) && offset >= 0))
    throw new RangeError(`offset: expected a whole number from 0, got ${String(offset)}`);
  return { limit, offset };
}

/** An id for a URL. @throws TypeError if it is not a UUID */
export function idText(name: string, id: string): string {
  const found = parseId(id);
  if (found !== undefined) return found;
  throw new TypeError(
    `${name}: expected a UUID, got ${typeof id === 'string' ? JSON.stringify(id.slice(0, 100)) : typeof id}`,
  );
}

/** A time in the platform's form. @throws RangeError if it is not a valid time */
export function timeText(name: string, time: Date | string | undefined): string | undefined {
  if (time === undefined) return undefined;
  const ms = time instanceof Date ? time.getTime() : Date.parse(time);
  if (Number.isNaN(ms)) throw new RangeError(`${name}: expected a Date or an ISO 8601 text, got ${String(time)}`);
  return time instanceof Date ? time.toISOString() : time;
}

interface TimeWindow {
  readonly startedAfter?: Date | string | undefined;
  readonly startedBefore?: Date | string | undefined;
}

/**
 * Asks for the next page by the start time of the last trace, because traces before it may be added or deleted meanwhile. An offset
 * helps only where more traces start in one microsecond than a page holds.
 *
 *     desc   newest ── page 1 ── last ┐                 started_before = last + 1 µs: the last one comes again,
 *                                     └ page 2 ── …     with all that started in the same microsecond; it is skipped
 */
export async function* iterateByStart(
  order: 'asc' | 'desc',
  limit: number,
  given: TimeWindow,
  list: (
    page: TimeWindow & { limit: number; offset: number; sortOrder: 'asc' | 'desc' },
  ) => Promise<Page<TraceSummary>>,
): AsyncGenerator<TraceSummary, void, undefined> {
  let window = given;
  let offset = 0;
  let boundary: string | undefined;
  // Traces that started at the boundary and were returned already.
  let seen = new Set<string>();
  for (;;) {
    const { startedAfter, startedBefore } = window;
    const { items } = await list({ startedAfter, startedBefore, limit, offset, sortOrder: order });
    const fresh = items.filter(({ traceId }) => !seen.has(traceId));
    const last = items.at(-1)?.startedAt;
    if (last !== boundary) seen = new Set();
    boundary = last;
    for (const item of items) if (item.startedAt === last) seen.add(item.traceId);
    yield* fresh;
    if (items.length < limit || last === undefined) return;
    // An offset passes only what was returned already and is still there, because the caller may delete what it gets.
    offset = fresh.length === 0 ? offset + items.length : 0;
    window = order === 'asc' ? { ...given, startedAfter: last } : { ...given, startedBefore: microsecondAfter(last) };
  }
}

/** The time one microsecond later: `2026-03-29T10:00:00.000001Z` for `2026-03-29T10:00:00+00:00`. */
function microsecondAfter(time: string): string {
  const [, seconds = '', fraction = '', zone = 'Z'] = /^(.*?:\d\d:\d\d)(?:\.(\d+))?(.*)$/.exec(time) ?? [];
  const micros = Number(fraction.padEnd(6, '0').slice(0, 6)) + 1;
  if (micros < 1e6) return `${seconds}.${String(micros).padStart(6, '0')}${zone}`;
  return new Date(Date.parse(`${seconds}${zone}`) + 1000).toISOString();
}
