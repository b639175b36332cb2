/**
 * The backend's limits, in the backend's own unit: a Python `str` counts code points, so the
 * character limits below are code points, not UTF-16 units.
 * Source: the backend's `openapi.json`, schemas `TraceCreate` and `SpanCreate`.
 */

/** Longest name of a trace, span or score, in code points; the shortest is 1. */
export const maxNameChars = 512;

/** Longest `model`, `session_id`, `user_id`, `environment` and `release`, in code points. */
export const maxLabelChars = 255;

/** Most spans in one request. */
export const maxSpansPerRequest = 500;

/**
 * Largest token count. Source: the backend adds `prompt_tokens` and `completion_tokens` up as
 * 32-bit integers when it lists traces; one larger value breaks the list of the whole project.
 */
export const maxTokens = 2_147_483_647;

/**
 * Earliest and latest time a record may carry, in milliseconds since the epoch: the years 1 to 9999.
 * Source: Python's `datetime`, which the backend parses times into.
 */
export const timeRangeMs = { first: -62_135_596_800_000, last: 253_402_300_799_999 } as const;
