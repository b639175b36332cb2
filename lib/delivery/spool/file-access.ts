import { fs, path as paths } from '../../common/builtins.js';

/** Permissions of the folders: the owner only. */
export const folderMode = 0o700;

/** The code of a fault of Node's `fs`, which throws nothing else, or of a {@link ForeignThing}. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}

/** Faults that a disk or a process has for moments. Source: Node's documentation, *Common system errors*; errno(3). */
const passing = new Set(['EMFILE', 'ENFILE', 'EIO', 'EAGAIN', 'EBUSY', 'EINTR', 'ENOMEM', 'ESTALE', 'ETIMEDOUT']);

/** Whether it may work a moment later. */
export function doesPass(error: unknown): boolean {
  return error !== undefined && passing.has(codeOf(error));
}

/** Something else stands in the place of a file. */
export class ForeignThing extends Error {
  readonly code = 'ENOTFILE';
}

/** Whether a thing of this kind and of this process's user is there. A link is not followed. */
export function isOurs(path: string, kind: 'file' | 'folder'): boolean {
  const stat = fs().lstatSync(path);
  const isKind = kind === 'file' ? stat.isFile() : stat.isDirectory();
  return isKind && stat.uid === (process.getuid?.() ?? stat.uid);
}

/**
 * `path`, to be opened: a FIFO would wait for its other end, and a link leads somewhere else.
 *
 * @throws ForeignThing when something is there that is no file
 */
export function checked(path: string): string {
  if (fs().lstatSync(path, { throwIfNoEntry: false })?.isFile() !== false) return path;
  throw new ForeignThing(`${path} is no file`);
}

/** Makes a folder, and those above it. One at a time: Node's own way never ends where a folder is there that takes none, such as /proc. */
export function makeFolder(path: string): void {
  if (fs().existsSync(path)) return;
  makeFolder(paths().dirname(path));
  try {
    fs().mkdirSync(path, { mode: folderMode });
  } catch (error) {
    if (!fs().existsSync(path)) throw error; // else another process was faster
  }
}
