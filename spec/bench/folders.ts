import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { peerNamed } from './peers/index.js';

/*
 * Peers are installed outside this repository, each as the one dependency of a project of its own, and the measured
 * program runs from that project as plain JavaScript, as an application would:
 *
 *   <tmp>/pandaprobe-bench-<checkout>/sink.mjs
 *   <tmp>/pandaprobe-bench-<checkout>/otel/{package.json, node_modules/, program.mjs}
 *   <tmp>/pandaprobe-bench-<checkout>/ours/…                   this package, packed and installed from its tarball
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Each checkout has its own, so that two of them can measure at the same time. */
const cache = join(tmpdir(), `pandaprobe-bench-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`);
const run = promisify(execFile);

/** Where one peer is installed. */
export function folderOf(peer: string): string {
  return join(cache, peer);
}

/** Installs what is missing and builds the measured programs. @returns the sink's program */
export async function prepareFolders(names: readonly string[]): Promise<string> {
  await mkdir(cache, { recursive: true });
  await buildProgram('sink.ts', join(cache, 'sink.mjs'));
  await buildProgram('programs/program.ts', join(cache, 'program.mjs'));
  for (const name of names) {
    const { packages } = peerNamed(name);
    if (name === 'ours') await installOurs(packages);
    else await installOnce(name, packages);
    await cp(join(cache, 'program.mjs'), join(folderOf(name), 'program.mjs'));
  }
  return join(cache, 'sink.mjs');
}

async function buildProgram(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
}

/** Installs this package anew each time, because it is being changed. */
async function installOurs(packages: readonly string[]): Promise<void> {
  const folder = folderOf('ours');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { stdout } = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
  });
  await install('ours', [join(folder, stdout.trim().split('\n').at(-1) ?? ''), ...packages]);
}

/** Installs packages once; their versions are fixed. */
async function installOnce(name: string, packages: readonly string[]): Promise<void> {
  const note = join(folderOf(name), 'installed.txt');
  const wanted = packages.join('\n');
  if ((await readFile(note, 'utf8').catch(() => undefined)) === wanted) return;
  await rm(folderOf(name), { recursive: true, force: true });
  await mkdir(folderOf(name), { recursive: true });
  if (packages.length > 0) await install(name, packages);
  await writeFile(note, wanted);
}

async function install(name: string, packages: readonly string[]): Promise<void> {
  const folder = folderOf(name);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: `bench-${name}`, private: true }));
  console.log(`installing ${name} …`);
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline', '--save-exact'];
  await run('npm', ['install', ...options, ...packages], { cwd: folder });
}
