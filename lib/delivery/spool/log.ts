import type { Log } from '../../common/log.js';
import { codeOf } from './file-access.js';
import type { SpoolSegment } from './segment.js';

/** Log lines about files and folders of the spool. */
export class SpoolLog {
  readonly #log: Log;
  readonly #spoolDir: string;
  /** Paths that are not logged (again). */
  readonly #muted = new Set<string>();

  constructor(log: Log, spoolDir: string) {
    this.#log = log;
    this.#spoolDir = spoolDir;
  }

  /** A file or folder is left alone: because of `error`, or because it is not the spool's. Logged once for each path. */
  passOver(path: string, error?: unknown): void {
    if (this.#muted.has(path)) return;
    this.#muted.add(path);
    const why =
      error === undefined ? 'is no folder or file of this spool and user' : `cannot be used (${codeOf(error)})`;
    this.#log.warn(`spool ${path}`, `${path} in the spool folder ${why}; it stays there and is ignored`);
  }

  mute(path: string): void {
    this.#muted.add(path);
  }

  /** A file of items could not be read. */
  unreadable(segment: SpoolSegment, error: unknown): void {
    const what = segment.isGone ? 'what was in it is lost' : 'it stays there for another try';
    const { path = segment.path } = error as NodeJS.ErrnoException;
    this.#log.warn('spool read', `cannot read ${path} of the spool (${codeOf(error)}); ${what}`);
  }

  /** An item is not written, because it would take more than half of the room. */
  tooLarge(bytes: number, maxSpoolBytes: number): void {
    const what = `an item of ${bytes} bytes is larger than half of maxSpoolBytes (${maxSpoolBytes})`;
    this.#log.warn('spool item', `${what}, so it is held in memory only; raise maxSpoolBytes`);
  }

  /** @param what - what could not be done, such as `write to` */
  fault(what: string, error: unknown): void {
    const why = `cannot ${what} the spool folder ${this.#spoolDir} (${codeOf(error)})`;
    this.#log.warn('spool', `${why}; for now items are held in memory only`);
  }
}
