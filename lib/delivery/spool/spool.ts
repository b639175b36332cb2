import { path } from '../../common/builtins.js';
import type { Log } from '../../common/log.js';
import { performance } from '../../common/real-time.js';
import type { Item } from '../queue/item.js';
import { doesPass } from './file-access.js';
import { partitionOf, SpoolFolder } from './folder.js';
import { writeLine } from './line.js';
import { SpoolLog } from './log.js';
import { type ReadLine, retryMs, SpoolReader } from './reader.js';
import type { SpoolSegment } from './segment.js';

/** Where the spool is, and to whom it belongs. */
export interface SpoolOptions {
  readonly spoolDir: string;
  /** Most bytes of all files of this delivery, adopted ones included; the oldest file is deleted first. */
  readonly maxSpoolBytes: number;
  readonly endpoint: string;
  readonly projectName: string;
  /** Only a delivery with the same key may send the items. Never written to disk. */
  readonly apiKey: string;
  readonly log: Log;
}

/** Size of a file at which the next one is begun, in bytes. */
const segmentBytes = 4 * 1_048_576;
/** How long nothing is written after a fault, in milliseconds. */
const pauseMs = 10_000;
/**
 * Keeps items on disk until they are settled, so that they survive the process, and those that memory has no room for until it
 * has.
 *
 * ```
 *  item ──keep──> active file ──> memory                      memory has room, and no earlier item is on disk only
 *                      └────────> on disk only ──next──> memory     else: first in, first out
 *  files of processes that have ended ───────────next──> memory     when no item of this process is on disk only
 *  memory ──settle──> journal beside the file ──> file deleted when all its items are settled
 * ```
 *
 * Invariants: an item for which `keep` returned `inMemory` or `onDisk` is in a file. An item is in the journal before its file is
 * deleted. While an item is on disk only, every new item is, too, so that a score stays behind its trace. Only settled items are
 * deleted: a file that cannot be read, or is not the spool's, stays. No fault leaves this class: after a fault of writing, items
 * are kept in memory only for a while.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #log: SpoolLog;
  /** Of the files of this process, and of those that were adopted. */
  readonly #ownReader: SpoolReader;
  readonly #adoptedReader: SpoolReader;
  readonly #partition: string;
  readonly #segmentBytes: number;
  readonly #places = new Map<number, { readonly segment: SpoolSegment; readonly at: number }>();
  readonly #onDrop: (ids: readonly number[], foreign: number) => void;
  #own: SpoolFolder | undefined;
  #adopted: SpoolFolder[] = [];
  #active: SpoolSegment | undefined;
  /** Items of this process that are on disk only, those that were read and not given out included. */
  #onDisk = 0;
  #pausedUntil = 0;
  /** When to look again for files of other processes, because a folder could not be read; infinity otherwise. */
  #nextScanAt = Number.POSITIVE_INFINITY;

  /** @param onDrop - called when items were deleted unsent: ids of this process's items, and the number of adopted ones */
  constructor(options: SpoolOptions, onDrop: (ids: readonly number[], foreign: number) => void) {
    this.#options = options;
    this.#onDrop = onDrop;
    this.#log = new SpoolLog(options.log, options.spoolDir);
    const onGone = (segment: SpoolSegment) => this.#abandon(segment);
    this.#ownReader = new SpoolReader(this.#log, onGone, (lost) => this.#countLost(lost));
    this.#adoptedReader = new SpoolReader(this.#log, onGone);
    this.#segmentBytes = Math.min(segmentBytes, options.maxSpoolBytes >> 3);
    const { endpoint, projectName, apiKey } = options;
    this.#partition = partitionOf(path().resolve(options.spoolDir), endpoint, projectName, apiKey);
  }

  /** Shows other processes that this one runs, and adopts the folders of processes that have ended. */
  heartbeatAndAdopt(): void {
    let isUnread = false;
    this.#safely('look into', () => {
      for (const folder of this.#folders()) {
        this.#inFolder(folder, () => {
          if (!folder.touch()) this.#forget(folder);
        });
      }
      try {
        const found = SpoolFolder.adopt(this.#partition, (path, error) => {
          isUnread ||= doesPass(error);
          this.#log.passOver(path, error);
        });
        this.#adopted.push(...found);
      } catch (error) {
        isUnread = doesPass(error);
        throw error;
      }
      this.#trim();
      this.#sweep();
    });
    this.#nextScanAt = isUnread ? performance.now() + retryMs : Number.POSITIVE_INFINITY;
  }

  /**
   * Puts an item on disk.
   * @param hasRoom - whether memory has room for it
   * @returns `inMemory`: it belongs in memory as well; `onDisk`: it stays on disk only; `unkept`: the disk did not take it
   */
  keep(item: Item, bodies: readonly string[], hasRoom: boolean): 'inMemory' | 'onDisk' | 'unkept' {
    const { id, kind, traceId, isUpdate, isUncertain, isRemote } = item;
    if (performance.now() < this.#pausedUntil) return 'unkept';
    let answer: 'inMemory' | 'onDisk' | 'unkept' = 'unkept';
    this.#safely('write to', () => {
      const line = writeLine({ id, kind, traceId, bodies, isUpdate, isUncertain, isRemote });
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

  /** Whether items of this process are on disk only, so that every new one must be, too. */
  get isBehind(): boolean {
    return this.#onDisk > 0;
  }

  /** The next item that is on disk only. @param isOwnOnly - leaves adopted items alone */
  next(isOwnOnly: boolean): ReadLine | undefined {
    const own = this.#onDisk > 0 ? this.#ownReader.next(this.#own?.segments ?? []) : undefined;
    if (own !== undefined) this.#onDisk -= 1;
    if (own !== undefined || isOwnOnly) return own;
    return this.#adoptedReader.next(this.#adopted.flatMap(({ segments }) => segments));
  }

  /** Whether `next` has not given out all items of other processes, as far as is known. */
  get isUnread(): boolean {
    if (this.#adoptedReader.hasLines || this.#nextScanAt < Number.POSITIVE_INFINITY) return true;
    return this.#adopted.some(({ segments }) => segments.some(({ unread }) => unread > 0));
  }

  /** When to read again what could not be read; infinity when there is nothing of that kind. */
  get retryAt(): number {
    return Math.min(this.#nextScanAt, this.#ownReader.retryAt, this.#adoptedReader.retryAt);
  }

  /** Makes everything that could not be read readable at once. */
  retryNow(): void {
    this.#ownReader.retryNow();
    this.#adoptedReader.retryNow();
    if (this.#nextScanAt < Number.POSITIVE_INFINITY) this.heartbeatAndAdopt();
  }

  /** The line belongs to item `id` from now on. */
  place(id: number, { segment, at }: ReadLine): void {
    this.#places.set(id, { segment, at });
  }

  /** Whether the item survives the process. */
  isOnDisk(id: number): boolean {
    return this.#places.get(id)?.segment.isGone === false;
  }

  /** The item will not be sent again. Certain after `flushJournal()`. */
  settle(id: number): void {
    this.#places.get(id)?.segment.settle(this.#places.get(id)?.at ?? 0);
    this.#places.delete(id);
  }

  /** The item, which must not be sent twice, is about to be sent. Certain after `flushJournal()`. */
  markInFlight(id: number): void {
    this.#places.get(id)?.segment.markInFlight(this.#places.get(id)?.at ?? 0);
  }

  /** Writes down which items were settled or are in flight, and deletes files without unsettled items. */
  flushJournal(): void {
    this.#safely('write to', () => this.#sweep());
  }

  /** Releases the files: any process may adopt them. */
  close(): void {
    this.#safely('write to', () => this.#sweep(true));
    for (const folder of this.#folders()) this.#inFolder(folder, () => folder.release());
    this.#own = undefined;
    this.#adopted = [];
    this.#ownReader.close();
    this.#adoptedReader.close();
    this.#nextScanAt = Number.POSITIVE_INFINITY;
    this.#pausedUntil = Number.POSITIVE_INFINITY;
  }

  #folders(): SpoolFolder[] {
    return this.#own === undefined ? this.#adopted : [this.#own, ...this.#adopted];
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

  /** Writes the journals, and deletes files without unsettled items; the active file is emptied instead. */
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
    for (const folder of this.#adopted.filter(({ segments }) => segments.length === 0)) {
      this.#adopted.splice(this.#adopted.indexOf(folder), 1);
      this.#inFolder(folder, () => {
        const left = folder.release();
        if (left !== undefined) this.#log.mute(left); // what is in it was logged
      });
    }
  }

  /** If a file cannot be deleted, its journal must say that its items are settled. */
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
      const folder = [...this.#adopted, ...(this.#own === undefined ? [] : [this.#own])].find(({ segments }) =>
        segments.some((segment) => this.#mayGo(segment)),
      );
      const oldest = folder?.segments.find((segment) => this.#mayGo(segment));
      if (folder === undefined || oldest === undefined) return;
      const ids: number[] = [];
      let foreign = 0;
      const reader = oldest.isForeign ? this.#adoptedReader : this.#ownReader;
      for (let lines = reader.linesOf(oldest); lines !== undefined; lines = reader.linesOf(oldest)) {
        if (oldest.isForeign) foreign += lines.length;
        else ids.push(...lines.map(({ id }) => id));
      }
      if (oldest.unread > 0) continue; // it cannot be read, and items that are lost must be counted
      folder.remove(oldest);
      this.#onDisk -= ids.length;
      this.#onDrop(ids, foreign);
    }
  }

  #mayGo(segment: SpoolSegment): boolean {
    return segment !== this.#active && segment.retryAt <= performance.now();
  }

  /** Another process has adopted the folder, because it took this process for ended. */
  #forget(folder: SpoolFolder): void {
    for (const segment of folder.segments) this.#abandon(segment);
    this.#adopted = this.#adopted.filter((other) => other !== folder);
    if (folder !== this.#own) return;
    this.#own = undefined;
    this.#active = undefined;
  }

  /** The file belongs to another process now, or is deleted. */
  #abandon(segment: SpoolSegment): void {
    segment.isGone = true;
    segment.close();
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

  #bytes(): number {
    return this.#folders().reduce((sum, folder) => sum + folder.bytes, 0);
  }

  /** A fault in an adopted folder does not keep this process from writing to its own. */
  #inFolder(folder: SpoolFolder, action: () => void): void {
    if (folder === this.#own) {
      this.#safely('write to', action);
      return;
    }
    try {
      action();
    } catch (error) {
      this.#log.passOver(folder.path, error);
    }
  }

  #safely(what: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#log.fault(what, error);
      this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + pauseMs);
      // The last line may be torn, so no line may follow it.
      const active = this.#active;
      this.#active = undefined;
      if (active !== undefined) this.#safely('close a file of', () => active.close());
    }
  }
}
