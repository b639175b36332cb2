import { crypto, fs, path as paths } from '../../common/builtins.js';
import { wallMs } from '../../common/real-time.js';
import { codeOf, folderMode, isOurs, makeFolder } from './file-access.js';
import { currentOwner, folderName, isGivenUp } from './owner.js';
import { SpoolSegment } from './segment.js';

/**
 * The part of the spool folder for one backend, project and key: only a delivery with the same three may send its items. Its name
 * is a keyed hash, which does not reveal the key.
 */
export function partitionOf(spoolDir: string, endpoint: string, projectName: string, apiKey: string): string {
  const name = crypto().createHmac('sha256', apiKey).update(`${endpoint}\n${projectName}`).digest('hex').slice(0, 16);
  return paths().join(spoolDir, name);
}

/**
 * The folder with the files of one owner, a thread of a process. Nobody else touches it while the owner runs.
 *
 * ```
 *  spoolDir/ partition/ 4711-88213344-9f86d081a0b1-a3b1c2d4/ 000001.spool 000001.done 000002.spool …
 * ```
 */
export class SpoolFolder {
  readonly path: string;
  readonly #partition: string;
  /** Oldest first. */
  readonly segments: SpoolSegment[] = [];
  #next = 1;

  private constructor(partition: string, path: string) {
    this.#partition = partition;
    this.path = path;
  }

  /** A new folder of this process. */
  static create(partition: string): SpoolFolder {
    makeFolder(partition);
    const path = paths().join(partition, folderName(currentOwner()));
    fs().mkdirSync(path, { mode: folderMode });
    return new SpoolFolder(partition, path);
  }

  /**
   * Adopts the folders of processes that have ended. If several processes try, the `rename` of one succeeds.
   *
   * @param onFault - called for a path that cannot be used now (with the error) or is not the spool's (without); the others are
   * adopted
   */
  static adopt(partition: string, onFault: (path: string, error?: unknown) => void): SpoolFolder[] {
    const folders: SpoolFolder[] = [];
    for (const name of namesIn(partition).sort()) {
      const path = paths().join(partition, name);
      try {
        if (!isGivenUp(name, wallMs() - fs().lstatSync(path).mtimeMs)) continue;
        const folder = isOurs(path, 'folder') ? SpoolFolder.#take(partition, path, onFault) : onFault(path);
        if (folder !== undefined) folders.push(folder);
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') onFault(path, error); // ENOENT: another process has adopted it
      }
    }
    return folders;
  }

  static #take(
    partition: string,
    path: string,
    onFault: (path: string, error?: unknown) => void,
  ): SpoolFolder | undefined {
    const { R_OK, W_OK, X_OK } = fs().constants;
    fs().accessSync(path, R_OK | W_OK | X_OK); // without these rights the journal could not be written, and items would be sent again
    const names = namesIn(path);
    const others = names.filter((name) => !isSegmentFile(paths().join(path, name)));
    if (others.length > 0 && others.length === names.length) {
      onFault(path); // it would never become empty, and be adopted again and again
      return undefined;
    }
    for (const name of others) onFault(paths().join(path, name));
    const mine = paths().join(partition, folderName(currentOwner()));
    fs().renameSync(path, mine);
    const folder = new SpoolFolder(partition, mine);
    try {
      folder.touch();
      folder.#list();
      return folder;
    } catch (error) {
      fs().renameSync(mine, paths().join(partition, folderName())); // free again: for any process, also for this one later
      throw error;
    }
  }

  /** Bytes of all its files. */
  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** A new file at the end. */
  addSegment(): SpoolSegment {
    const segment = new SpoolSegment(paths().join(this.path, fileName(this.#next)));
    this.#next += 1;
    this.segments.push(segment);
    return segment;
  }

  /** Deletes a file without unsettled items. */
  remove(segment: SpoolSegment): void {
    segment.remove();
    this.segments.splice(this.segments.indexOf(segment), 1);
  }

  /** Shows that this process still runs. @returns false when another process has adopted the folder */
  touch(): boolean {
    const now = new Date(wallMs());
    try {
      fs().utimesSync(this.path, now, now);
      return true;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  /** Deletes the folder if it is empty; else frees it for other processes. @returns its new path if it is still there */
  release(): string | undefined {
    for (const segment of this.segments) segment.close();
    if (this.segments.length === 0 && this.#tryRemove()) return undefined;
    const free = paths().join(this.#partition, folderName());
    fs().renameSync(this.path, free);
    return free;
  }

  /** Deletes the folder; false when foreign files are in it. */
  #tryRemove(): boolean {
    try {
      fs().rmdirSync(this.path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') return false;
      throw error;
    }
  }

  #list(): void {
    const names = namesIn(this.path).filter((name) => isSegmentFile(paths().join(this.path, name)));
    const numbers = names.flatMap((name) => /^(\d+)\.spool$/.exec(name)?.[1] ?? []);
    for (const number of numbers.sort((a, b) => Number(a) - Number(b))) {
      const path = paths().join(this.path, number);
      this.segments.push(new SpoolSegment(path, fs().statSync(`${path}.spool`).size));
    }
    for (const name of names) {
      // A journal without its items is left over: a process ended between the two deletions.
      const number = /^(\d+)\.done$/.exec(name)?.[1];
      if (number !== undefined && !numbers.includes(number))
        new SpoolSegment(paths().join(this.path, number), 0).remove();
    }
  }
}

/** Whether this is a file of items or a journal. */
function isSegmentFile(path: string): boolean {
  return /^\d+\.(spool|done)$/.test(paths().basename(path)) && isOurs(path, 'file');
}

function namesIn(path: string): string[] {
  try {
    return fs().readdirSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function fileName(number: number): string {
  return String(number).padStart(6, '0');
}
