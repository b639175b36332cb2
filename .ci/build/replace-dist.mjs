// Moves the new files into dist one by one and removes stale files last, because a program that runs from dist during a build
// must never find a file missing.
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { root } from './root.mjs';

const dist = join(root, 'dist');

/** @param folder the folder of the new builds, with a folder for each kind */
export async function replaceDist(folder, kinds) {
  const fresh = new Set();
  for (const kind of kinds) {
    for (const path of await filesBelow(join(folder, kind))) {
      const target = join(dist, relative(folder, path));
      await mkdir(dirname(target), { recursive: true });
      await rename(path, target);
      fresh.add(target);
    }
  }
  for (const path of await filesBelow(dist)) {
    if (!fresh.has(path)) await rm(path, { force: true });
  }
  await removeEmptyFolders(dist);
}

async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function removeEmptyFolders(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeEmptyFolders(join(folder, entry.name));
  }
  if (folder !== dist) await rmdir(folder).catch(() => {});
}
