import { limitText } from '../../model/text.js';
import { type Micros, parseTime } from '../wire/time.js';
import type { Database } from './database.js';
import { isDamage, isUnwritable } from './database-fault.js';
import { inOrder, readPacked } from './packed-trace.js';
import { previewOf, SearchText } from './search-text.js';
import { figuresOf, millisBetween, type SpanBody } from './span-body.js';
import type { Row } from './sqlite.js';

// The search index is not written with the trace, which would delay every answer, but a moment later:
//
//     a write ──> search_pending (its row id)        in the same transaction, so nothing is missed when the process ends
//                     │ while nobody writes; otherwise a little at a time
//                     v
//                 search (words) · steps (a row for each span) · trace_previews (what a list shows of it)
//
// `search` is a table of SQLite's FTS5. If the driver has none, a search reads every text instead.

/** The words of each trace by its row id; the texts themselves are not stored twice. */
const searchTable = `CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5(
  text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2')`;

/** Longest turn of indexing, and the pause after it, in milliseconds. The pause is longer while traces come in. */
const [turnMs, busyWaitMs, idleWaitMs] = [10, 100, 2];
/** Time after the last write or export after which the store counts as idle, in milliseconds. */
const idleAfterMs = 300;
/**
 * A trace with `manySpans` takes long to index, and may be a run that goes on and changes each moment. So it *rests* after each
 * indexing: it is not indexed again until `restFactor` times the time that the indexing took is over.
 */
const [manySpans, restFactor] = [1000, 10];
/** Most traces that are indexed in one turn. */
const perTurn = 50;
/** How much of a step's error is searched, and shown in a list, in characters. */
const [maxError, maxShownError] = [20_000, 300];
/** Most traces that are indexed before a search is answered, so that the newest ones are found. */
const maxAtOnce = 300;

/** Keeps the index up to date. */
export class SearchIndex {
  /** Whether the index has words; otherwise a search reads every text. */
  readonly hasWords: boolean;
  readonly #database: Database;
  #timer: NodeJS.Timeout | undefined;
  #lastBusy = 0;
  #isClosed = false;
  /** When a resting trace may be indexed again, on the monotonic clock, by the trace's row id. */
  readonly #resting = new Map<number, number>();

  constructor(database: Database) {
    this.#database = database;
    this.hasWords = database.tryExec(searchTable);
    this.wake();
  }

  /** Starts indexing, because traces were written. */
  wake(): void {
    this.giveWay();
    this.#schedule(busyWaitMs);
  }

  /** Delays indexing: something else needs the processor now. */
  giveWay(): void {
    this.#lastBusy = performance.now();
  }

  #schedule(afterMs: number): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => this.#turn(), afterMs).unref();
  }

  /**
   * Indexes what is pending if it is no more than {@link maxAtOnce} and the file can be written; a search finds the rest later.
   * @returns how many traces are not indexed yet
   */
  catchUp(): number {
    const pending = this.pending();
    if (pending === 0 || pending > maxAtOnce) return pending;
    try {
      this.#indexSome(maxAtOnce, Number.POSITIVE_INFINITY);
    } catch (error) {
      if (!isUnwritable(error)) throw error;
      return pending;
    }
    return this.#resting.size === 0 ? 0 : this.pending();
  }

  pending(): number {
    return Number(this.#database.get('SELECT count(*) AS pending FROM search_pending')?.pending);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #turn(): void {
    this.#timer = undefined;
    try {
      const isIdle = performance.now() - this.#lastBusy > idleAfterMs;
      const now = performance.now();
      if (this.#indexSome(perTurn, now + turnMs)) this.#schedule(isIdle ? idleWaitMs : busyWaitMs);
      else if (this.#resting.size > 0) this.#schedule(Math.max(busyWaitMs, Math.min(...this.#resting.values()) - now));
    } catch {
      // The next write tries again, and reports what is wrong with the file.
    }
  }

  /** Indexes some of the traces. @returns whether there may be more */
  #indexSome(most: number, until: number): boolean {
    const now = performance.now();
    for (const [key, end] of this.#resting) if (end <= now) this.#resting.delete(key);
    const sql = 'SELECT trace FROM search_pending ORDER BY trace LIMIT ?';
    const keys = this.#database.all(sql, most + this.#resting.size).map(({ trace }) => Number(trace));
    const ready = keys.filter((key) => !this.#resting.has(key));
    if (ready.length === 0) return false;
    this.#database.transaction(() => {
      for (const key of ready) {
        const from = performance.now();
        removeFromIndex(this.#database, key, this.hasWords);
        const spans = this.#indexTrace(key);
        const end = performance.now();
        if (spans >= manySpans) this.#resting.set(key, end + (end - from) * restFactor);
        if (end > until) break;
      }
    });
    return true;
  }

  /** Indexes a trace. @returns the number of its spans; 0 if it cannot be read */
  #indexTrace(key: number): number {
    const row = this.#database.get(
      `SELECT project, name, session_id, user_id, total_tokens, total_cost, input, output, metadata, request
       FROM traces JOIN trace_values ON trace_values.trace = traces.id WHERE id = ?`,
      key,
    );
    if (row === undefined) return 0;
    const contents = readableContents(this.#database, key, row);
    if (contents === undefined) return 0;
    const { input, output, metadata, spans } = contents;
    const words = new SearchText();
    for (const value of [row.name, row.session_id, row.user_id, input, output, metadata]) words.add(value);
    spans.forEach((span, place) => {
      for (const value of [span.name, span.model, span.error, span.input, span.output, span.metadata]) words.add(value);
      this.#putStep(key, Number(row.project), place, span);
    });
    if (this.hasWords) this.#database.run('INSERT INTO search (rowid, text) VALUES (?, ?)', key, words.text);
    const models = [...new Set(spans.flatMap(({ model }) => model ?? []))];
    this.#database.run(
      `INSERT INTO trace_previews (trace, project, input, output, models, tokens, cost) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...[key, Number(row.project), previewOf(input, 'last'), previewOf(output, 'first'), JSON.stringify(models)],
      ...[Number(row.total_tokens), Number(row.total_cost)],
    );
    return spans.length;
  }

  #putStep(key: number, project: number, place: number, span: IndexStep): void {
    const { prompt, completion, cost } = figuresOf(span);
    this.#database.run(
      `INSERT INTO steps (trace, place, project, started, span_id, kind, name, model, status, latency, tokens, cost, error,
         folded_error)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[key, place, project, span.started, span.span_id, span.kind, span.name, span.model],
      ...[span.status, span.latency, prompt + completion, cost],
      ...(span.error === null
        ? [null, null]
        : [limitText(span.error, maxShownError), limitText(span.error, maxError).toLowerCase()]),
    );
  }
}

/** Marks a trace to be indexed, or indexed again. Inside a transaction. */
export function queueForIndex(database: Database, key: number): void {
  database.run('INSERT INTO search_pending (trace) VALUES (?) ON CONFLICT DO NOTHING', key);
}

/** Removes a trace from the index, and from the traces to be indexed. Inside a transaction. */
export function removeFromIndex(database: Database, key: number, hasWords: boolean): void {
  database.run('DELETE FROM search_pending WHERE trace = ?', key);
  // A trace without a preview was never indexed.
  if (database.run('DELETE FROM trace_previews WHERE trace = ?', key) === 0) return;
  database.run('DELETE FROM steps WHERE trace = ?', key);
  if (hasWords) database.run('DELETE FROM search WHERE rowid = ?', key);
}

/** The indexed fields of a span. */
interface IndexStep
  extends Pick<SpanBody, 'span_id' | 'kind' | 'name' | 'model' | 'status' | 'error' | 'token_usage' | 'cost'> {
  readonly started: Micros;
  /** In milliseconds. */
  readonly latency: number | null;
  readonly input: unknown;
  readonly output: unknown;
  readonly metadata: unknown;
}

/** The values and spans of a trace. Undefined if they are damaged: then the trace is not indexed, and does not hold up the others. */
function readableContents(database: Database, key: number, row: Row): ReturnType<typeof contentsOf> | undefined {
  try {
    return contentsOf(database, key, row);
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

/** The values and spans of a trace, from the text of its request or from its rows. */
function contentsOf(database: Database, key: number, row: Row) {
  if (typeof row.request === 'string') {
    const { input, output, metadata, spans } = readPacked(row.request);
    const steps: IndexStep[] = inOrder(spans).map((span) => ({
      ...span,
      started: span.started_at,
      latency: millisBetween(span.started_at, span.ended_at),
    }));
    return { input, output, metadata, spans: steps };
  }
  const bodies = database.all('SELECT body FROM spans WHERE trace = ? ORDER BY started, span_id', key);
  const steps: IndexStep[] = bodies.map(({ body }) => {
    const span = JSON.parse(String(body)) as SpanBody; // written by this store
    return { ...span, started: parseTime(span.started_at) ?? 0, latency: span.latency_ms };
  });
  return { input: parsed(row.input), output: parsed(row.output), metadata: parsed(row.metadata), spans: steps };
}

function parsed(text: unknown): unknown {
  return typeof text === 'string' ? JSON.parse(text) : null;
}
