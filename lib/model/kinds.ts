/**
 * What a span did. Plain strings work as well. Source: the backend's OpenAPI, `SpanKind`.
 *
 * @example
 * ```ts
 * await withTrace('agent', () => withSpan('search', { kind: SpanKind.TOOL }, async () => 'found'));
 * ```
 */
export const SpanKind = {
  AGENT: 'AGENT',
  TOOL: 'TOOL',
  LLM: 'LLM',
  RETRIEVER: 'RETRIEVER',
  CHAIN: 'CHAIN',
  EMBEDDING: 'EMBEDDING',
  OTHER: 'OTHER',
} as const;
/** One of the seven kinds, as a plain string. */
export type SpanKind = (typeof SpanKind)[keyof typeof SpanKind];

/**
 * How a span ended. Source: the backend's OpenAPI, `SpanStatusCode`.
 *
 * @example
 * ```ts
 * const failed = new MemorySink().traces.flatMap((t) => t.spans).filter((s) => s.status === SpanStatusCode.ERROR);
 * ```
 */
export const SpanStatusCode = { UNSET: 'UNSET', OK: 'OK', ERROR: 'ERROR' } as const;
/** One of the three span statuses, as a plain string. */
export type SpanStatusCode = (typeof SpanStatusCode)[keyof typeof SpanStatusCode];

/**
 * Where a trace stands. Source: the backend's OpenAPI, `TraceStatus`.
 *
 * @example
 * ```ts
 * startTrace('import').setStatus(TraceStatus.PENDING).end();
 * ```
 */
export const TraceStatus = {
  PENDING: 'PENDING',
  RUNNING: 'RUNNING',
  COMPLETED: 'COMPLETED',
  ERROR: 'ERROR',
} as const;
/** One of the four trace statuses, as a plain string. */
export type TraceStatus = (typeof TraceStatus)[keyof typeof TraceStatus];

/**
 * How a score's value is to be read. Source: the backend's OpenAPI, `ScoreDataType`.
 *
 * @example
 * ```ts
 * using t = startTrace('agent');
 * score(t.traceId, 'verdict', 'PASS', { dataType: ScoreDataType.CATEGORICAL });
 * ```
 */
export const ScoreDataType = {
  NUMERIC: 'NUMERIC',
  BOOLEAN: 'BOOLEAN',
  CATEGORICAL: 'CATEGORICAL',
} as const;
/** One of the three score types, as a plain string. */
export type ScoreDataType = (typeof ScoreDataType)[keyof typeof ScoreDataType];
