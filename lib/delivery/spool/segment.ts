import { fs } from '../../common/builtins.js';
import { checked, codeOf } from './file-access.js';
import { readLines, type SpoolLine } from './line.js';

/** Permissions of the files: the owner only. */
const fileMode = 0o600;
/** Written behind a torn journal entry, which it makes invalid: a torn `812` might read as `81`, the entry of another item. */
const tornEnd = 'x\n';
/** Bytes of a file that are read at a time; more if a line is longer. */
const chunkBytes = 262_144;

/** A line that was read. `wasInFlight`: an earlier process had begun to send its item, which may be stored. */
export interface SpooledLine extends SpoolLine {
  readonly wasInFlight: boolean;
}

/**
 * An append-only file of items, with a journal beside it that says which of them were settled.
 *
 * ```
 *  000003.spool   line line line line line line┆torn        items in the order of recording
 *                 ──── passed ────^──── unread ────
 *                             cursor
 *  000003.done    0⏎ 812⏎ ?1630⏎ 8┆torn                     the journal: settled items, by the offset of their line; ? = in flight
 * ```
 *
 * Invariants: items of passed lines are in memory or settled. Items of unread lines are on disk only, also when the file cannot be
 * read just now. A segment without items in memory and without unread lines is useless. In both files a line counts only with its
 * line end, so what a kill or a full disk has torn does not count.
 */
export class SpoolSegment {
  readonly #path: string;
  #fd: number | undefined;
  /** Bytes of both files. */
  bytes: number;
  /** Number of its items that are in memory. */
  inMemory = 0;
  /** Number of lines after the cursor; infinite (unknown) for a file of another process until its end was read. */
  unread: number;
  #size: number;
  #cursor = 0;
  #journal = '';
  /** Offsets from the journal of an earlier process; read with the first line. */
  #past: { readonly settled: Set<number>; readonly inFlight: Set<number> } | undefined;
  readonly isForeign: boolean;
  /** Its files are deleted, or belong to another process now. */
  isGone = false;
  /** When to read again after a fault, by `performance.now()`. */
  retryAt = 0;

  /** @param path - without `.spool`. @param size - size of an existing file; undefined for a new one */
  constructor(path: string, size?: number) {
    this.#path = path;
    this.isForeign = size !== undefined;
    this.unread = this.isForeign ? Number.POSITIVE_INFINITY : 0;
    this.#size = size ?? 0;
    this.bytes = this.#size;
    // Not opened for appending: Windows would not let `clear` empty the file.
    if (!this.isForeign) this.#fd = fs().openSync(`${path}.spool`, 'wx', fileMode);
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
   * Appends a line. When this returns, the line survives the process.
   * @param isOnDisk - the item stays on disk only, to be read later
   * @returns offset of the line
   */
  append(line: string, isOnDisk: boolean): number {
    if (this.#fd === undefined) throw new Error('the file is closed');
    const bytes = Buffer.from(line);
    const at = this.#size;
    for (let written = 0; written < bytes.length; ) {
      const more = fs().writeSync(this.#fd, bytes, written, bytes.length - written, this.#size);
      this.#size += more; // counted also if a later write fails
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

  /** The next unsettled lines after the cursor, which count as in memory from now on; undefined at the end. */
  read(): SpooledLine[] | undefined {
    if (this.unread === 0) return undefined;
    this.#past ??= this.isForeign ? this.#readPast() : { settled: new Set(), inFlight: new Set() };
    const { settled, inFlight } = this.#past;
    for (let wanted = chunkBytes; ; wanted *= 2) {
      const asked = Math.min(wanted, this.#size - this.#cursor);
      const bytes = this.#readBytes(asked, this.#cursor);
      const { lines, length } = readLines(bytes, this.#cursor);
      // Fewer bytes than expected: somebody has cut the file.
      const isEnd = bytes.length < asked || this.#cursor + bytes.length >= this.#size;
      if (length === 0 && !isEnd) continue; // the line is longer than what was read
      this.#cursor += length;
      const open = lines.filter(({ at }) => !settled.has(at));
      this.inMemory += open.length;
      if (isEnd) this.unread = 0;
      else if (!this.isForeign) this.unread -= open.length;
      return open.map((line) => ({ ...line, wasInFlight: inFlight.has(line.at) }));
    }
  }

  /** The line at an offset, of an item in memory; undefined if it is not there any more. */
  readAt(at: number): SpoolLine | undefined {
    for (let wanted = chunkBytes; ; wanted *= 2) {
      const asked = Math.min(wanted, this.#size - at);
      const bytes = this.#readBytes(asked, at);
      const end = bytes.indexOf('\n');
      if (end >= 0) return readLines(bytes.subarray(0, end + 1), at).lines[0];
      if (bytes.length < wanted) return undefined;
    }
  }

  /** An item will not be sent again. Written with the next `flushJournal()`. */
  settle(at: number): void {
    this.inMemory -= 1;
    this.#journal += `${at}\n`;
  }

  /** An item that must not be sent twice is about to be sent. Written with the next `flushJournal()`. */
  markInFlight(at: number): void {
    this.#journal += `?${at}\n`;
  }

  /** Writes to the journal which items were settled or are in flight. */
  flushJournal(): void {
    if (this.#journal === '' || this.isGone) return;
    const news = this.#journal;
    this.#journal = tornEnd + news; // if this fails half way, all of it is written again; an entry may stand there twice
    fs().appendFileSync(checked(`${this.#path}.done`), news, { mode: fileMode });
    this.#journal = '';
    this.bytes += news.length;
  }

  /** Empties both files when all items are settled. Items first: an item without its journal entry would be sent again. */
  clear(): void {
    if (this.#size === 0 || this.#fd === undefined) return;
    fs().ftruncateSync(this.#fd, 0);
    this.#journal = ''; // not before, because the items may still be there after a fault
    this.#size = 0;
    this.bytes = 0;
    this.#cursor = 0;
    try {
      fs().truncateSync(`${this.#path}.done`);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error; // there is no journal yet
    }
  }

  /** Closes the file for appending. */
  close(): void {
    if (this.#fd !== undefined) fs().closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Whether a file of another process has grown since it was read. Then its lines are unread again. */
  hasGrown(): boolean {
    if (!this.isForeign || this.isGone) return false;
    const size = fs().statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= this.#size) return false;
    this.bytes += size - this.#size;
    this.#size = size;
    this.unread = Number.POSITIVE_INFINITY;
    return true;
  }

  /** Deletes both files, the items first (see `clear`). */
  remove(): void {
    this.close();
    unlink(this.path);
    this.isGone = true;
    unlink(`${this.#path}.done`);
  }

  #readBytes(length: number, at: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    const fd = fs().openSync(checked(this.path), 'r');
    try {
      let read = 0;
      while (read < length) {
        const more = fs().readSync(fd, bytes, read, length - read, at + read);
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
    if (text !== '' && !text.endsWith('\n')) this.#journal = tornEnd + this.#journal;
    for (const [, mark, at] of text.matchAll(/^(\??)(\d+)\n/gm))
      past[mark === '?' ? 'inFlight' : 'settled'].add(Number(at));
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
