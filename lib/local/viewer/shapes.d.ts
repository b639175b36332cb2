// What the server answers, as far as the viewer reads it. Source: backend-contract.md, *OpenAPI schemas*.

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

/** A trace of a list, with what was said in it. */
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

/** What a tool or a model was called for. */
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
  /** Not all were counted: there are at least so many as `total` says. */
  readonly at_least?: boolean;
  /** Traces that are not searched yet. */
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

/** Something was stored. */
export interface Change {
  readonly trace_id: string;
  readonly project: string;
}

/** What the address says: `#/trace/<id>?span=<id>` is `{ page: 'trace', id, params: { span } }`. */
export interface PageRoute {
  readonly page: string;
  readonly id: string;
  readonly params: URLSearchParams;
}

/** A page that is open. */
export interface OpenPage {
  /** The address changed within the page. False when the page cannot follow: it is then opened anew. */
  follow?(route: PageRoute): boolean;
  /** Something was stored; without a change, nobody knows what. */
  changed?(change: Change | undefined): void;
  /** Changes are told from now on; what was stored since the page asked was not. Without it, `changed` is called. */
  connected?(): void;
  /** Gives a key press to the page. True when it was used. */
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
    /** What early.js asked for, by path; undefined comes where the server did not answer. */
    pandaprobeEarly?: { readonly project: string; readonly answers: Map<string, Promise<ReadAnswer | undefined>> };
  }
}
