/** A stored span: the fields of the wire, and always these. */
export interface StoredSpan {
  readonly span_id: string;
  readonly parent_span_id?: string | null;
  readonly name: string;
  readonly started_at: string;
  readonly [field: string]: unknown;
}

/** A stored score: the fields of the wire, and always these. */
export interface StoredScore {
  readonly id: string;
  readonly trace_id: string;
  readonly name: string;
  readonly value: string;
  readonly [field: string]: unknown;
}

/** A stored trace: the fields of the wire, its spans by start, its scores in order of arrival. */
export interface StoredTrace {
  readonly trace_id: string;
  readonly name: string;
  readonly spans: readonly StoredSpan[];
  readonly scores: readonly StoredScore[];
  readonly [field: string]: unknown;
}
