import { readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifestAt } from './manifest.js';
import { pnpFoldersOf } from './pnp.js';

/** One copy of a package. */
export interface Installed {
  readonly name: string;
  readonly version: string;
  readonly path: string;
}

/** Most packages that are read, so that a large tree does not take minutes. */
const most = 20_000;

/**
 * The copies of these packages that programs in a folder can load: from its `node_modules`, those of the folders above, and those
 * inside of packages; with Yarn's Plug'n'Play, from its table. Names are read from package.json, because a folder may have
 * another name.
 */
export function installedFor(folder: string, names: ReadonlySet<string>): readonly Installed[] {
  const found = new Map<string, Installed>();
  const seen = new Set<string>();

  const look = (path: string) => {
    const real = realOf(path);
    if (real === undefined || seen.has(real) || seen.size >= most) return;
    seen.add(real);
    const { name, version } = manifestAt(real);
    if (typeof name === 'string' && typeof version === 'string' && names.has(name)) {
      found.set(real, { name, version, path: real });
    }
    if (name !== 'pandaprobe-ts') lookInto(join(real, 'node_modules')); // where it is linked, its developers' packages are there
  };
  const lookInto = (modules: string) => {
    for (const entry of entriesOf(modules)) {
      if (entry.startsWith('@')) for (const inner of entriesOf(join(modules, entry))) look(join(modules, entry, inner));
      else if (entry === '.pnpm')
        for (const inner of entriesOf(join(modules, entry))) lookInto(join(modules, entry, inner, 'node_modules'));
      else if (!entry.startsWith('.')) look(join(modules, entry));
    }
  };

  for (const path of pnpFoldersOf(folder, names) ?? []) look(path);
  for (let at = folder, inner = ''; at !== inner; inner = at, at = dirname(at)) lookInto(join(at, 'node_modules'));
  return [...found.values()].toSorted((a, b) => a.path.localeCompare(b.path));
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
