import type { StoredScore, StoredSpan, StoredTrace } from '../../samples/receiving/stored-trace.js';

export type { StoredScore, StoredSpan, StoredTrace };

type Fields = Record<string, unknown>;

interface Row {
  fields: Fields;
  readonly spans: Map<string, Fields>;
  readonly scores: StoredScore[];
}

/** The backend's store, which merges as the backend does. Source: backend-contract.md, *What a repeat overwrites*. */
export class Store {
  readonly #rows = new Map<string, Row>();
  readonly #storeAfterMs: number;
  readonly #changed: () => void;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(storeAfterMs: number, changed: () => void) {
    this.#storeAfterMs = storeAfterMs;
    this.#changed = changed;
  }

  has(traceId: string): boolean {
    return this.#rows.has(traceId);
  }

  hasSpan(traceId: string, spanId: string): boolean {
    return this.#rows.get(traceId)?.spans.has(spanId) === true;
  }

  /** Stores a trace and its spans, at once or after the delay of the storage queue. */
  upsertTrace(trace: Fields): void {
    const put = () => {
      const { spans, ...fields } = trace;
      const id = String(trace.trace_id);
      const row = this.#rows.get(id) ?? { fields: {}, spans: new Map(), scores: [] };
      row.fields = merged(row.fields, fields);
      this.#rows.set(id, row);
      this.upsertSpans(id, Array.isArray(spans) ? (spans as Fields[]) : []); // checked before it is stored
    };
    if (this.#storeAfterMs === 0) {
      put();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      put();
      this.#changed();
    }, this.#storeAfterMs);
    this.#timers.add(timer);
  }

  upsertSpans(traceId: string, spans: readonly Fields[]): void {
    const row = this.#rows.get(traceId);
    for (const span of spans) {
      const id = String(span.span_id);
      row?.spans.set(id, merged(row.spans.get(id) ?? {}, span));
    }
  }

  patchTrace(traceId: string, fields: Fields): void {
    const row = this.#rows.get(traceId);
    if (row !== undefined) row.fields = patched(row.fields, fields);
  }

  patchSpan(traceId: string, spanId: string, fields: Fields): void {
    const spans = this.#rows.get(traceId)?.spans;
    spans?.set(spanId, patched(spans.get(spanId) ?? {}, fields));
  }

  addScore(score: StoredScore): void {
    this.#rows.get(score.trace_id)?.scores.push(score);
  }

  remove(traceId: string): boolean {
    return this.#rows.delete(traceId);
  }

  traces(): StoredTrace[] {
    return [...this.#rows.values()].map((row) => this.#assembled(row));
  }

  trace(traceId: string): StoredTrace | undefined {
    const row = this.#rows.get(traceId);
    return row === undefined ? undefined : this.#assembled(row);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #assembled(row: Row): StoredTrace {
    const key = (span: Fields) => `${String(span.started_at)} ${String(span.span_id)}`;
    const spans = [...row.spans.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
    // Requests with these fields missing were refused.
    return { ...row.fields, spans, scores: [...row.scores] } as unknown as StoredTrace;
  }
}

const jsonFields = ['input', 'output', 'token_usage', 'cost', 'model_parameters'];

/** Non-null fields overwrite, JSON fields are wiped if they are absent, metadata is merged shallowly, tags are united. */
function merged(old: Fields, more: Fields): Fields {
  const result = Object.fromEntries(Object.entries(old).filter(([name]) => !jsonFields.includes(name)));
  for (const [name, value] of Object.entries(more)) {
    if (value === null || value === undefined) continue;
    if (name === 'metadata') result.metadata = { ...(old.metadata as Fields | undefined), ...(value as Fields) };
    else if (name === 'tags') result.tags = [...new Set([...((old.tags as string[]) ?? []), ...(value as string[])])];
    else result[name] = value;
  }
  return result;
}

/** Present fields overwrite, null clears a field, metadata is merged shallowly. */
function patched(old: Fields, more: Fields): Fields {
  const { metadata, ...rest } = more;
  const result: Fields = { ...old, ...rest };
  if (metadata !== undefined)
    result.metadata = { ...(old.metadata as Fields | undefined), ...(metadata as Fields | null) };
  return result;
}
