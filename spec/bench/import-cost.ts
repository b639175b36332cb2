import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
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
    ...(await footprint(folderOf(name))),
  };
}

async function footprint(folder: string): Promise<{ packages: number; size: number }> {
  const modules = join(folder, 'node_modules');
  if (!existsSync(modules)) return { packages: 0, size: 0 };
  const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as { packages: object }; // npm's format
  const packages = Object.keys(lock.packages).filter((path) => path !== '' && existsSync(join(folder, path)));
  const files = await readdir(modules, { recursive: true, withFileTypes: true });
  let bytes = 0;
  for (const file of files) if (file.isFile()) bytes += (await stat(join(file.parentPath, file.name))).size;
  return { packages: packages.length, size: bytes / 1e6 };
}
