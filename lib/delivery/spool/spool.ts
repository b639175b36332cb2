import { path } from '../../common/builtins.js';
import type { Log } from '../../common/log.js';
import { performance } from '../../common/real-time.js';
import type { Item } from '../queue/item.js';
import { codeOf, doesPass } from './file-access.js';
import { partitionOf, SpoolFolder } from './folder.js';
import { writeLine } from './line.js';
import type { SpooledLine, SpoolSegment } from './segment.js';

/** Where the spool is, and whose. */
export interface SpoolOptions {
  readonly spoolDir: string;
  /** Most bytes of all files of this delivery, those it took over included; the oldest file goes first. */
  readonly maxSpoolBytes: number;
  readonly endpoint: string;
  readonly projectName: string;
  /** Decides who may send what is spooled; never written. */
  readonly apiKey: string;
  readonly log: Log;
}

/** Size at which a new file is begun, in bytes. */
const segmentBytes = 4 * 1_048_576;
/** How long after a fault nothing is written, in milliseconds. */
const pauseMs = 10_000;
/** How long after a fault a file is not read again, in milliseconds: too many open files are soon fewer. */
const retryMs = 1000;

/** A line that was read; those of other processes have ids of their own. */
export type ReadLine = SpooledLine & { readonly segment: SpoolSegment; readonly isForeign: boolean };

/**
 * Keeps items on disk until they are settled, so that they survive the process, and those that find no room in
 * memory until they do.
 *
 * ```
 *  item ──keep──> active file ──> memory                      room, and nothing parked
 *                      └────────> parked ──next──> memory     else: first in, first out
 *  files of processes that are gone ──────next──> memory      when nothing of our own is parked
 *  memory ──settle──> noted beside the file ──> file deleted when all in it is settled
 * ```
 *
 * Invariants: what `keep` answered `held` or `parked` for is in a file; an item is noted as settled before its
 * file may go; while something is parked, every new item is, so that a score stays behind its trace. Only what was settled is
 * deleted: a file that cannot be read, or has what is none of ours in its place, stays. No fault leaves this class: after one of
 * writing, items are held in memory alone for a while.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #partition: string;
  readonly #segmentBytes: number;
  readonly #places = new Map<number, { readonly segment: SpoolSegment; readonly at: number }>();
  readonly #onDrop: (ids: readonly number[], foreign: number) => void;
  #own: SpoolFolder | undefined;
  #taken: SpoolFolder[] = [];
  #active: SpoolSegment | undefined;
  /** Items of this process that are on disk only, those in `#ownLines` included. */
  #onDisk = 0;
  readonly #ownLines: ReadLine[] = [];
  readonly #takenLines: ReadLine[] = [];
  #pausedUntil = 0;
  /** Files that could not be read, and are read again at their time. */
  readonly #refused = new Set<SpoolSegment>();
  /** When to look again for what others have left, because something could not be read; infinity when all was. */
  #lookAgainAt = Number.POSITIVE_INFINITY;
  /** Things of others that were told of. */
  readonly #told = new Set<string>();

  /** @param onDrop - items on disk only had to go: the ids of this process's, and how many of others */
  constructor(options: SpoolOptions, onDrop: (ids: readonly number[], foreign: number) => void) {
    this.#options = options;
    this.#onDrop = onDrop;
    this.#segmentBytes = Math.min(segmentBytes, options.maxSpoolBytes >> 3);
    const { endpoint, projectName, apiKey } = options;
    this.#partition = partitionOf(path().resolve(options.spoolDir), endpoint, projectName, apiKey);
  }

  /** Takes over what processes that are gone have left, and shows that this one is there. */
  heartbeatAndAdopt(): void {
    let isUnread = false;
    this.#safely('look into', () => {
      for (const folder of this.#folders()) {
        this.#inFolder(folder, () => {
          if (!folder.touch()) this.#forget(folder);
        });
      }
      try {
        const found = SpoolFolder.takeOver(this.#partition, (path, error) => {
          isUnread ||= doesPass(error);
          this.#passOver(path, error);
        });
        this.#taken.push(...found);
      } catch (error) {
        isUnread = doesPass(error);
        throw error;
      }
      this.#trim();
      this.#sweep();
    });
    this.#lookAgainAt = isUnread ? performance.now() + retryMs : Number.POSITIVE_INFINITY;
  }

  /**
   * Puts an item on disk.
   * @param bodies - its bodies as texts
   * @param hasRoom - whether memory has room for it
   * @returns `held`: it is to be kept in memory, too; `parked`: it is not; `unkept`: there is no keeping it on disk
   */
  keep({ id, kind, traceId }: Item, bodies: readonly string[], hasRoom: boolean): 'inMemory' | 'onDisk' | 'unkept' {
    if (performance.now() < this.#pausedUntil) return 'unkept';
    let answer: 'inMemory' | 'onDisk' | 'unkept' = 'unkept';
    this.#safely('write to', () => {
      const line = writeLine({ id, kind, traceId, bodies });
      if (line.length > this.#options.maxSpoolBytes >> 1) return;
      const isOnDisk = this.#onDisk > 0 || !hasRoom;
      const segment = this.#writable();
      const at = segment.append(line, isOnDisk);
      if (isOnDisk) this.#onDisk += 1;
      else this.#places.set(id, { segment, at });
      answer = isOnDisk ? 'onDisk' : 'inMemory';
    });
    return answer;
  }

  /** The next line for which memory has room again, if any. @param isOwnOnly - none of other processes */
  next(isOwnOnly: boolean): ReadLine | undefined {
    if (this.#ownLines.length === 0 && this.#onDisk > 0) this.#read(this.#own?.segments ?? [], this.#ownLines);
    const own = this.#ownLines.shift();
    if (own !== undefined) this.#onDisk -= 1;
    if (own !== undefined || isOwnOnly) return own;
    if (this.#takenLines.length === 0) {
      const segments = this.#taken.flatMap((folder) => folder.segments);
      this.#read(segments, this.#takenLines);
    }
    return this.#takenLines.shift();
  }

  /** Whether other processes have left items that were not given out by `next`, or may have. */
  get isUnread(): boolean {
    if (this.#takenLines.length > 0 || this.#lookAgainAt < Number.POSITIVE_INFINITY) return true;
    return this.#taken.some(({ segments }) => segments.some(({ unread }) => unread > 0));
  }

  /** When something may be read again that could not be read; infinity where there is none. */
  get retryAt(): number {
    let at = this.#lookAgainAt;
    for (const { retryAt } of this.#refused) at = Math.min(at, retryAt);
    return at;
  }

  /** What could not be read may be read again. */
  retryNow(): void {
    for (const segment of this.#refused) segment.retryAt = 0;
    this.#refused.clear();
    if (this.#lookAgainAt < Number.POSITIVE_INFINITY) this.heartbeatAndAdopt();
  }

  /** The line is item `id` from now on. */
  place(id: number, { segment, at }: ReadLine): void {
    this.#places.set(id, { segment, at });
  }

  /** Whether the item outlives the process. */
  isOnDisk(id: number): boolean {
    return this.#places.get(id)?.segment.isGone === false;
  }

  /** The item will not be sent again, whatever became of it. Certain with `flushJournal()`. */
  settle(id: number): void {
    this.#places.get(id)?.segment.settle(this.#places.get(id)?.at ?? 0);
    this.#places.delete(id);
  }

  /** The item, which must not be sent twice, is about to be sent. Certain with `flushJournal()`. */
  markInFlight(id: number): void {
    this.#places.get(id)?.segment.markInFlight(this.#places.get(id)?.at ?? 0);
  }

  /** Writes down what was settled and handed out, and deletes what is of no use any more. */
  flushJournal(): void {
    this.#safely('write to', () => this.#sweep());
  }

  /** Lets go of the files: what is left is anybody's. */
  close(): void {
    this.#safely('write to', () => this.#sweep(true));
    for (const folder of this.#folders()) this.#inFolder(folder, () => folder.release());
    this.#own = undefined;
    this.#taken = [];
    this.#takenLines.length = 0;
    this.#refused.clear();
    this.#lookAgainAt = Number.POSITIVE_INFINITY;
    this.#pausedUntil = Number.POSITIVE_INFINITY;
  }

  #folders(): SpoolFolder[] {
    return this.#own === undefined ? this.#taken : [this.#own, ...this.#taken];
  }

  #writable(): SpoolSegment {
    if (this.#active !== undefined && this.#active.size >= this.#segmentBytes) {
      this.#active.close();
      this.#active = undefined;
      this.#trim();
    }
    this.#own ??= SpoolFolder.create(this.#partition);
    this.#active ??= this.#own.addSegment();
    return this.#active;
  }

  #read(segments: readonly SpoolSegment[], into: ReadLine[]): void {
    for (const segment of segments) {
      const expected = segment.unread;
      const before = into.length;
      for (let lines = this.#linesOf(segment); lines !== undefined; lines = this.#linesOf(segment)) {
        for (const line of lines) into.push({ ...line, segment, isForeign: segment.isForeign });
        if (into.length > before) break;
      }
      // At its end there were fewer lines than were written: somebody has cut it.
      if (!segment.isForeign && !segment.isGone && segment.unread === 0)
        this.#countLost(expected - (into.length - before));
      if (into.length > before) return;
    }
  }

  /** The next lines of a file; undefined at its end, or when it cannot be read just now. */
  #linesOf(segment: SpoolSegment): SpooledLine[] | undefined {
    if (segment.retryAt > performance.now()) return undefined;
    segment.retryAt = 0;
    this.#refused.delete(segment);
    try {
      return segment.read();
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT') this.#abandon(segment);
      // What stands there in the place of a file does not pass.
      else segment.retryAt = code === 'ENOTFILE' ? Number.POSITIVE_INFINITY : performance.now() + retryMs;
      if (!segment.isGone) this.#refused.add(segment);
      const what = segment.isGone ? 'what was in it is lost' : 'it stays there for another try';
      const { path: place = segment.path } = error as NodeJS.ErrnoException;
      this.#options.log.warn('spool read', `cannot read ${place} of the spool (${code}); ${what}`);
      return undefined;
    }
  }

  /** Notes, and deletes files that are settled; the active one starts over instead. */
  #sweep(isEnd = false): void {
    for (const folder of this.#folders()) {
      for (const segment of [...folder.segments]) {
        this.#inFolder(folder, () => {
          if (!segment.isUseless || segment.hasGrown()) segment.flushJournal();
          else if (segment !== this.#active || isEnd) this.#delete(folder, segment);
          else segment.clear();
        });
      }
    }
    for (const folder of this.#taken.filter(({ segments }) => segments.length === 0)) {
      this.#taken.splice(this.#taken.indexOf(folder), 1);
      this.#inFolder(folder, () => {
        const left = folder.release();
        if (left !== undefined) this.#told.add(left); // of what is in it
      });
    }
  }

  /** A file that cannot be deleted must at least say that it is settled. */
  #delete(folder: SpoolFolder, segment: SpoolSegment): void {
    try {
      folder.remove(segment);
    } catch (error) {
      segment.flushJournal();
      throw error;
    }
  }

  /** Makes room for one more file. */
  #trim(): void {
    const most = this.#options.maxSpoolBytes - this.#segmentBytes;
    for (let bytes = this.#bytes(); bytes > most; bytes = this.#bytes()) {
      const folder = [...this.#taken, ...(this.#own === undefined ? [] : [this.#own])].find(({ segments }) =>
        segments.some((segment) => this.#mayGo(segment)),
      );
      const oldest = folder?.segments.find((segment) => this.#mayGo(segment));
      if (folder === undefined || oldest === undefined) return;
      const ids: number[] = [];
      let foreign = 0;
      for (let lines = this.#linesOf(oldest); lines !== undefined; lines = this.#linesOf(oldest)) {
        if (oldest.isForeign) foreign += lines.length;
        else ids.push(...lines.map(({ id }) => id));
      }
      if (oldest.unread > 0) continue; // cannot be read, so that nobody knew what was lost
      folder.remove(oldest);
      this.#onDisk -= ids.length;
      this.#onDrop(ids, foreign);
    }
  }

  #mayGo(segment: SpoolSegment): boolean {
    return segment !== this.#active && segment.retryAt <= performance.now();
  }

  /** Another process took the folder for that of a dead one, and sends what is in it. */
  #forget(folder: SpoolFolder): void {
    for (const segment of folder.segments) this.#abandon(segment);
    this.#taken = this.#taken.filter((other) => other !== folder);
    if (folder !== this.#own) return;
    this.#own = undefined;
    this.#active = undefined;
  }

  /** The file is another process's, or not there any more. */
  #abandon(segment: SpoolSegment): void {
    segment.isGone = true;
    this.#refused.delete(segment);
    segment.close();
    const lost = segment.isForeign ? 0 : segment.unread;
    segment.unread = 0;
    this.#countLost(lost);
  }

  /** So many items of this process are not on disk any more. Their ids are not known, so they are given as 0. */
  #countLost(lost: number): void {
    if (lost <= 0) return;
    this.#onDisk -= lost;
    this.#onDrop(new Array<number>(lost).fill(0), 0);
  }

  #bytes(): number {
    return this.#folders().reduce((sum, folder) => sum + folder.bytes, 0);
  }

  /** Of a folder that was taken over, a fault is no reason not to write to the one of this process. */
  #inFolder(folder: SpoolFolder, action: () => void): void {
    if (folder === this.#own) {
      this.#safely('write to', action);
      return;
    }
    try {
      action();
    } catch (error) {
      this.#passOver(folder.path, error);
    }
  }

  #safely(what: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fault(what, error);
      // Its last line may be torn, so nothing may follow it.
      const active = this.#active;
      this.#active = undefined;
      if (active !== undefined) this.#safely('close a file of', () => active.close());
    }
  }

  /** Says once that something in the place of a folder or file is left alone, and why. */
  #passOver(path: string, error?: unknown): void {
    if (this.#told.has(path)) return;
    this.#told.add(path);
    const why =
      error === undefined ? 'is no folder or file of this spool and user' : `cannot be used (${codeOf(error)})`;
    this.#options.log.warn(`spool ${path}`, `${path} in the spool folder ${why}; it stays there and is passed over`);
  }

  #fault(what: string, error: unknown): void {
    const { log, spoolDir } = this.#options;
    const why = `cannot ${what} the spool folder ${spoolDir} (${codeOf(error)})`;
    log.warn('spool', `${why}; for now items are held in memory only`);
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + pauseMs);
  }
}
