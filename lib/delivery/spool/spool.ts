import { performance } from '../../common/real-time.js';
import type { Item } from '../queue/item.js';
import { codeOf } from './file-access.js';
import { type FilePlace, SpoolFiles } from './files.js';
import { writeLine } from './line.js';
import { SpoolLog } from './log.js';
import type { SpoolOptions } from './options.js';
import { type ReadLine, retryMs, SpoolReader } from './reader.js';
import type { SpoolSegment } from './segment.js';

/**
 * Keeps items on disk until they are settled, so that they survive the process. Items that memory has no room for wait on disk only.
 *
 * ```
 *  item ──keep──> active file ──> memory                      memory has room, and no earlier item is on disk only
 *                      └────────> on disk only ──next──> memory     else: first in, first out
 *  files of processes that have ended ───────────next──> memory     when no item of this process is on disk only
 *  memory ──leave──> on disk only ──next──> memory                  memory dropped it; first of all, after a pause
 *  memory ──settle──> journal beside the file ──> file deleted when all its items are settled
 * ```
 *
 * Invariants: an item for which `keep` returned `inMemory` or `onDisk` is in a file. While an item is on disk only, every new item is,
 * too, so that a score stays behind its trace. For the files themselves see {@link SpoolFiles}.
 */
export class Spool {
  readonly #files: SpoolFiles;
  /** Readers of this process's files, and of the adopted ones. */
  readonly #ownReader: SpoolReader;
  readonly #adoptedReader: SpoolReader;
  readonly #places = new Map<number, FilePlace>();
  readonly #log: SpoolLog;
  /** Items that memory has dropped, the oldest first. They are read again from `#leftUntil` on. */
  readonly #left = new Set<number>();
  #leftUntil = 0;
  /** Whether the first of them could not be read the last time. */
  #isLeftUnreadable = false;
  readonly #onDrop: (ids: readonly number[], foreign: number) => void;
  /** How many items of this process are on disk only. Lines that were read but not given out count, too. */
  #onDisk = 0;

  /** @param onDrop - called when items were deleted unsent: ids of this process's items, and the number of adopted ones */
  constructor(options: SpoolOptions, onDrop: (ids: readonly number[], foreign: number) => void) {
    this.#onDrop = onDrop;
    const log = new SpoolLog(options.log, options.spoolDir);
    this.#log = log;
    const onGone = (segment: SpoolSegment) => this.#abandon(segment);
    this.#ownReader = new SpoolReader(log, onGone, (lost) => this.#countLost(lost));
    this.#adoptedReader = new SpoolReader(log, onGone);
    this.#files = new SpoolFiles(options, log, { onGone, onTrim: (segment) => this.#readRest(segment) });
  }

  /** See {@link SpoolFiles.heartbeatAndAdopt}. */
  heartbeatAndAdopt(): void {
    this.#files.heartbeatAndAdopt();
  }

  /**
   * Puts an item on disk.
   * @param hasRoom - whether memory has room for it
   * @returns `inMemory`: it belongs in memory as well; `onDisk`: it stays on disk only; `unkept`: the disk did not take it
   */
  keep(item: Item, bodies: readonly string[], hasRoom: boolean): 'inMemory' | 'onDisk' | 'unkept' {
    const { id, kind, traceId, isUpdate, isUncertain, isRemote } = item;
    const isOnDisk = this.#onDisk > 0 || !hasRoom;
    const write = () => writeLine({ id, kind, traceId, bodies, isUpdate, isUncertain, isRemote });
    const place = this.#files.append(write, isOnDisk);
    if (place === undefined) return 'unkept';
    if (isOnDisk) this.#onDisk += 1;
    else this.#places.set(id, place);
    return isOnDisk ? 'onDisk' : 'inMemory';
  }

  /** Whether items of this process are on disk only, so that every new one must be, too. */
  get isBehind(): boolean {
    return this.#onDisk > 0 || (this.#left.size > 0 && !this.#isLeftUnreadable);
  }

  /** The next item that is on disk only. @param isOwnOnly - leaves adopted items alone */
  next(isOwnOnly: boolean): ReadLine | undefined {
    const left = this.#nextLeft();
    if (left !== undefined || (this.#left.size > 0 && !this.#isLeftUnreadable)) return left;
    const own = this.#onDisk > 0 ? this.#ownReader.next(this.#files.own) : undefined;
    if (own !== undefined) this.#onDisk -= 1;
    if (own !== undefined || isOwnOnly) return own;
    return this.#adoptedReader.next(this.#files.adopted);
  }

  /** Whether `next` has not given out all items of other processes, as far as is known. */
  get isUnread(): boolean {
    if (this.#adoptedReader.hasLines || this.#files.nextScanAt < Number.POSITIVE_INFINITY) return true;
    return this.#files.adopted.some(({ unread }) => unread > 0);
  }

  /** When to read files and folders again that could not be read; infinity if there are none. */
  get retryAt(): number {
    const leftUntil = this.#left.size > 0 ? this.#leftUntil : Number.POSITIVE_INFINITY;
    return Math.min(leftUntil, this.#files.nextScanAt, this.#ownReader.retryAt, this.#adoptedReader.retryAt);
  }

  /** Lets files and folders that could not be read be read again at once. */
  retryNow(): void {
    this.#ownReader.retryNow();
    this.#adoptedReader.retryNow();
    if (this.#files.nextScanAt < Number.POSITIVE_INFINITY) this.#files.heartbeatAndAdopt();
  }

  /** The line belongs to item `id` from now on. */
  place(id: number, { segment, at }: ReadLine): void {
    this.#places.set(id, { segment, at });
  }

  /** Whether the item survives the process. */
  isOnDisk(id: number): boolean {
    return this.#places.get(id)?.segment.isGone === false;
  }

  /** Memory drops the item. @returns whether it is on disk, from where it is read again */
  leave(id: number): boolean {
    if (!this.isOnDisk(id)) return false;
    this.#left.add(id);
    this.#leftUntil = performance.now() + retryMs;
    return true;
  }

  /** The item will not be sent again. Certain after `flushJournal()`. */
  settle(id: number): void {
    const place = this.#places.get(id);
    place?.segment.settle(place.at);
    this.#places.delete(id);
    this.#left.delete(id);
  }

  /** The item, which must not be sent twice, is about to be sent. Certain after `flushJournal()`. */
  markInFlight(id: number): void {
    const place = this.#places.get(id);
    place?.segment.markInFlight(place.at);
  }

  /** Writes down which items were settled or are in flight, and deletes files without unsettled items. */
  flushJournal(): void {
    this.#files.flushJournals();
  }

  /** Releases the files: any process may adopt them. */
  close(): void {
    this.#files.close();
    this.#ownReader.close();
    this.#adoptedReader.close();
  }

  /** The next item that memory has dropped; undefined if there is none, or if it is not to be read yet. */
  #nextLeft(): ReadLine | undefined {
    if (performance.now() < this.#leftUntil) return undefined;
    for (const id of this.#left) {
      const { segment, at } = this.#places.get(id) as FilePlace; // see `leave`
      try {
        const line = segment.readAt(at);
        this.#isLeftUnreadable = false;
        this.#left.delete(id);
        this.#places.delete(id);
        if (line !== undefined) return { ...line, id, segment, isForeign: false, wasInFlight: true };
        this.#onDrop([id], 0); // somebody has cut the file
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return this.#abandon(segment);
        this.#isLeftUnreadable = true;
        this.#leftUntil = performance.now() + retryMs;
        this.#log.unreadable(segment, error);
        return undefined;
      }
    }
    return undefined;
  }

  /** Reads the rest of a file that is to be deleted. @returns a function that counts its lines as dropped; undefined if they cannot be read now */
  #readRest(segment: SpoolSegment): (() => void) | undefined {
    const reader = segment.isForeign ? this.#adoptedReader : this.#ownReader;
    if (!reader.readRest(segment)) return undefined;
    return () => {
      const lines = reader.takeLinesOf(segment);
      const left = this.#takeLeft(segment);
      if (segment.isForeign) {
        this.#onDrop(left, lines.length);
      } else {
        this.#onDisk -= lines.length;
        this.#onDrop([...left, ...lines.map(({ id }) => id)], 0);
      }
    };
  }

  /** Takes the items that memory had dropped and whose file is deleted. @returns their ids */
  #takeLeft(segment: SpoolSegment): readonly number[] {
    const ids = [...this.#left].filter((id) => this.#places.get(id)?.segment === segment);
    for (const id of ids) {
      this.#left.delete(id);
      this.#places.delete(id);
    }
    return ids;
  }

  /** The file belongs to another process now, or is deleted. */
  #abandon(segment: SpoolSegment): undefined {
    segment.isGone = true;
    segment.close();
    this.#onDrop(this.#takeLeft(segment), 0);
    const lost = segment.isForeign ? 0 : segment.unread;
    segment.unread = 0;
    this.#countLost(lost);
  }

  /** Counts items of this process that are not on disk any more. Their ids are unknown, so 0 stands for each. */
  #countLost(lost: number): void {
    if (lost <= 0) return;
    this.#onDisk -= lost;
    this.#onDrop(new Array<number>(lost).fill(0), 0);
  }
}
