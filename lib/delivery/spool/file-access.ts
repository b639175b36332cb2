import { fs, path as paths } from '../../common/builtins.js';

/** Permissions of the folders: the owner only. */
export const folderMode = 0o700;

/** The code of an error of Node's `fs`, or of a {@link ForeignThing}. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}

/** Codes of faults that may be over within moments. Source: Node's documentation, *Common system errors*; errno(3). */
const transient = new Set(['EMFILE', 'ENFILE', 'EIO', 'EAGAIN', 'EBUSY', 'EINTR', 'ENOMEM', 'ESTALE', 'ETIMEDOUT']);

/** Whether the same may succeed a moment later; false for undefined, which is no fault. */
export function isTransient(error: unknown): boolean {
  return error !== undefined && transient.has(codeOf(error));
}

/** Something that is no file is in the place of a file. */
class ForeignThing extends Error {
  readonly code = 'ENOTFILE';
}

/** Whether this is a file or folder that belongs to the user of this process. Links are not followed. */
export function isOurs(path: string, kind: 'file' | 'folder'): boolean {
  const stat = fs().lstatSync(path);
  const isKind = kind === 'file' ? stat.isFile() : stat.isDirectory();
  return isKind && stat.uid === (process.getuid?.() ?? stat.uid);
}

/**
 * Returns `path` if it may be opened: a file, or nothing yet. Opening a FIFO would block, and a link leads elsewhere.
 * @throws ForeignThing when something else is there
 */
export function checked(path: string): string {
  if (fs().lstatSync(path, { throwIfNoEntry: false })?.isFile() !== false) return path;
  throw new ForeignThing(`${path} is no file`);
}

/** Makes a folder and its parents, one at a time: Node's recursive way never ends below a folder such as /proc. */
export function makeFolder(path: string): void {
  if (fs().existsSync(path)) return;
  const above = paths().dirname(path);
  if (above !== path) makeFolder(above); // else it is a drive that is not there
  try {
    fs().mkdirSync(path, { mode: folderMode });
  } catch (error) {
    if (!fs().existsSync(path)) throw error; // otherwise another process was faster
  }
}
