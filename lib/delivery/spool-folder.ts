import { crypto, fs, path as paths } from '../common/builtins.js';
import { wallMs } from '../common/real-time.js';
import { folderName, isGivenUp, ownerOfThisProcess } from './spool-owner.js';
import { SpoolSegment } from './spool-segment.js';

/** Permissions of the folders: the owner only. */
const folderMode = 0o700;

/**
 * The folder for one backend, project and key within the spool folder: only who has all three may send what is in it.
 * Its name is a keyed hash, from which the key cannot be had.
 */
export function laneOf(spoolDir: string, endpoint: string, projectName: string, apiKey: string): string {
  const name = crypto().createHmac('sha256', apiKey).update(`${endpoint}\n${projectName}`).digest('hex').slice(0, 16);
  return paths().join(spoolDir, name);
}

/**
 * The files of one process, in a folder that nobody else touches while the process is there.
 *
 * ```
 *  spoolDir/ lane/ 4711-88213344-9f86d081a0b1-a3b1c2d4/ 000001.spool 000001.done 000002.spool …
 * ```
 */
export class SpoolFolder {
  #path: string;
  readonly #lane: string;
  /** Oldest first. */
  readonly segments: SpoolSegment[] = [];
  #next = 1;

  private constructor(lane: string, path: string) {
    this.#lane = lane;
    this.#path = path;
  }

  /** A new folder of this process. */
  static create(lane: string): SpoolFolder {
    fs().mkdirSync(lane, { recursive: true, mode: folderMode });
    const path = paths().join(lane, folderName(ownerOfThisProcess()));
    fs().mkdirSync(path, { mode: folderMode });
    return new SpoolFolder(lane, path);
  }

  /** Takes over what other processes have left. Of several that try, one gets a folder: the one whose `rename` finds it. */
  static takeOver(lane: string): SpoolFolder[] {
    const folders: SpoolFolder[] = [];
    for (const name of namesIn(lane).sort()) {
      const path = paths().join(lane, name);
      try {
        const { mtimeMs, uid } = fs().lstatSync(path);
        if (uid !== (process.getuid?.() ?? uid) || !isGivenUp(name, wallMs() - mtimeMs)) continue;
        const mine = paths().join(lane, folderName(ownerOfThisProcess()));
        fs().renameSync(path, mine);
        const folder = new SpoolFolder(lane, mine);
        folder.touch();
        folder.#list();
        folders.push(folder);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // another process was faster
      }
    }
    return folders;
  }

  /** Bytes of all its files. */
  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** A new file at the end. */
  addSegment(): SpoolSegment {
    const segment = new SpoolSegment(paths().join(this.#path, fileName(this.#next)));
    this.#next += 1;
    this.segments.push(segment);
    return segment;
  }

  /** Deletes the files of which nothing is left to send, but for `active`. */
  sweep(active?: SpoolSegment): void {
    for (const segment of [...this.segments]) if (segment.isUseless && segment !== active) this.remove(segment);
  }

  remove(segment: SpoolSegment): void {
    this.segments.splice(this.segments.indexOf(segment), 1);
    segment.remove();
  }

  /** Shows that its process is there. @returns false when another one has taken the folder */
  touch(): boolean {
    const now = new Date(wallMs());
    try {
      fs().utimesSync(this.#path, now, now);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** Lets go of the folder: deletes it when it is empty, else anybody may take it over. */
  release(): void {
    for (const segment of this.segments) segment.close();
    if (this.segments.length === 0) fs().rmdirSync(this.#path);
    else fs().renameSync(this.#path, paths().join(this.#lane, folderName()));
  }

  #list(): void {
    const numbers = namesIn(this.#path).flatMap((name) => /^(\d+)\.spool$/.exec(name)?.[1] ?? []);
    for (const number of numbers.sort((a, b) => Number(a) - Number(b))) {
      const path = paths().join(this.#path, number);
      this.segments.push(new SpoolSegment(path, fs().statSync(`${path}.spool`).size));
    }
    for (const name of namesIn(this.#path)) {
      const number = /^(\d+)\.done$/.exec(name)?.[1];
      if (number !== undefined && !numbers.includes(number))
        new SpoolSegment(paths().join(this.#path, number), 0).remove();
    }
  }
}

function namesIn(path: string): string[] {
  try {
    return fs().readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function fileName(number: number): string {
  return String(number).padStart(6, '0');
}
