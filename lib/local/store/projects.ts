import { newId } from '../../common/ids.js';
import type { Database } from './database.js';
import type { Row } from './sqlite.js';

/** A project: its key in the database, its id in the API, and its name. */
export interface Project {
  readonly key: number;
  readonly projectId: string;
  readonly name: string;
}

/** A project as the viewer lists it. */
interface ProjectSummary {
  readonly project_id: string;
  readonly name: string;
  readonly trace_count: number;
  /** When its newest trace started, in microseconds since the epoch. */
  readonly newest: number | null;
}

/**
 * The projects of a database. One that was read before is used again while its key exists: another process may have removed it, but
 * projects are never renamed, and no other project gets its key.
 */
export class Projects {
  readonly #database: Database;
  readonly #known = new Map<string, Project>();

  constructor(database: Database) {
    this.#database = database;
  }

  find(name: string): Project | undefined {
    const known = this.#known.get(name);
    if (known !== undefined && this.#exists(known)) return known;
    const found = projectOf(this.#database.get('SELECT id, project_id, name FROM projects WHERE name = ?', name));
    if (found === undefined) this.#known.delete(name);
    else this.#known.set(name, found);
    return found;
  }

  findById(projectId: string): Project | undefined {
    return projectOf(this.#database.get('SELECT id, project_id, name FROM projects WHERE project_id = ?', projectId));
  }

  /** The project in which a trace is stored. */
  ofTrace(traceId: string): Project | undefined {
    const sql =
      'SELECT projects.id, project_id, projects.name FROM traces JOIN projects ON projects.id = project WHERE trace_id = ?';
    return projectOf(this.#database.get(sql, traceId));
  }

  /** The project of this name, created on first use. */
  findOrMake(name: string): Project {
    const found = this.find(name);
    if (found !== undefined) return found;
    this.#database.run('INSERT INTO projects (project_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING', newId(), name);
    return this.find(name) as Project; // just made, here or by another process
  }

  /** Removes a project, with its scores of other projects' traces, if it has no traces any more. Inside a transaction. */
  remove({ key }: Project): void {
    const sql = 'DELETE FROM projects WHERE id = ? AND NOT EXISTS (SELECT 1 FROM traces WHERE project = projects.id)';
    if (this.#database.run(sql, key) > 0) this.#database.run('DELETE FROM scores WHERE project = ?', key);
  }

  /** The project to write to: a new one of the same name if it was removed meanwhile. Inside a transaction. */
  revived(project: Project): Project {
    return this.#exists(project) ? project : this.findOrMake(project.name);
  }

  #exists({ key }: Project): boolean {
    return this.#database.get('SELECT 1 AS found FROM projects WHERE id = ?', key) !== undefined;
  }

  /** All projects; the one with the newest trace comes first. */
  list(): ProjectSummary[] {
    const rows = this.#database.all(`
      SELECT project_id, name, (SELECT count(*) FROM traces WHERE project = projects.id) AS trace_count,
        (SELECT max(started) FROM traces WHERE project = projects.id) AS newest
      FROM projects ORDER BY newest DESC, projects.id`);
    return rows.map((row) => ({
      project_id: String(row.project_id),
      name: String(row.name),
      trace_count: Number(row.trace_count),
      newest: typeof row.newest === 'number' ? row.newest : null,
    }));
  }
}

function projectOf(row: Row | undefined): Project | undefined {
  return row && { key: Number(row.id), projectId: String(row.project_id), name: String(row.name) };
}
