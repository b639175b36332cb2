// The server's answers, as far as the viewer reads them. Source: backend-contract.md, *OpenAPI schemas*.

export type TraceStatus = 'PENDING' | 'RUNNING' | 'COMPLETED' | 'ERROR';
export type SpanKind = 'AGENT' | 'TOOL' | 'LLM' | 'RETRIEVER' | 'CHAIN' | 'EMBEDDING' | 'OTHER';

export interface TraceRow {
  readonly trace_id: string;
  readonly name: string;
  readonly status: TraceStatus;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly session_id: string | null;
  readonly user_id: string | null;
  readonly tags: readonly string[];
  readonly environment: string | null;
  readonly release: string | null;
  readonly latency_ms: number | null;
  readonly span_count: number;
  readonly total_tokens: number;
  readonly total_cost: number;
}

/** A trace in a list, with previews of its input and output. */
export interface FoundRow extends TraceRow {
  readonly input_preview: string | null;
  readonly output_preview: string | null;
  readonly models: readonly string[];
}

/** A span of the list over all traces. */
export interface StepRow {
  readonly span_id: string;
  readonly trace_id: string;
  readonly trace_name: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly model: string | null;
  readonly status: string;
  readonly started_at: string;
  readonly latency_ms: number | null;
  readonly total_tokens: number;
  readonly total_cost: number;
  readonly error: string | null;
}

/** The totals of a tool or a model. */
export interface GroupRow {
  readonly name: string;
  readonly call_count: number;
  readonly failure_count: number;
  readonly p50_latency_ms: number | null;
  readonly p95_latency_ms: number | null;
  readonly total_tokens: number;
  readonly total_cost: number;
}

/** The same for the traces of a release or an environment, at one time. */
export interface GroupBucket extends GroupRow {
  readonly bucket: string;
}

export interface Trace {
  readonly trace_id: string;
  readonly name: string;
  readonly status: TraceStatus;
  readonly input: unknown;
  readonly output: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly session_id: string | null;
  readonly user_id: string | null;
  readonly tags: readonly string[];
  readonly environment: string | null;
  readonly release: string | null;
  readonly spans: readonly Span[];
}

export interface Span {
  readonly span_id: string;
  readonly parent_span_id: string | null;
  readonly name: string;
  readonly kind: SpanKind;
  readonly status: 'UNSET' | 'OK' | 'ERROR';
  readonly input: unknown;
  readonly output: unknown;
  readonly model: string | null;
  readonly token_usage: Readonly<Record<string, unknown>> | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly error: string | null;
  readonly completion_start_time: string | null;
  readonly model_parameters: Readonly<Record<string, unknown>> | null;
  readonly cost: Readonly<Record<string, number>> | null;
}

export interface SessionRow {
  readonly session_id: string;
  readonly trace_count: number;
  readonly first_trace_at: string;
  readonly last_trace_at: string | null;
  readonly total_latency_ms: number | null;
  readonly has_error: boolean;
  readonly user_id: string | null;
  readonly tags: readonly string[];
  readonly total_span_count: number;
  readonly total_tokens: number;
  readonly total_cost: number;
}

export interface SessionDetail extends SessionRow {
  readonly traces: readonly Trace[];
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
  /** There are more than `total`, which was not counted to the end. */
  readonly at_least?: boolean;
  /** Number of traces that are not indexed yet. */
  readonly indexing?: number;
}

export interface Score {
  readonly id: string;
  readonly name: string;
  readonly value: string | null;
  readonly data_type: 'NUMERIC' | 'BOOLEAN' | 'CATEGORICAL';
  readonly source: string;
  readonly reason: string | null;
}

export interface Bucket {
  readonly bucket: string;
  readonly trace_count: number;
  readonly error_count: number;
  readonly p50_latency_ms: number | null;
  readonly p90_latency_ms: number | null;
  readonly p99_latency_ms: number | null;
}

export interface TokenBucket {
  readonly bucket: string;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly total_cost: number;
}

export interface ModelRow {
  readonly model: string;
  readonly call_count: number;
  readonly total_tokens: number;
  readonly total_cost: number;
}

export interface Project {
  readonly name: string;
  readonly trace_count: number;
}

/** A stored change. */
export interface Change {
  readonly trace_id: string;
  readonly project: string;
}

/** The parsed address: `#/trace/<id>?span=<id>` is `{ page: 'trace', id, params: { span } }`. */
export interface PageRoute {
  readonly page: string;
  readonly id: string;
  readonly params: URLSearchParams;
}

/** An open page. */
export interface OpenPage {
  /** Called when the address has changed within the page. Returns false if the page must be opened anew. */
  follow?(route: PageRoute): boolean;
  /** Called when something was stored; without a change it is not known what. */
  changed?(change: Change | undefined): void;
  /**
   * Called when events start; what was stored since the page's last request was missed. If absent, `changed` is called instead.
   */
  connected?(): void;
  /** Handles a key press. Returns true if the page has used it. */
  key?(event: KeyboardEvent): boolean;
  close?(): void;
}

/** An answer of the server whose body is read. */
export interface ReadAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly body: unknown;
}

declare global {
  interface Window {
    /** Answers to the requests of early.js, by path; an answer is undefined if the server did not respond. */
    pandaprobeEarly?: { readonly project: string; readonly answers: Map<string, Promise<ReadAnswer | undefined>> };
  }
}
