import type { PageRange } from '../wire/query.js';
import type { SpanChange, SpanInput, TraceChange, TraceInput } from '../wire/records.js';
import type { ScoreChange, ScoreInput } from '../wire/scores.js';
import { Database } from './database.js';
import { GroupCommit } from './group-commit.js';
import { type Project, Projects } from './projects.js';
import { removeTraces, someTraceIds, traceIdsOfSession } from './removal.js';
import { addNewScores, addScore, changeScore, readScoreById, removeScore, scoresOfTraces } from './scores.js';
import { SearchIndex } from './search-index.js';
import type { SpanBody } from './span-body.js';
import { changeTags } from './tags.js';
import { readSessionTracesJson, readTraceJson } from './trace-reads.js';
import { TraceWrites } from './trace-writes.js';

/** Traces that were stored, changed or removed. */
export interface StoreChange {
  readonly project: string;
  readonly traceId: string;
}

/** A trace of an export. */
export interface ImportedTrace {
  readonly trace: TraceInput;
  /** The text of the trace without its scores, if it can be stored unchanged. */
  readonly request: string | null;
  /** The oldest first. */
  readonly scores: readonly ScoreInput[];
}

/** The store of traces, sessions and scores. A write resolves when it is committed. */
export class Store {
  /** The database, for calls that only read. */
  readonly database: Database;
  readonly projects: Projects;
  /** The search index. */
  readonly index: SearchIndex;
  readonly #writes: TraceWrites;
  readonly #commits: GroupCommit;
  readonly #listeners = new Set<(change: StoreChange) => void>();

  private constructor(database: Database) {
    this.database = database;
    this.projects = new Projects(database);
    this.index = new SearchIndex(database);
    this.#writes = new TraceWrites(database);
    this.#commits = new GroupCommit(database);
  }

  /** @throws LocalFailure when the file cannot be used */
  static async open(path: string): Promise<Store> {
    return new Store(await Database.open(path));
  }

  /** Calls `listener` after each commit, once per changed trace. @returns a function that stops it */
  onChange(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stores a trace. `request`: its text, if it can be stored unchanged. */
  async putTrace(project: Project, trace: TraceInput, request: string | null): Promise<void> {
    await this.#commits.add(() => this.#writes.upsert(this.projects.revived(project), trace, request));
    this.#changed(project, trace.trace_id);
  }

  /** Stores traces in one commit, with those of their scores that are not stored yet. */
  async importTraces(project: Project, traces: readonly ImportedTrace[]): Promise<void> {
    await this.#commits.add(() => {
      const target = this.projects.revived(project);
      for (const { trace, request, scores } of traces) {
        this.#writes.upsert(target, trace, request);
        if (scores.length > 0) addNewScores(this.database, target, trace.trace_id, scores);
      }
    });
    for (const { trace } of traces) this.#changed(project, trace.trace_id);
  }

  /** Adds spans to a trace. @returns false if there is no such trace */
  async addSpans(project: Project, traceId: string, spans: readonly SpanInput[]): Promise<boolean> {
    const found = await this.#commits.add(() => this.#writes.addSpans(project, traceId, spans));
    if (found) this.#changed(project, traceId);
    return found;
  }

  /** Changes a trace. @returns it as JSON text; undefined if there is no such trace */
  async changeTrace(project: Project, traceId: string, change: TraceChange): Promise<string | undefined> {
    const json = await this.#commits.add(() =>
      this.#writes.change(project, traceId, change) ? this.readTrace(project, traceId) : undefined,
    );
    if (json !== undefined) this.#changed(project, traceId);
    return json;
  }

  /** Changes a span. @returns it; undefined if there is no such span */
  async changeSpan(
    project: Project,
    traceId: string,
    spanId: string,
    change: SpanChange,
  ): Promise<SpanBody | undefined> {
    const body = await this.#commits.add(() => this.#writes.changeSpan(project, traceId, spanId, change));
    if (body !== undefined) this.#changed(project, traceId);
    return body;
  }

  /**
   * Removes a project with all its traces, in parts, so that other calls are answered in between.
   * @returns the number of its traces
   */
  async removeProject(project: Project): Promise<number> {
    let removed = 0;
    for (;;) {
      const some = someTraceIds(this.database, project.key, 200);
      if (some.length === 0) break;
      removed += await this.removeTraces(project, some);
    }
    await this.#commits.add(() => this.projects.remove(project));
    this.#changed(project, '');
    return removed;
  }

  /** Removes traces. @returns how many of them existed */
  async removeTraces(project: Project, traceIds: readonly string[]): Promise<number> {
    const removed = await this.#commits.add(() =>
      removeTraces(this.database, project.key, traceIds, this.index.hasWords),
    );
    for (const traceId of removed) this.#changed(project, traceId);
    return removed.length;
  }

  /** Removes a session. @returns the number of its traces */
  async removeSession(project: Project, sessionId: string): Promise<number> {
    const removed = await this.#commits.add(() =>
      removeTraces(
        this.database,
        project.key,
        traceIdsOfSession(this.database, project.key, sessionId),
        this.index.hasWords,
      ),
    );
    for (const traceId of removed) this.#changed(project, traceId);
    return removed.length;
  }

  /** Changes the tags of traces. @returns how many of the traces exist */
  async changeTags(
    project: Project,
    traceIds: readonly string[],
    add: readonly string[],
    remove: readonly string[],
  ): Promise<number> {
    const found = await this.#commits.add(() => changeTags(this.database, project.key, traceIds, add, remove));
    for (const traceId of traceIds) this.#changed(project, traceId);
    return found;
  }

  /** Adds a score. @returns it; undefined if its trace is not stored */
  async addScore(project: Project, score: ScoreInput): Promise<object | undefined> {
    const body = await this.#commits.add(() => addScore(this.database, this.projects.revived(project), score));
    if (body !== undefined) this.#changed(project, score.trace_id);
    return body;
  }

  /** Changes a score. @returns it; undefined if there is no such score */
  async changeScore(project: Project, scoreId: string, change: ScoreChange): Promise<object | undefined> {
    const score = await this.#commits.add(() => {
      changeScore(this.database, project, scoreId, change);
      return readScoreById(this.database, project, scoreId);
    });
    if (score !== undefined) this.#changed(project, score.traceId);
    return score?.body;
  }

  /** Removes a score. @returns false if there was no such score */
  async removeScore(project: Project, scoreId: string): Promise<boolean> {
    const score = await this.#commits.add(() => {
      const found = readScoreById(this.database, project, scoreId);
      removeScore(this.database, project, scoreId);
      return found;
    });
    if (score !== undefined) this.#changed(project, score.traceId);
    return score !== undefined;
  }

  /** Reads a trace as JSON text; undefined if there is no such trace. */
  readTrace(project: Project, traceId: string): string | undefined {
    return readTraceJson(this.database, project, traceId);
  }

  /** Each trace with its project and scores as JSON text, in the order of the ids; undefined where there is none. */
  *exportTraces(project: Project, traceIds: readonly string[]): Generator<string | undefined> {
    this.index.giveWay();
    const scores = scoresOfTraces(this.database, project, traceIds);
    for (const traceId of traceIds) {
      const trace = this.readTrace(project, traceId)?.slice(1, -1);
      const ownScores = JSON.stringify(scores.get(traceId) ?? []);
      yield trace && `{"project":${JSON.stringify(project.name)},${trace},"scores":${ownScores}}`;
    }
  }

  /** The traces of a session as JSON texts, oldest first. */
  readSessionTraces(project: Project, sessionId: string, page: PageRange): string[] {
    return readSessionTracesJson(this.database, project, sessionId, page);
  }

  /** Commits pending writes and closes the file. */
  close(): void {
    this.#commits.flush();
    this.index.close();
    this.database.close();
  }

  #changed(project: Project, traceId: string): void {
    this.index.wake();
    for (const listener of this.#listeners) listener({ project: project.name, traceId });
  }
}
