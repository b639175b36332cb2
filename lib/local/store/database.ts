import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorText } from '../../common/error-text.js';
import { LocalFailure } from '../failure.js';
import { databaseFault } from './database-fault.js';
import { checkOwner, migrate } from './schema.js';
import { openSqlite, type Row, type Sqlite, type Statement } from './sqlite.js';

/** The path that means: keep traces in memory until the process ends. */
export const inMemory = ':memory:';

/**
 * How the file is written. With a write-ahead log and `NORMAL`, a committed write survives the end of the process,
 * however it ends; only a power cut may lose the last ones. The log is written to the file about every 32 MB instead of
 * every 4 MB, because each time waits for the disk.
 */
const settings = `
  PRAGMA busy_timeout = 5000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 8000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -65536;
  PRAGMA temp_store = MEMORY;
`;

/** An open database with the newest schema. Statements are compiled once. */
export class Database {
  readonly path: string;
  readonly #sqlite: Sqlite;
  readonly #statements = new Map<string, Statement>();

  private constructor(path: string, sqlite: Sqlite) {
    this.path = path;
    this.#sqlite = sqlite;
  }

  /** @throws LocalFailure when the file cannot be used */
  static async open(path: string): Promise<Database> {
    let sqlite: Sqlite | undefined;
    try {
      if (path !== inMemory) prepareFolder(path);
      sqlite = await openSqlite(path);
      checkOwner(sqlite, path);
      sqlite.exec(settings);
      migrate(sqlite);
      // A read-only file can be opened. This finds out before a trace is lost.
      sqlite.exec('BEGIN IMMEDIATE; PRAGMA user_version; COMMIT');
      return new Database(path, sqlite);
    } catch (error) {
      // Without a checkpoint: the file may be another program's.
      sqlite?.close();
      if (error instanceof LocalFailure) throw error;
      const reason = errorText(error);
      const fault = databaseFault(error, path);
      const why = fault ?? `${path} cannot be used as database: ${reason}.`;
      throw new LocalFailure('file', `${why} Choose another file with --file, or none with --memory.`, {
        cause: error,
      });
    }
  }

  get engine(): string {
    return this.#sqlite.engine;
  }

  /** The statement, compiled on first use and kept. Only for texts that are constant in this program, so that they are few. */
  prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#sqlite.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** The statement, compiled for one use. For texts that depend on the request. */
  prepareOnce(sql: string): Statement {
    return this.#sqlite.prepare(sql);
  }

  get(sql: string, ...values: (string | number | null)[]): Row | undefined {
    return this.prepare(sql).get(...values);
  }

  all(sql: string, ...values: (string | number | null)[]): Row[] {
    return this.prepare(sql).all(...values);
  }

  run(sql: string, ...values: (string | number | null)[]): number {
    return this.prepare(sql).run(...values);
  }

  insert(sql: string, ...values: (string | number | null)[]): number | undefined {
    return this.prepare(sql).insert(...values);
  }

  /** Runs a statement. @returns false if this driver does not support it */
  tryExec(sql: string): boolean {
    try {
      this.#sqlite.exec(sql);
      return true;
    } catch {
      return false;
    }
  }

  /** Runs `body` in a transaction. @throws Error if the file was removed: SQLite would write on, into a file that nobody can open */
  transaction<T>(body: () => T): T {
    if (this.path !== inMemory && !existsSync(this.path)) throw new Error('unable to open the file: it was removed');
    this.run('BEGIN IMMEDIATE');
    try {
      const result = body();
      this.run('COMMIT');
      return result;
    } catch (error) {
      // A failed COMMIT may have ended the transaction already.
      try {
        this.run('ROLLBACK');
      } catch {}
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    try {
      this.#sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // Another process still reads, so the write-ahead log stays next to the file.
    }
    try {
      this.#sqlite.close();
    } catch {}
  }
}

/** Creates the folder of a file and checks that it can be written, because SQLite reports that only as a number. */
function prepareFolder(path: string): void {
  makeFolder(dirname(path));
  if (existsSync(path) && !statSync(path).isFile()) throw new Error('it is no file');
  accessSync(existsSync(path) ? path : dirname(path), constants.R_OK | constants.W_OK);
}

/** Creates folders one by one, because Node's recursive `mkdir` never ends in a folder that allows none, such as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above); // else it is a drive that is not there
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error; // else another process was faster
  }
}
