import { fs } from '../../common/builtins.js';
import { checked, codeOf } from './file-access.js';
import { readLines, type SpoolLine } from './line.js';

/** Permissions of the files: the owner only. */
const fileMode = 0o600;
/** What is read of a file at a time, in bytes; more for a line that is longer. */
const chunkBytes = 262_144;

/** A line that was read, and whether it may have been sent before. */
export interface SpooledLine extends SpoolLine {
  readonly isUncertain: boolean;
}

/**
 * One append-only file of items, with a file beside it of what became of them.
 *
 * ```
 *  000003.spool   line line line line line line┆torn        items in the order of recording
 *                 ──── passed ────^──── unread ────
 *                             cursor
 *  000003.done    0⏎ 812⏎ ?1630⏎                            settled, by where the line begins; ? = handed out
 * ```
 *
 * Invariants: what is passed is in memory (`inMemory`) or settled; what is unread is on disk only, also when it cannot be read just
 * now. A segment with nothing held and nothing unread is of no use any more. A line counts only with its end, so one torn by a
 * kill is none.
 */
export class SpoolSegment {
  readonly #path: string;
  #fd: number | undefined;
  /** Bytes of both files. */
  bytes: number;
  /** Items in memory. */
  inMemory = 0;
  /** Lines after the cursor; unknown, and so infinite, in a file of another process until its end is read. */
  unread: number;
  #size: number;
  #cursor = 0;
  #journal = '';
  /** What an earlier process has settled and handed out; read with the first line. */
  #past: { readonly settled: Set<number>; readonly inFlight: Set<number> } | undefined;
  readonly isForeign: boolean;
  /** Its files are deleted, or another process's. */
  isGone = false;
  /** When to try again what the disk has refused, by `performance.now()`. */
  retryAt = 0;

  /** @param path - without `.spool`; @param size - of a file that is there, undefined for a new one */
  constructor(path: string, size?: number) {
    this.#path = path;
    this.isForeign = size !== undefined;
    this.unread = this.isForeign ? Number.POSITIVE_INFINITY : 0;
    this.#size = size ?? 0;
    this.bytes = this.#size;
    if (!this.isForeign) this.#fd = fs().openSync(`${path}.spool`, 'ax', fileMode);
  }

  /** The file of items. */
  get path(): string {
    return `${this.#path}.spool`;
  }

  get size(): number {
    return this.#size;
  }

  get isUseless(): boolean {
    return this.inMemory === 0 && this.unread === 0;
  }

  /**
   * Appends a line, at once: what this returns for survives the process.
   * @param isOnDisk - it stays on disk only, to be read later
   * @returns where the line begins
   */
  append(line: string, isOnDisk: boolean): number {
    if (this.#fd === undefined) throw new Error('the file is closed');
    const bytes = Buffer.from(line);
    const at = this.#size;
    for (let written = 0; written < bytes.length; ) {
      const more = fs().writeSync(this.#fd, bytes, written);
      this.#size += more; // also when a later piece fails: what is there already is there
      this.bytes += more;
      written += more;
    }
    if (isOnDisk) {
      if (this.unread === 0) this.#cursor = at;
      this.unread += 1;
    } else {
      this.inMemory += 1;
    }
    return at;
  }

  /** The next lines after the cursor that are not settled; `undefined` at the end. They are held from now on. */
  read(): SpooledLine[] | undefined {
    if (this.unread === 0) return undefined;
    this.#past ??= this.isForeign ? this.#readPast() : { settled: new Set(), inFlight: new Set() };
    const { settled, inFlight } = this.#past;
    for (let wanted = chunkBytes; ; wanted *= 2) {
      const asked = Math.min(wanted, this.#size - this.#cursor);
      const bytes = this.#readBytes(asked);
      const { lines, length } = readLines(bytes, this.#cursor);
      // Fewer bytes than there were: somebody has cut the file.
      const isEnd = bytes.length < asked || this.#cursor + bytes.length >= this.#size;
      if (length === 0 && !isEnd) continue; // a line longer than this
      this.#cursor += length;
      const open = lines.filter(({ at }) => !settled.has(at));
      this.inMemory += open.length;
      if (isEnd) this.unread = 0;
      else if (!this.isForeign) this.unread -= open.length;
      return open.map((line) => ({ ...line, isUncertain: inFlight.has(line.at) }));
    }
  }

  /** An item will not be sent again; noted with the next `flushJournal()`. */
  settle(at: number): void {
    this.inMemory -= 1;
    this.#journal += `${at}\n`;
  }

  /** An item that must not be sent twice is about to be sent. */
  markInFlight(at: number): void {
    this.#journal += `?${at}\n`;
  }

  /** Writes down what was settled and handed out. */
  flushJournal(): void {
    if (this.#journal === '' || this.isGone) return;
    const news = this.#journal;
    this.#journal = `\n${news}`; // again, on a line of its own, if this fails half way; a note may stand there twice
    fs().appendFileSync(checked(`${this.#path}.done`), news, { mode: fileMode });
    this.#journal = '';
    this.bytes += news.length;
  }

  /** Starts over with empty files, as all in them is settled. In this order: an item without its note would be sent again. */
  clear(): void {
    this.#journal = '';
    if (this.#size === 0 || this.#fd === undefined) return;
    fs().ftruncateSync(this.#fd, 0);
    this.#size = 0;
    this.bytes = 0;
    this.#cursor = 0;
    try {
      fs().truncateSync(`${this.#path}.done`);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error; // nothing was noted yet
    }
  }

  /** No more is appended. */
  close(): void {
    if (this.#fd !== undefined) fs().closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Another process's file has grown since it was read: there is more to send. */
  hasGrown(): boolean {
    if (!this.isForeign || this.isGone) return false;
    const size = fs().statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= this.#size) return false;
    this.bytes += size - this.#size;
    this.#size = size;
    this.unread = Number.POSITIVE_INFINITY;
    return true;
  }

  /** Deletes the files; the items first, for the same reason. */
  remove(): void {
    this.close();
    unlink(this.path);
    this.isGone = true;
    unlink(`${this.#path}.done`);
  }

  #readBytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    const fd = fs().openSync(checked(this.path), 'r');
    try {
      let read = 0;
      while (read < length) {
        const more = fs().readSync(fd, bytes, read, length - read, this.#cursor + read);
        if (more === 0) break;
        read += more;
      }
      return bytes.subarray(0, read);
    } finally {
      fs().closeSync(fd);
    }
  }

  #readPast(): { readonly settled: Set<number>; readonly inFlight: Set<number> } {
    const past = { settled: new Set<number>(), inFlight: new Set<number>() };
    let text = '';
    try {
      text = fs().readFileSync(checked(`${this.#path}.done`), 'latin1');
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    this.bytes += text.length;
    if (!text.endsWith('\n')) this.#journal = `\n${this.#journal}`;
    // The last piece has no line end: nothing, or torn.
    for (const note of text.split('\n').slice(0, -1)) {
      if (note.startsWith('?')) past.inFlight.add(Number(note.slice(1)));
      else if (note !== '') past.settled.add(Number(note));
    }
    return past;
  }
}

function unlink(path: string): void {
  try {
    fs().unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
