import { newId } from '../../common/ids.js';
import type { PageRange } from '../wire/query.js';
import type { ScoreChange, ScoreInput } from '../wire/scores.js';
import { formatTime, type Micros, nowMicros } from '../wire/time.js';
import type { Database } from './database.js';
import type { Project } from './projects.js';
import type { Cell, Row } from './sqlite.js';
import { textOrNull } from './trace-list.js';

/** Selects scores of a project; undefined fields select all. */
export interface ScoreFilter {
  readonly traceId?: string | undefined;
  readonly name?: string | undefined;
  readonly source?: string | undefined;
  readonly status?: string | undefined;
  readonly dataType?: string | undefined;
  readonly environment?: string | undefined;
  readonly from?: Micros | undefined;
  /** Not included. */
  readonly to?: Micros | undefined;
}

/** Adds a score, inside a transaction. Undefined if its trace is not stored; the backend's database refuses such a score. */
export function addScore(database: Database, project: Project, score: ScoreInput): object | undefined {
  // The trace may be in any project, as on the backend.
  if (database.get('SELECT 1 AS found FROM traces WHERE trace_id = ?', score.trace_id) === undefined) return undefined;
  const id = newId();
  const now = nowMicros();
  database.run(
    `INSERT INTO scores (score_id, project, trace_id, name, value, data_type, source, status, reason, metadata, created,
       updated) VALUES (?, ?, ?, ?, ?, ?, ?, 'SUCCESS', ?, ?, ?, ?)`,
    ...[id, project.key, score.trace_id, score.name, score.value, score.data_type, score.source, score.reason],
    ...[JSON.stringify(score.metadata), now, now],
  );
  return readScoreById(database, project, id)?.body;
}

/**
 * Adds those of a trace's scores that are not stored yet. They are compared by content, because a score has no id in a request.
 * Inside a transaction.
 */
export function addNewScores(
  database: Database,
  project: Project,
  traceId: string,
  scores: readonly ScoreInput[],
): void {
  const rows = database.all('SELECT * FROM scores WHERE trace_id = ? AND project = ?', traceId, project.key);
  const known = new Set(rows.map(contentKey));
  for (const score of scores) if (!known.has(contentKey(score))) addScore(database, project, score);
}

function contentKey({ name, value, source, reason }: Row | ScoreInput): string {
  return JSON.stringify([name, value, source, reason]);
}

/** All scores of some traces, by trace and the latest first. */
export function scoresOfTraces(
  database: Database,
  project: Project,
  traceIds: readonly string[],
): ReadonlyMap<string, object[]> {
  const rows = database.all(
    `SELECT * FROM scores WHERE trace_id IN (SELECT value FROM json_each(?)) AND project = ? ORDER BY created DESC`,
    ...[JSON.stringify(traceIds), project.key],
  );
  const byTrace = new Map<string, object[]>();
  for (const row of rows) {
    const found = byTrace.get(String(row.trace_id));
    if (found === undefined) byTrace.set(String(row.trace_id), [scoreBody(project, row)]);
    else found.push(scoreBody(project, row));
  }
  return byTrace;
}

/** One score, and the trace it belongs to. */
export function readScoreById(database: Database, project: Project, scoreId: string) {
  const row = database.get('SELECT * FROM scores WHERE score_id = ? AND project = ?', scoreId, project.key);
  if (row === undefined) return undefined;
  return { traceId: String(row.trace_id), dataType: String(row.data_type), body: scoreBody(project, row) };
}

/** Changes a score by hand: its source becomes ANNOTATION and its status SUCCESS. Inside a transaction. */
export function changeScore(database: Database, project: Project, scoreId: string, change: ScoreChange): void {
  database.run(
    `UPDATE scores SET value = coalesce(?, value), reason = coalesce(?, reason), metadata = coalesce(?, metadata),
       status = 'SUCCESS', source = 'ANNOTATION', updated = ? WHERE score_id = ? AND project = ?`,
    ...[change.value ?? null, change.reason ?? null],
    ...[change.metadata === undefined ? null : JSON.stringify(change.metadata), nowMicros(), scoreId, project.key],
  );
}

/** Removes a score, inside a transaction. */
export function removeScore(database: Database, project: Project, scoreId: string): void {
  database.run('DELETE FROM scores WHERE score_id = ? AND project = ?', scoreId, project.key);
}

/** One page of a project's scores, the latest first, and their total number. */
export function listScores(database: Database, project: Project, filter: ScoreFilter, page: PageRange) {
  const { where, values } = scoreConditions(project.key, filter);
  const total = Number(database.get(`SELECT count(*) AS total FROM scores WHERE ${where}`, ...values)?.total);
  const rows = database.all(
    `SELECT * FROM scores WHERE ${where} ORDER BY created DESC LIMIT ? OFFSET ?`,
    ...values,
    page.limit,
    page.offset,
  );
  return { items: rows.map((row) => scoreBody(project, row)), total };
}

/** The latest score of each name of a trace, by name. */
export function latestScores(database: Database, project: Project, traceId: string): object[] {
  // With `max`, SQLite takes the other columns from the row of the maximum.
  const rows = database.all(
    `SELECT *, max(created) FROM scores WHERE trace_id = ? AND project = ? GROUP BY name ORDER BY name`,
    ...[traceId, project.key],
  );
  return rows.map((row) => scoreBody(project, row));
}

/** Conditions on `scores` and the values they take. */
export function scoreConditions(project: number, filter: ScoreFilter) {
  const parts = ['project = ?'];
  const values: Cell[] = [project];
  const columns: readonly [string, Cell | undefined][] = [
    ['trace_id = ?', filter.traceId],
    ['name = ?', filter.name],
    ['source = ?', filter.source],
    ['status = ?', filter.status],
    ['data_type = ?', filter.dataType],
    ['environment = ?', filter.environment],
    ['created >= ?', filter.from],
    ['created < ?', filter.to],
  ];
  for (const [condition, value] of columns) {
    if (value === undefined) continue;
    parts.push(condition);
    values.push(value);
  }
  return { where: parts.join(' AND '), values };
}

/** Source: OpenAPI, `TraceScoreResponse`. */
function scoreBody(project: Project, row: Row) {
  return {
    id: row.score_id,
    trace_id: row.trace_id,
    project_id: project.projectId,
    name: row.name,
    value: row.value,
    data_type: row.data_type,
    source: row.source,
    status: row.status,
    eval_run_id: null,
    author_user_id: null,
    reason: textOrNull(row.reason),
    environment: textOrNull(row.environment),
    config_id: null,
    metadata: JSON.parse(String(row.metadata)) as object, // written by this store
    created_at: formatTime(Number(row.created)),
    updated_at: formatTime(Number(row.updated)),
  };
}
