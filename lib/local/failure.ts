/**
 * The exit codes of the command line. Source: `docs/local-server.md`, *Exit codes*, compared with this table by a spec.
 */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** Something else went wrong. */
  failed: 1,
  /** The command line was wrong. */
  usage: 2,
  /** Another program, or another local server, has the port. */
  portTaken: 3,
  /** The file cannot be opened, created or written, is not a database, or belongs to another program. */
  file: 4,
  /** The file was written by a newer version. */
  newerFile: 5,
  /** There is no SQLite: an older Node without the `libsql` package. */
  noSqlite: 6,
  /** The server does not answer, or refuses the call. */
  unreachable: 7,
  /** No such trace, session or project. */
  notFound: 8,
  /** `run` cannot start the program; the code that shells use. */
  noProgram: 127,
  /** Stopped with Ctrl+C before it was done: 128 plus the number of the signal, as in shells. */
  interrupted: 130,
} as const;

/** A reason to end, by its name in {@link exitCodes}. */
export type ExitReason = keyof typeof exitCodes;

/** Ends the command line with one clear line and an exit code, without a stack. */
export class LocalFailure extends Error {
  override readonly name = 'LocalFailure';
  readonly ending: ExitReason;
  constructor(ending: ExitReason, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.ending = ending;
  }
}
