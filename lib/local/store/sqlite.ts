import { LocalFailure } from '../failure.js';

/** What SQLite keeps in a cell, as far as this store uses it. */
export type Cell = string | number | null;
/** One row of a result, by column. */
export type Row = Readonly<Record<string, Cell>>;

/** A compiled statement. */
export interface Statement {
  /** Returns how many rows were changed. */
  run(...values: Cell[]): number;
  /** Returns the id of the inserted row; undefined if none was inserted. */
  insert(...values: Cell[]): number | undefined;
  get(...values: Cell[]): Row | undefined;
  all(...values: Cell[]): Row[];
}

/** An engine's result of a change. */
interface Changes {
  readonly changes: number | bigint;
  readonly lastInsertRowid: number | bigint;
}

/** One open database. */
export interface Sqlite {
  /** `node:sqlite` or `libsql`. */
  readonly engine: string;
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** The part of `node:sqlite` in use. */
interface NodeSqlite {
  readonly DatabaseSync: new (
    path: string,
  ) => {
    exec(sql: string): void;
    prepare(sql: string): {
      run(...values: Cell[]): Changes;
      get(...values: Cell[]): Row | undefined;
      all(...values: Cell[]): Row[];
      setReadBigInts(isOn: boolean): void;
    };
    close(): void;
  };
}

/** The part of `libsql` in use. */
interface Libsql {
  readonly default: new (
    path: string,
  ) => {
    exec(sql: string): void;
    prepare(sql: string): {
      columns(): readonly { readonly name: string }[];
      // A list, because a lone null would be taken for an object of names.
      run(values: Cell[]): Changes;
      all(values: Cell[]): Readonly<Record<string, Cell | ArrayBuffer>>[];
    };
    close(): void;
  };
}

/** Opens a database with the SQLite of Node, or of the `libsql` package where Node has none. */
export async function openSqlite(path: string): Promise<Sqlite> {
  const builtin = loadNodeSqlite();
  if (builtin !== undefined) return overNodeSqlite(new builtin.DatabaseSync(path));
  return overLibsql(new (await loadLibsql()).default(path));
}

function loadNodeSqlite(): NodeSqlite | undefined {
  // Node 22 and 24 warn that their SQLite is experimental. The user of this program cannot change that.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined; // not in the types of Node 20
  } catch {
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

async function loadLibsql(): Promise<Libsql> {
  try {
    return (await import('libsql')) as unknown as Libsql; // its own types describe far more, loosely
  } catch (error) {
    throw new LocalFailure(
      'noSqlite',
      `Node ${process.versions.node} comes without SQLite. Use Node 22.13 or newer, or add the package it can use instead: npm install libsql`,
      { cause: error },
    );
  }
}

function overNodeSqlite(database: InstanceType<NodeSqlite['DatabaseSync']>): Sqlite {
  return {
    engine: 'node:sqlite',
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql);
      // The word index has row ids beyond 2^53. Node's `run` returns the last one, even for a COMMIT, and throws if it is not a
      // safe integer.
      if (!/^\s*(SELECT|WITH)\b/i.test(sql)) statement.setReadBigInts(true);
      return {
        run: (...values) => Number(statement.run(...values).changes),
        insert: (...values) => inserted(statement.run(...values)),
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
      };
    },
    close: () => database.close(),
  };
}

function inserted({ changes, lastInsertRowid }: Changes): number | undefined {
  return Number(changes) === 0 ? undefined : Number(lastInsertRowid);
}

function overLibsql(database: InstanceType<Libsql['default']>): Sqlite {
  return {
    engine: 'libsql',
    exec: (sql) => void database.exec(sql),
    prepare(sql) {
      const plain = database.prepare(sql);
      const statement = /^\s*(SELECT|WITH)\b/i.test(sql)
        ? database.prepare(withTextsAsBytes(sql, plain.columns()))
        : plain;
      const all = (values: Cell[]) => statement.all(values).map(withTexts);
      return {
        run: (...values) => Number(statement.run(values).changes),
        insert: (...values) => inserted(statement.run(values)),
        // Its own `get` adds a field to the row.
        get: (...values) => all(values)[0],
        all: (...values) => all(values),
      };
    },
    close: () => void database.close(),
  };
}

/** libsql crashes the process if it reads a text that is not UTF-8, as in a damaged file. So texts are read as bytes. */
function withTextsAsBytes(sql: string, columns: readonly { readonly name: string }[]): string {
  const each = columns.map(({ name }) => {
    const column = `"${name.replaceAll('"', '""')}"`;
    return `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) ELSE ${column} END AS ${column}`;
  });
  return `SELECT ${each.join(', ')} FROM (${sql})`;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function withTexts(row: Readonly<Record<string, Cell | ArrayBuffer>>): Row {
  const cells = Object.entries(row).map(([name, cell]) => [
    name,
    cell instanceof ArrayBuffer ? utf8.decode(cell) : cell,
  ]);
  return Object.fromEntries(cells) as Row; // of texts and what was no bytes
}
