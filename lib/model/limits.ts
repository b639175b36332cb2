/**
 * The backend's limits, in the backend's own unit: a Python `str` counts code points, so the
 * character limits below are code points, not UTF-16 units.
 * Source: the backend's `openapi.json`, schemas `TraceCreate` and `SpanCreate`.
 */

/** Longest name of a trace or span, in code points; the shortest is 1. */
export const maxNameChars = 512;

/**
 * Longest `model`, `session_id`, `user_id`, `environment` and `release`, tag, and name and value of a score, in code points.
 * Source: the schemas, but for tags and scores: the backend answers 500 to a longer score, and loses a trace whose tag has more
 * than 2,600 bytes, which is more than 255 characters can have.
 */
export const maxLabelChars = 255;

/** Most spans in one request. */
export const maxSpansPerRequest = 500;

/**
 * Largest token count, also of `prompt_tokens` and `completion_tokens` together. Source: the backend adds the two up as
 * 32-bit integers when it lists traces; one larger sum breaks the list of the whole project.
 */
export const maxTokens = 2_147_483_647;

/**
 * Largest cost, in US dollars. Source: the backend adds costs up; a sum that is no finite number any more breaks the list of the
 * whole project, and a trace has many spans.
 */
export const maxCost = 1e12;

/**
 * Earliest and latest time a record may carry, in milliseconds since the epoch. Source: for a time before the year 1 and one
 * millisecond (Go's zero time, .NET's `MinValue`) the backend's list fails; the last day of the year 9999 (.NET's `MaxValue`)
 * lies beyond Python's `datetime` in some time zones.
 */
export const timeRangeMs = { first: -62_135_596_799_999, last: 253_402_214_400_000 } as const;

/** Whether a record may carry this time. */
export function isTime(ms: unknown): ms is number {
  return typeof ms === 'number' && ms >= timeRangeMs.first && ms <= timeRangeMs.last;
}
