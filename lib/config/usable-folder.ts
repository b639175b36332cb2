import { fs, path as paths } from '../common/builtins.js';

/** Error codes that do not go away by themselves. A full or busy disk is not among them: it is no reason to record nothing. */
const lasting: ReadonlySet<unknown> = new Set(['ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG', 'ELOOP']);

/** Whether files can be created in the folder, or in the nearest existing folder above it. */
export function isUsableFolder(path: string): boolean {
  try {
    const whole = paths().resolve(path); // throws if the current folder was deleted
    if (!fs().statSync(whole).isDirectory()) return false;
    fs().accessSync(whole, fs().constants.W_OK | fs().constants.X_OK);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // Node's fs throws nothing else
    if (code !== 'ENOENT') return !lasting.has(code);
    const above = paths().dirname(path);
    if (above === path) return false; // a drive that does not exist
    // A broken link exists, and no folder can be created in its place.
    return fs().lstatSync(path, { throwIfNoEntry: false }) === undefined && isUsableFolder(above);
  }
}
