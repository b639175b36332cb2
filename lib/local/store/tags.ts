import type { Database } from './database.js';

/** Replaces the rows by which a trace is found: from those of `stored` to those of `tags`. Inside a transaction. */
export function replaceTags(
  database: Database,
  trace: number,
  project: number,
  stored: readonly string[],
  tags: readonly string[],
): void {
  for (const tag of stored) {
    database.run('DELETE FROM trace_tags WHERE project = ? AND tag = ? AND trace = ?', project, tag, trace);
  }
  for (const tag of new Set(tags)) {
    database.run('INSERT INTO trace_tags (project, tag, trace) VALUES (?, ?, ?)', project, tag, trace);
  }
}

/**
 * Removes tags from traces and adds others. A tag in both lists stays. Inside a transaction.
 * @returns how many of the traces exist
 */
export function changeTags(
  database: Database,
  project: number,
  traceIds: readonly string[],
  add: readonly string[],
  remove: readonly string[],
): number {
  let found = 0;
  for (const traceId of new Set(traceIds)) {
    const row = database.get('SELECT id, tags FROM traces WHERE trace_id = ? AND project = ?', traceId, project);
    if (row === undefined) continue;
    found += 1;
    const stored = JSON.parse(String(row.tags)) as string[]; // written by this store
    const kept = stored.filter((tag) => !remove.includes(tag));
    const tags = add.length === 0 ? kept : [...new Set([...kept, ...add])].sort();
    database.run('UPDATE traces SET tags = ? WHERE id = ?', JSON.stringify(tags), Number(row.id));
    replaceTags(database, Number(row.id), project, stored, tags);
  }
  return found;
}
