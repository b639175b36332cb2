import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The paths of all files below a folder, without those of installed packages. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry: Dirent) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return [path];
    return entry.isDirectory() && entry.name !== 'node_modules' ? filesBelow(path) : [];
  });
}
