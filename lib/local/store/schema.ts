import { LocalFailure } from '../failure.js';
import type { Sqlite } from './sqlite.js';

/**
 * The database, one step for each released change; `user_version` is the number of steps that a file has had. A released step is
 * never edited: a change is a new step.
 *
 *     projects ─┬─ traces ─┬─ trace_values   input, output, metadata: apart, so that lists read small rows only;
 *               │          │                 or `request`, all of a trace that was never changed: `packed-trace.ts`
 *               │          └─ trace_tags     one row per tag
 *               ├─ spans                     `body` is the span as the API answers it; the columns are for sums
 *               ├─ packed_usage              the same columns, of each span in a `request` that used anything
 *               ├─ scores
 *               └─ search_pending            traces that are to be indexed, in `search` and the next two: `search-index.ts`
 *                  steps, trace_previews     a row for each span and trace: what lists of them show and sort by
 *
 * Times are microseconds since the epoch, as REAL: an INTEGER beyond 2^53 could not be read back. `latency` is in
 * milliseconds. `folded` is the name in lower case, `folded_error` the error, because SQLite's own `lower` knows only ASCII. New
 * spans are put at the end of their table, so that a write touches few pages; only those that used a model, tokens or money are in
 * an index by time. The table has row ids, because without them a row of more than 1 kB would take a page of its own. There are
 * no foreign keys: `removal.ts` removes rows, and a check would cost each insert.
 */
export const schemaSteps: readonly string[] = [
  `
  CREATE TABLE projects (id INTEGER PRIMARY KEY, project_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE);

  CREATE TABLE traces (
    id INTEGER PRIMARY KEY, trace_id TEXT NOT NULL UNIQUE, project INTEGER NOT NULL,
    name TEXT NOT NULL, folded TEXT NOT NULL, status TEXT NOT NULL,
    started REAL NOT NULL, ended REAL, latency REAL, created REAL NOT NULL,
    session_id TEXT, user_id TEXT, environment TEXT, release TEXT, tags TEXT NOT NULL,
    span_count INTEGER NOT NULL, total_tokens INTEGER NOT NULL, total_cost REAL NOT NULL
  );
  CREATE INDEX traces_by_start ON traces (project, started, status, latency, folded);
  CREATE INDEX traces_by_end ON traces (project, ifnull(ended, 9e99));
  CREATE INDEX traces_by_latency ON traces (project, ifnull(latency, 9e99));
  CREATE INDEX traces_by_name ON traces (project, folded);
  CREATE INDEX traces_by_session ON traces (
    project, session_id, started, ended, latency, status, created, span_count, total_tokens, total_cost
  ) WHERE session_id IS NOT NULL;
  CREATE INDEX traces_by_user ON traces (project, user_id, started, status) WHERE user_id IS NOT NULL;

  CREATE TABLE trace_values (trace INTEGER PRIMARY KEY, input TEXT, output TEXT, metadata TEXT NOT NULL);
  CREATE TABLE trace_tags (
    project INTEGER NOT NULL, tag TEXT NOT NULL, trace INTEGER NOT NULL, PRIMARY KEY (project, tag, trace)
  ) WITHOUT ROWID;

  CREATE TABLE spans (
    trace INTEGER NOT NULL, span_id TEXT NOT NULL, project INTEGER NOT NULL, started REAL NOT NULL, model TEXT,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, cost REAL NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (trace, span_id)
  );
  CREATE INDEX spans_by_start ON spans (project, started, model, prompt_tokens, completion_tokens, cost)
    WHERE model IS NOT NULL OR prompt_tokens <> 0 OR completion_tokens <> 0 OR cost <> 0;

  CREATE TABLE scores (
    id INTEGER PRIMARY KEY, score_id TEXT NOT NULL UNIQUE, project INTEGER NOT NULL, trace_id TEXT NOT NULL,
    name TEXT NOT NULL, value TEXT, data_type TEXT NOT NULL, source TEXT NOT NULL, status TEXT NOT NULL,
    reason TEXT, environment TEXT, metadata TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL
  );
  CREATE INDEX scores_by_trace ON scores (trace_id, name, created);
  CREATE INDEX scores_by_time ON scores (project, created);
  `,
  `
  DROP INDEX traces_by_latency;
  DROP INDEX traces_by_name;
  ALTER TABLE trace_values ADD COLUMN request TEXT;
  CREATE TABLE packed_usage (
    project INTEGER NOT NULL, started REAL NOT NULL, trace INTEGER NOT NULL, place INTEGER NOT NULL, model TEXT,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, cost REAL NOT NULL,
    PRIMARY KEY (project, started, trace, place)
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE search_pending (trace INTEGER PRIMARY KEY);
  INSERT INTO search_pending SELECT id FROM traces;
  CREATE TABLE trace_previews (
    trace INTEGER PRIMARY KEY, project INTEGER NOT NULL, input TEXT, output TEXT, models TEXT NOT NULL,
    tokens INTEGER NOT NULL, cost REAL NOT NULL
  );
  CREATE INDEX previews_by_tokens ON trace_previews (project, tokens);
  CREATE INDEX previews_by_cost ON trace_previews (project, cost);
  CREATE TABLE steps (
    trace INTEGER NOT NULL, place INTEGER NOT NULL, project INTEGER NOT NULL, started REAL NOT NULL,
    span_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, model TEXT, status TEXT NOT NULL, latency REAL,
    tokens INTEGER NOT NULL, cost REAL NOT NULL, error TEXT, PRIMARY KEY (trace, place)
  ) WITHOUT ROWID;
  CREATE INDEX steps_failed ON steps (project, started) WHERE status = 'ERROR';
  CREATE INDEX steps_by_start ON steps (project, started, status, kind);
  CREATE INDEX steps_by_kind ON steps (project, kind, started, status, latency, name, model, tokens, cost);
  CREATE INDEX steps_by_latency ON steps (project, kind, latency, started, status, model);
  `,
  `
  DROP INDEX traces_by_start;
  CREATE INDEX traces_by_start ON traces (
    project, started, status, latency, folded, release, environment, total_tokens, total_cost
  );
  `,
  `
  CREATE INDEX steps_by_tool ON steps (project, name, latency, started, status, tokens, cost) WHERE kind = 'TOOL';
  CREATE INDEX steps_by_model ON steps (project, model, latency, started, status, tokens, cost, kind)
    WHERE model IS NOT NULL;
  DROP INDEX traces_by_end;
  `,
  // With AUTOINCREMENT, no project gets the key of a removed one, which a write or a removal under way may still use.
  `
  CREATE TABLE numbered_projects (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE
  );
  INSERT INTO numbered_projects SELECT id, project_id, name FROM projects;
  DROP TABLE projects;
  ALTER TABLE numbered_projects RENAME TO projects;
  `,
  `
  ALTER TABLE steps ADD COLUMN folded_error TEXT;
  INSERT OR IGNORE INTO search_pending SELECT id FROM traces;
  `,
];

/** The version this program writes. */
export const schemaVersion = schemaSteps.length;

/** Checks a file before anything is written to it. @throws LocalFailure if it belongs to another program or a newer version */
export function checkOwner(database: Sqlite, path: string): void {
  const version = versionOf(database);
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const isOwn = version === 0 ? names.length === 0 : names.some(({ name }) => name === 'trace_values');
  if (version > schemaVersion) {
    throw new LocalFailure(
      'newerFile',
      `${path} was written by a newer version of pandaprobe-ts (its format is ${version}, this version knows ${schemaVersion}). Update pandaprobe-ts, or choose another file with --file.`,
    );
  }
  if (isOwn) return;
  throw new LocalFailure(
    'file',
    `${path} is the database of another program. Choose another file with --file, or none with --memory.`,
  );
}

/** Brings a database up to date. */
export function migrate(database: Sqlite): void {
  if (versionOf(database) === schemaVersion) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Read again inside the transaction, because another process may have been faster.
    for (const step of schemaSteps.slice(versionOf(database))) database.exec(step);
    database.exec(`PRAGMA user_version = ${schemaVersion}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(database: Sqlite): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}
