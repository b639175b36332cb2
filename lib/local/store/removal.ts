import type { Database } from './database.js';
import { readPacked, removePackedUsage } from './packed-trace.js';
import { removeFromIndex } from './search-index.js';
import { replaceTags } from './tags.js';

/** Removes traces with everything that belongs to them, inside a transaction. @returns the ids of those that existed */
export function removeTraces(
  database: Database,
  project: number,
  traceIds: readonly string[],
  hasWords: boolean,
): string[] {
  return [...new Set(traceIds)].filter((traceId) => {
    const row = database.get('SELECT id, tags FROM traces WHERE trace_id = ? AND project = ?', traceId, project);
    if (row === undefined) return false;
    const key = Number(row.id);
    const stored = database.get('SELECT request FROM trace_values WHERE trace = ?', key);
    if (typeof stored?.request === 'string') removePackedUsage(database, key, project, readPacked(stored.request));
    removeFromIndex(database, key, hasWords);
    database.run('DELETE FROM spans WHERE trace = ?', key);
    database.run('DELETE FROM trace_values WHERE trace = ?', key);
    replaceTags(database, key, project, JSON.parse(String(row.tags)) as string[], []); // written by this store
    database.run('DELETE FROM scores WHERE trace_id = ?', traceId);
    database.run('DELETE FROM traces WHERE id = ?', key);
    return true;
  });
}

/** The ids of a session's traces, oldest first. */
export function traceIdsOfSession(database: Database, project: number, sessionId: string): string[] {
  const rows = database.all(
    'SELECT trace_id FROM traces WHERE project = ? AND session_id = ? ORDER BY started',
    ...[project, sessionId],
  );
  return rows.map((row) => String(row.trace_id));
}

/** The ids of some of a project's traces. */
export function someTraceIds(database: Database, project: number, most: number): string[] {
  return database
    .all('SELECT trace_id FROM traces WHERE project = ? LIMIT ?', project, most)
    .map((row) => String(row.trace_id));
}
