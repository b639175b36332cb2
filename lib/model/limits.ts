/**
 * The backend's limits, in the backend's own unit: a Python `str` counts code points, so the
 * character limits below are code points, not UTF-16 units.
 * Source: OpenAPI, `TraceCreate` and `SpanCreate`.
 */

/** Longest name of a trace or span, in code points; the shortest is 1. */
export const maxNameChars = 512;

/**
 * Longest `model`, `session_id`, `user_id`, `environment` and `release`, tag, and name and value of a score, in code points.
 * Source: backend-contract.md, *Lengths and numbers*, *Score values*, *Long tags*: 255 characters are less than 2,600 bytes.
 */
export const maxLabelChars = 255;

/** Most bytes of one captured value, unless the option `maxValueBytes` says otherwise: our limit, not the backend's. */
export const defaultMaxValueBytes = 1_048_576;

/** Most spans in one request. Source: backend-contract.md, *Calls*. */
export const maxSpansPerRequest = 500;

/**
 * Largest token count, also of `prompt_tokens` and `completion_tokens` together. Source: backend-contract.md,
 * *Token counts*.
 */
export const maxTokens = 2_147_483_647;

/**
 * Largest cost, in US dollars. Source: backend-contract.md, *Costs*: the backend adds up the costs of many spans.
 */
export const maxCost = 1e12;

/**
 * Earliest and latest time a record may carry, in milliseconds since the epoch. Source: backend-contract.md,
 * *Early times*. The last day of the year 9999 lies beyond Python's `datetime` in some time zones.
 */
const timeRangeMs = { first: -62_135_596_799_999, last: 253_402_214_400_000 } as const;

/** Whether a record may carry this time. */
export function isTime(ms: unknown): ms is number {
  return typeof ms === 'number' && ms >= timeRangeMs.first && ms <= timeRangeMs.last;
}
