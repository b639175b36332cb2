import type { SpanChange, SpanInput, TraceChange, TraceInput } from '../wire/records.js';
import { nowMicros } from '../wire/time.js';
import type { Database } from './database.js';
import { putPackedUsage, readPacked, removePackedUsage } from './packed-trace.js';
import type { Project } from './projects.js';
import { queueForIndex } from './search-index.js';
import { changedSpanBody, figuresOf, mergedSpanBody, millisBetween, newSpanBody, type SpanBody } from './span-body.js';
import { replaceTags } from './tags.js';

/** Writes traces and spans. Every method is called inside a transaction. */
export class TraceWrites {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Stores a trace, as the text of its `request` if there is one. If the trace is stored already, it is merged: null keeps the stored
   * value, except for input and output, which are wiped unless they came again; metadata is merged, tags are united.
   */
  upsert(project: Project, trace: TraceInput, request: string | null): void {
    const { latency, folded } = derived(trace);
    const { trace_id: traceId, name, status, started_at: started, ended_at: ended } = trace;
    const { session_id: session, user_id: user, environment, release, tags, spans } = trace;
    // Counts every span as new. If one was not, the spans are counted again below.
    const figures = spans.map(figuresOf);
    const tokens = figures.reduce((sum, each) => sum + each.prompt + each.completion, 0);
    const cost = figures.reduce((sum, each) => sum + each.cost, 0);
    const key = this.#database.insert(
      `INSERT INTO traces (trace_id, project, name, folded, status, started, ended, latency, created, session_id,
         user_id, environment, release, tags, span_count, total_tokens, total_cost)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (trace_id) DO NOTHING`,
      ...[traceId, project.key, name, folded, status, started, ended, latency, nowMicros(), session],
      ...[user, environment, release, JSON.stringify(tags), spans.length, tokens, cost],
    );
    if (key === undefined) {
      this.#merge(trace, request);
      return;
    }
    queueForIndex(this.#database, key);
    if (tags.length > 0) replaceTags(this.#database, key, project.key, [], tags);
    if (request !== null) {
      const sql = "INSERT INTO trace_values (trace, metadata, request) VALUES (?, '{}', ?)";
      this.#database.run(sql, key, request);
      putPackedUsage(this.#database, key, project.key, trace);
      return;
    }
    this.#database.run(
      'INSERT INTO trace_values (trace, input, output, metadata) VALUES (?, ?, ?, ?)',
      ...[key, jsonOrNull(trace.input), jsonOrNull(trace.output), JSON.stringify(trace.metadata)],
    );
    if (this.#putSpans(key, project.key, traceId, spans) < spans.length) this.#addUp(key);
  }

  #merge(trace: TraceInput, request: string | null): void {
    const stored = this.#database.get(
      'SELECT id, project, tags, request FROM traces JOIN trace_values ON trace = id WHERE trace_id = ?',
      trace.trace_id,
    );
    if (stored === undefined) return;
    const key = Number(stored.id);
    const oldTags = JSON.parse(String(stored.tags)) as string[]; // written by this class
    const tags = union(oldTags, trace.tags);
    // A repeated request, or an import of a trace whose tags alone have changed since.
    if (request !== null && stored.request === request) {
      if (JSON.stringify(tags) === stored.tags) return;
      queueForIndex(this.#database, key);
      this.#database.run('UPDATE traces SET tags = ? WHERE id = ?', JSON.stringify(tags), key);
      replaceTags(this.#database, key, Number(stored.project), oldTags, tags);
      return;
    }
    this.#beforeChange(key, Number(stored.project), trace.trace_id);
    const { name, status, started_at: started, ended_at: ended, session_id: session, user_id: user } = trace;
    this.#database.run(
      `UPDATE traces SET name = ?, folded = ?, status = ?, started = ?, ended = coalesce(?, ended),
         session_id = coalesce(?, session_id), user_id = coalesce(?, user_id),
         environment = coalesce(?, environment), release = coalesce(?, release), tags = ? WHERE id = ?`,
      ...[name, name.toLowerCase(), status, started, ended, session, user, trace.environment, trace.release],
      ...[JSON.stringify(tags), key],
    );
    this.#refreshLatency(key);
    const values = this.#database.get('SELECT metadata FROM trace_values WHERE trace = ?', key);
    this.#database.run(
      'UPDATE trace_values SET input = ?, output = ?, metadata = ? WHERE trace = ?',
      ...[jsonOrNull(trace.input), jsonOrNull(trace.output), mergedJson(values?.metadata, trace.metadata), key],
    );
    if (trace.tags.length > 0) replaceTags(this.#database, key, Number(stored.project), oldTags, tags);
    if (trace.spans.length === 0) return;
    this.#putSpans(key, Number(stored.project), trace.trace_id, trace.spans);
    this.#addUp(key);
  }

  /** Changes a trace. @returns false if there is no such trace */
  change(project: Project, traceId: string, change: TraceChange): boolean {
    const stored = this.#find(project, traceId);
    if (stored === undefined) return false;
    this.#beforeChange(stored.key, project.key, traceId);
    const { metadata, input, output, tags, name, ...rest } = change;
    const columns = new Map<string, string | number | null>();
    for (const [field, value] of Object.entries(rest)) {
      if (value === undefined || (field === 'status' && value === null)) continue;
      columns.set(field === 'ended_at' ? 'ended' : field, value);
    }
    if (typeof name === 'string') columns.set('name', name).set('folded', name.toLowerCase());
    if (tags !== undefined && tags !== null) columns.set('tags', JSON.stringify(tags));
    for (const [column, value] of columns) {
      this.#database.run(`UPDATE traces SET ${column} = ? WHERE id = ?`, value, stored.key);
    }
    if (tags !== undefined && tags !== null) replaceTags(this.#database, stored.key, project.key, stored.tags, tags);
    this.#refreshLatency(stored.key);
    for (const [column, value] of [['input', input] as const, ['output', output] as const]) {
      if (!Object.hasOwn(change, column)) continue;
      this.#database.run(`UPDATE trace_values SET ${column} = ? WHERE trace = ?`, jsonOrNull(value), stored.key);
    }
    const values = this.#database.get('SELECT metadata FROM trace_values WHERE trace = ?', stored.key);
    const merged = mergedJson(values?.metadata, metadata ?? {});
    this.#database.run('UPDATE trace_values SET metadata = ? WHERE trace = ?', merged, stored.key);
    return true;
  }

  /** Adds spans to a trace. @returns false if there is no such trace */
  addSpans(project: Project, traceId: string, spans: readonly SpanInput[]): boolean {
    const stored = this.#find(project, traceId);
    if (stored === undefined) return false;
    this.#beforeChange(stored.key, project.key, traceId);
    this.#putSpans(stored.key, project.key, traceId, spans);
    this.#addUp(stored.key);
    return true;
  }

  /** Changes a span. @returns it; undefined if the trace has no such span */
  changeSpan(project: Project, traceId: string, spanId: string, change: SpanChange): SpanBody | undefined {
    const stored = this.#find(project, traceId);
    if (stored === undefined) return undefined;
    this.#beforeChange(stored.key, project.key, traceId);
    const row = this.#database.get('SELECT body FROM spans WHERE trace = ? AND span_id = ?', stored.key, spanId);
    if (row === undefined) return undefined;
    const body = changedSpanBody(JSON.parse(String(row.body)) as SpanBody, change); // written by this class
    this.#writeBody(stored.key, body);
    this.#addUp(stored.key);
    return body;
  }

  #find(project: Project, traceId: string): { readonly key: number; readonly tags: string[] } | undefined {
    const sql = 'SELECT id, tags FROM traces WHERE trace_id = ? AND project = ?';
    const row = this.#database.get(sql, traceId, project.key);
    return row && { key: Number(row.id), tags: JSON.parse(String(row.tags)) as string[] }; // written by this class
  }

  /**
   * Prepares a trace for a change: queues it for the index, and if it is kept as the text of its request, moves it into columns and
   * rows.
   */
  #beforeChange(key: number, project: number, traceId: string): void {
    queueForIndex(this.#database, key);
    const stored = this.#database.get('SELECT request FROM trace_values WHERE trace = ?', key);
    if (typeof stored?.request !== 'string') return;
    const trace = readPacked(stored.request);
    removePackedUsage(this.#database, key, project, trace);
    this.#database.run(
      'UPDATE trace_values SET request = NULL, input = ?, output = ?, metadata = ? WHERE trace = ?',
      ...[jsonOrNull(trace.input), jsonOrNull(trace.output), JSON.stringify(trace.metadata), key],
    );
    this.#putSpans(key, project, traceId, trace.spans);
  }

  /** @returns how many of them were new */
  #putSpans(key: number, project: number, traceId: string, spans: readonly SpanInput[]): number {
    let added = 0;
    for (const span of spans) {
      const figures = figuresOf(span);
      const isNew = this.#database.run(
        `INSERT INTO spans (trace, span_id, project, started, model, prompt_tokens, completion_tokens, cost, body)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        ...[key, span.span_id, project, span.started_at, span.model],
        ...[figures.prompt, figures.completion, figures.cost, JSON.stringify(newSpanBody(traceId, span))],
      );
      added += isNew;
      if (isNew === 0) this.#mergeSpan(key, span);
    }
    return added;
  }

  #mergeSpan(key: number, span: SpanInput): void {
    const row = this.#database.get('SELECT body FROM spans WHERE trace = ? AND span_id = ?', key, span.span_id);
    const body = mergedSpanBody(JSON.parse(String(row?.body)) as SpanBody, span); // written by this class
    this.#writeBody(key, body, span.started_at);
  }

  #writeBody(key: number, body: SpanBody, started: number | null = null): void {
    const { prompt, completion, cost } = figuresOf(body);
    this.#database.run(
      `UPDATE spans SET started = coalesce(?, started), model = ?, prompt_tokens = ?, completion_tokens = ?, cost = ?,
         body = ? WHERE trace = ? AND span_id = ?`,
      ...[started, body.model, prompt, completion, cost],
      ...[JSON.stringify(body), key, body.span_id],
    );
  }

  /** Counts the spans of a trace again. */
  #addUp(key: number): void {
    this.#database.run(
      `UPDATE traces SET (span_count, total_tokens, total_cost) = (
         SELECT count(*), ifnull(sum(prompt_tokens + completion_tokens), 0), ifnull(sum(cost), 0)
         FROM spans WHERE trace = traces.id) WHERE id = ?`,
      key,
    );
  }

  #refreshLatency(key: number): void {
    this.#database.run('UPDATE traces SET latency = (ended - started) / 1000 WHERE id = ?', key);
  }
}

function derived({ name, started_at: started, ended_at: ended }: TraceInput) {
  return { folded: name.toLowerCase(), latency: millisBetween(started, ended) };
}

/** A value as JSON text for a column. A missing or null value becomes null, which keeps the stored one. */
function jsonOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function mergedJson(stored: unknown, more: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...(JSON.parse(String(stored ?? '{}')) as object), ...more }); // written by this class
}

/** The union of two lists of tags, sorted as the backend's database sorts it. */
function union(stored: readonly string[], more: readonly string[]): string[] {
  return more.length === 0 ? [...stored] : [...new Set([...stored, ...more])].sort();
}
