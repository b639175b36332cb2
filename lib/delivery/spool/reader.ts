import { performance } from '../../common/real-time.js';
import { codeOf } from './file-access.js';
import type { SpoolLog } from './log.js';
import type { SpooledLine, SpoolSegment } from './segment.js';

/** How long after a fault a file is read again, in milliseconds: a fault such as too many open files is soon over. */
export const retryMs = 1000;

/** A line that was read. `isForeign`: another process wrote it, so its id is that process's. */
export type ReadLine = SpooledLine & { readonly segment: SpoolSegment; readonly isForeign: boolean };

/** Reads items from files in their order, some lines at a time. A file that cannot be read is skipped, and read again later. */
export class SpoolReader {
  readonly #log: SpoolLog;
  readonly #onGone: (segment: SpoolSegment) => void;
  readonly #onLost: (lines: number) => void;
  /** Lines that were read and not given out. */
  #lines: ReadLine[] = [];
  /** Files that could not be read. */
  readonly #unreadable = new Set<SpoolSegment>();

  /**
   * @param onGone - called when a file is not there any more
   * @param onLost - called with the number of lines that a file of this process lacks: somebody has cut it
   */
  constructor(log: SpoolLog, onGone: (segment: SpoolSegment) => void, onLost: (lines: number) => void = () => {}) {
    this.#log = log;
    this.#onGone = onGone;
    this.#onLost = onLost;
  }

  /** Whether lines are there that were read and not given out. */
  get hasLines(): boolean {
    return this.#lines.length > 0;
  }

  /** When the first of the files that could not be read is read again; infinity when there is none. */
  get retryAt(): number {
    let at = Number.POSITIVE_INFINITY;
    for (const { retryAt, isGone } of this.#unreadable) if (!isGone) at = Math.min(at, retryAt);
    return at;
  }

  /** Files that could not be read may be read again now. */
  retryNow(): void {
    for (const segment of this.#unreadable) segment.retryAt = 0;
    this.#unreadable.clear();
  }

  /** The next line of these files, if any. */
  next(segments: readonly SpoolSegment[]): ReadLine | undefined {
    if (this.#lines.length === 0) this.#read(segments);
    return this.#lines.shift();
  }

  /** Reads all of a file. @returns false when that is impossible just now */
  readRest(segment: SpoolSegment): boolean {
    while (this.#readSome(segment));
    return segment.unread === 0;
  }

  /** Takes the lines of a file that were read and not given out. */
  takeLinesOf(segment: SpoolSegment): readonly ReadLine[] {
    const taken = this.#lines.filter((line) => line.segment === segment);
    this.#lines = this.#lines.filter((line) => line.segment !== segment);
    return taken;
  }

  close(): void {
    this.#lines = [];
    this.#unreadable.clear();
  }

  /** The next lines of a file; undefined at its end, or when it cannot be read just now. */
  #linesOf(segment: SpoolSegment): SpooledLine[] | undefined {
    if (segment.retryAt > performance.now()) return undefined;
    segment.retryAt = 0;
    this.#unreadable.delete(segment);
    try {
      return segment.read();
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT') this.#onGone(segment);
      else {
        // What stands there is not a file of the spool. It is left alone, and not read again.
        segment.retryAt = code === 'ENOTFILE' ? Number.POSITIVE_INFINITY : performance.now() + retryMs;
        this.#unreadable.add(segment);
      }
      this.#log.unreadable(segment, error);
      return undefined;
    }
  }

  /** Reads the next lines of a file. @returns false at its end, or when it cannot be read just now */
  #readSome(segment: SpoolSegment): boolean {
    const { unread, isForeign } = segment;
    const lines = this.#linesOf(segment);
    if (lines === undefined) return false;
    for (const line of lines) this.#lines.push({ ...line, segment, isForeign });
    if (!isForeign) this.#onLost(unread - segment.unread - lines.length);
    return true;
  }

  #read(segments: readonly SpoolSegment[]): void {
    for (const segment of segments) {
      while (this.#lines.length === 0 && this.#readSome(segment));
      if (this.#lines.length > 0) return;
    }
  }
}
