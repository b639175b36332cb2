import { errorText } from '../../common/error-text.js';

/** Messages for data that this program has written and cannot read any more; the second for the word index, where no constraint has a name. */
const damage = /malformed|not a database|unsupported file format|Unexpected (token|end)|in JSON at|Invalid time value/i;
const damagedIndex = /vtable constructor failed|invalid fts5 file format|(?<!\w )constraint failed|SQL logic error/i;

/** Messages for a file that another process writes to. */
const locked = /locked|busy/i;

/** The meaning of SQLite's messages for the user of the server. Source: SQLite's `sqlite3ErrStr`. */
const meanings: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [damage, 'it is damaged'],
  [damagedIndex, 'its word index is damaged'],
  [/disk I\/O error/i, 'the disk has a fault'],
  [/database or disk is full/i, 'the disk is full'],
  [/readonly database|read-only/i, 'it cannot be written to any more'],
  [locked, 'another program has locked it'],
  [/no such (table|column)|unable to open/i, 'another program has changed or removed it'],
];

/** Whether an error means that data cannot be read any more. */
export function isDamage(error: unknown): boolean {
  const text = errorText(error);
  return damage.test(text) || damagedIndex.test(text);
}

/** Whether an error means that nothing can be written for now, but all can be read. */
export function isUnwritable(error: unknown): boolean {
  return /disk is full|readonly database|read-only|locked|busy/i.test(errorText(error));
}

/** Whether an error means that another process has locked the file for longer than SQLite waits. */
export function isLocked(error: unknown): boolean {
  return locked.test(errorText(error));
}

/** Why a call failed, if the database is the cause; undefined for any other error. */
export function databaseFault(error: unknown, path: string): string | undefined {
  const reason = errorText(error);
  const meaning = meanings.find(([pattern]) => pattern.test(reason))?.[1];
  return meaning && `The database ${path} cannot be used: ${meaning} (${reason}). It is left as it is.`;
}
