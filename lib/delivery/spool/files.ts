import { path } from '../../common/builtins.js';
import { performance } from '../../common/real-time.js';
import { isTransient } from './file-access.js';
import { partitionOf, SpoolFolder } from './folder.js';
import type { SpoolLog } from './log.js';
import type { SpoolOptions } from './options.js';
import { retryMs } from './reader.js';
import type { SpoolSegment } from './segment.js';

/** Largest size of a file with more than one line, in bytes. */
const segmentBytes = 4 * 1_048_576;
/** How long nothing is written after a fault, in milliseconds. */
const pauseMs = 10_000;

/** Where the line of an item is. */
export interface FilePlace {
  readonly segment: SpoolSegment;
  /** Offset of the line in its file, in bytes. */
  readonly at: number;
}

/** Events of the files. */
interface FileEvents {
  /** Another process has adopted the file, because it believed that this process had ended. */
  onGone(segment: SpoolSegment): void;
  /**
   * The file is to be deleted to make room, with items that are not settled.
   * @returns a function that counts them, to be called when the file is deleted; undefined if they cannot be read now
   */
  onTrim(segment: SpoolSegment): (() => void) | undefined;
}

/**
 * The files of a spool: those of this process, and those adopted from processes that have ended.
 *
 * ```
 *  own folder       000001  000002  000003 (active)      lines are appended to the active file
 *  adopted folders  000001  000002 …                     only read, until all their items are settled
 * ```
 *
 * Invariants: an item is in the journal before its file is deleted. Only files whose items are settled are deleted, or the oldest one
 * to make room. A file that cannot be read, or is not the spool's, stays. No fault leaves this class: after a fault of writing, nothing
 * is written for a while.
 */
export class SpoolFiles {
  readonly #options: SpoolOptions;
  readonly #log: SpoolLog;
  readonly #events: FileEvents;
  readonly #partition: string;
  readonly #segmentBytes: number;
  #own: SpoolFolder | undefined;
  #adopted: SpoolFolder[] = [];
  #active: SpoolSegment | undefined;
  #pausedUntil = 0;
  /** When to look again for files of other processes, because a folder could not be read; infinity otherwise. */
  nextScanAt = Number.POSITIVE_INFINITY;

  constructor(options: SpoolOptions, log: SpoolLog, events: FileEvents) {
    this.#options = options;
    this.#log = log;
    this.#events = events;
    this.#segmentBytes = Math.min(segmentBytes, options.maxSpoolBytes / 8);
    const { endpoint, projectName, apiKey } = options;
    this.#partition = partitionOf(path().resolve(options.spoolDir), endpoint, projectName, apiKey);
  }

  /** Files of this process, oldest first. */
  get own(): readonly SpoolSegment[] {
    return this.#own?.segments ?? [];
  }

  /** Files of processes that have ended. */
  get adopted(): readonly SpoolSegment[] {
    return this.#adopted.flatMap(({ segments }) => segments);
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
          isUnread ||= isTransient(error);
          this.#log.passOver(path, error);
        });
        this.#adopted.push(...found);
      } catch (error) {
        isUnread = isTransient(error);
        throw error;
      }
      this.#trim(this.#active === undefined ? 0 : this.#segmentBytes - this.#active.size);
      this.#sweep();
    });
    this.nextScanAt = isUnread ? performance.now() + retryMs : Number.POSITIVE_INFINITY;
  }

  /**
   * Appends a line. When this returns its place, the line survives the process.
   * @param isOnDisk - the item stays on disk only, to be read later
   * @returns undefined if the disk does not take it
   */
  append(write: () => string, isOnDisk: boolean): FilePlace | undefined {
    if (performance.now() < this.#pausedUntil) return undefined;
    let place: FilePlace | undefined;
    this.#safely('write to', () => {
      const line = write();
      const { maxSpoolBytes } = this.#options;
      const bytes = Buffer.byteLength(line);
      if (bytes > maxSpoolBytes / 2) return this.#log.tooLarge(bytes, maxSpoolBytes);
      const segment = this.#writable(bytes);
      place = { segment, at: segment.append(line, isOnDisk) };
    });
    return place;
  }

  /** Writes the journals, and deletes files without unsettled items. */
  flushJournals(): void {
    this.#safely('write to', () => this.#sweep());
  }

  /** Releases the files: any process may adopt them. */
  close(): void {
    this.#safely('write to', () => this.#sweep(true));
    for (const folder of this.#folders()) this.#inFolder(folder, () => folder.release());
    this.#own = undefined;
    this.#adopted = [];
    this.nextScanAt = Number.POSITIVE_INFINITY;
    this.#pausedUntil = Number.POSITIVE_INFINITY;
  }

  #folders(): SpoolFolder[] {
    return this.#own === undefined ? this.#adopted : [this.#own, ...this.#adopted];
  }

  /** The file for a line of so many bytes. A line that is longer than a file should be has a file of its own. */
  #writable(bytes: number): SpoolSegment {
    const size = this.#active?.size ?? 0;
    if (size > 0 && size + bytes > this.#segmentBytes) {
      this.#active?.close();
      this.#active = undefined;
    }
    if (this.#active === undefined || bytes > this.#segmentBytes) this.#trim(Math.max(this.#segmentBytes, bytes));
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

  /** Makes room for so many bytes. */
  #trim(room: number): void {
    const most = this.#options.maxSpoolBytes - Math.max(0, room);
    for (let bytes = this.#bytes(); bytes > most; bytes = this.#bytes()) {
      const folder = [...this.#adopted, ...(this.#own === undefined ? [] : [this.#own])].find(({ segments }) =>
        segments.some((segment) => this.#mayGo(segment)),
      );
      const oldest = folder?.segments.find((segment) => this.#mayGo(segment));
      if (folder === undefined || oldest === undefined) return;
      const count = this.#events.onTrim(oldest);
      if (count === undefined) continue; // it cannot be read, and items that are lost must be counted
      try {
        folder.remove(oldest);
      } finally {
        if (oldest.isGone) count(); // also if only its journal could not be deleted
      }
    }
  }

  #mayGo(segment: SpoolSegment): boolean {
    return segment !== this.#active && segment.retryAt <= performance.now();
  }

  /** Another process has adopted the folder, because it believed that this process had ended. */
  #forget(folder: SpoolFolder): void {
    for (const segment of folder.segments) this.#events.onGone(segment);
    this.#adopted = this.#adopted.filter((other) => other !== folder);
    if (folder !== this.#own) return;
    this.#own = undefined;
    this.#active = undefined;
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
