import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { folderOf } from './folders.js';
import { peerNamed } from './peers/index.js';
import type { Figures } from './programs/program.js';

const run = promisify(execFile);
const importsPerRun = 5;

/** W7: what importing a peer costs a fresh process whose files are in the page cache, and what an install brings. */
export async function importCost(name: string): Promise<Figures> {
  const { entries } = peerNamed(name);
  const imports = entries.map((entry) => `await import(${JSON.stringify(entry)});`).join('');
  const code = `const t = performance.now(); ${imports} console.log(performance.now() - t, process.memoryUsage.rss() / 1e6); process.exit(0)`;
  const measured: (readonly [number, number])[] = [];
  for (let at = 0; at <= importsPerRun; at += 1) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: folderOf(name) });
    const [ms = Number.NaN, rss = Number.NaN] = stdout.trim().split(' ').map(Number);
    if (at > 0) measured.push([ms, rss]); // the first one fills the page cache
  }
  const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  return {
    import: middle(measured.map(([ms]) => ms)),
    rss: middle(measured.map(([, rss]) => rss)),
    ...(await footprint(folderOf(name), entries)),
  };
}

/** The packages of a peer and of all that it depends on, without what else its folder has for other workloads. */
async function footprint(folder: string, entries: readonly string[]): Promise<{ packages: number; size: number }> {
  const lockFile = join(folder, 'package-lock.json');
  if (!existsSync(lockFile)) return { packages: 0, size: 0 };
  const lock = JSON.parse(await readFile(lockFile, 'utf8')) as { packages: Record<string, Locked> }; // npm's format
  const paths = new Set(entries.map((entry) => placeOf(packageOf(entry), '', lock.packages)));
  for (const path of paths) {
    const { dependencies, optionalDependencies } = lock.packages[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies }))
      paths.add(placeOf(name, path, lock.packages));
  }
  const present = [...paths].filter((path) => path !== '' && existsSync(join(folder, path)));
  let bytes = 0;
  for (const path of present) bytes += await bytesIn(join(folder, path));
  return { packages: present.length, size: bytes / 1e6 };
}

/** What a lock file says of a package. */
interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The name of the package of an entry such as `@scope/name/sub`. */
function packageOf(entry: string): string {
  return entry.split('/', entry.startsWith('@') ? 2 : 1).join('/');
}

/** Where a dependency of the package at `from` lies, as Node looks for it; empty if it is not installed. */
function placeOf(name: string, from: string, packages: Readonly<Record<string, Locked>>): string {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (at === '') return '';
  }
}

/** The bytes of a package's files, without the packages in it. */
async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const isNested = relative(folder, file.parentPath).split(sep).includes('node_modules');
    if (file.isFile() && !isNested) bytes += (await stat(join(file.parentPath, file.name))).size;
  }
  return bytes;
}
