import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from 'mocha';
import { root } from './user-project.js';

/*
 * Trials (`*.trial.ts`) try the packed package beside other people's packages, in projects outside of this one:
 *
 *   <tmp>/pandaprobe-ts-trials/<hash of the versions>/      installed once, kept for the next run
 *     node_modules/jest, …, and what our package depends on
 *     project-…/                                            one per suite, removed after it
 *       node_modules/pandaprobe-ts                          as npm would publish it now
 */

const home = join(tmpdir(), 'pandaprobe-ts-trials');
const manifest: { dependencies: Record<string, string> } = readJson(join(root, 'package.json'));

/** Exact versions by package name; several of one package by aliases, such as `{ old: 'npm:typescript@5.2.2' }`. */
export type Versions = Readonly<Record<string, string>>;

/** The end and the output of a command. */
export interface Ran {
  /** The exit code; the signal's name when it was killed. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project of a user that has the packed package and others installed. */
export interface Project {
  readonly folder: string;
  /** The folder whose node_modules holds the others. */
  readonly home: string;
  /** Writes files, by path from the project's folder. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs Node in the project's folder with no more than PATH, HOME and `env` in its environment. */
  node(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  remove(): Promise<void>;
}

/**
 * Makes a project. If the registry cannot be reached, the suite is skipped with a line that says so; on a build server
 * (`CI=true`) it fails.
 */
export async function startProject(context: Context, versions: Versions): Promise<Project> {
  const installed = await install(context, versions);
  const folder = await mkdtemp(join(installed, 'project-'));
  await unpackInto(join(folder, 'node_modules/pandaprobe-ts'));
  return {
    folder,
    home: installed,
    async write(files) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(join(folder, path, '..'), { recursive: true });
        await writeFile(join(folder, path), text);
      }
    },
    node: (args, env) => run(process.execPath, args, folder, env),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Lets the project find the providers' packages, and Node's types, that this repository has installed. */
export async function linkProviders(project: Project): Promise<void> {
  for (const name of ['openai', '@anthropic-ai', '@google', '@mistralai', '@aws-sdk', '@types']) {
    const link = join(project.folder, 'node_modules', name);
    if (!existsSync(link)) await symlink(join(root, 'node_modules', name), link, 'junction');
  }
}

/** Runs a program with no more than PATH, HOME and `env` in its environment; one that does not end is killed. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const { PATH = '', HOME = '' } = process.env;
  const options = {
    cwd,
    env: { PATH, HOME, NO_COLOR: '1', PANDAPROBE_LIVE: 'false', ...env },
    timeout: 500_000,
    maxBuffer: 1 << 26,
  };
  return new Promise((resolve) => {
    execFile(command, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : (error.code ?? error.signal ?? 'unknown');
      resolve({ code, stdout, stderr });
    });
  });
}

/** The settings of a client that sends to this receiver. */
export function settingsFor(url: string): Readonly<Record<string, string>> {
  return { PANDAPROBE_ENDPOINT: url, PANDAPROBE_API_KEY: 'sk_pp_key', PANDAPROBE_PROJECT_NAME: 'trial' };
}

/** The output of a command. Fails unless it exits with 0 and prints nothing on stderr. */
export async function printed(running: Promise<Ran>): Promise<string> {
  const { code, stdout, stderr } = await running;
  const short = (text: string) =>
    text
      .split('\n')
      .map((line) => line.slice(0, 300))
      .join('\n');
  if (code !== 0 || stderr !== '') throw new Error(`ended with ${code}:\n${short(stdout)}\n${short(stderr)}`);
  return stdout;
}

/** The folder with these packages and our dependencies in its node_modules. */
async function install(context: Context, versions: Versions): Promise<string> {
  const ours = Object.keys(manifest.dependencies).map((name) => {
    const { version }: { version: string } = readJson(join(root, 'node_modules', name, 'package.json'));
    return [name, version] as const;
  });
  const dependencies = { ...Object.fromEntries(ours), ...versions };
  const hash = createHash('sha256')
    .update(JSON.stringify([dependencies, process.version]))
    .digest('hex');
  const folder = join(home, hash.slice(0, 16));
  if (existsSync(folder)) return folder;

  await mkdir(home, { recursive: true });
  const fresh = await mkdtemp(join(home, 'installing-'));
  await writeFile(join(fresh, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const flags = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', '--fetch-retries=1'];
  const { code, stderr } = await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['install', ...flags], fresh);
  if (code !== 0) {
    await rm(fresh, { recursive: true, force: true });
    const isUnreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT/.test(stderr);
    if (!isUnreachable || process.env.CI === 'true') throw new Error(`npm install ended with ${code}:\n${stderr}`);
    console.log(
      `      left out: the package registry cannot be reached, and ${Object.keys(versions)} are not there yet`,
    );
    return context.skip();
  }
  // Another run may have been faster.
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true, force: true }));
  return folder;
}

let packing: Promise<string> | undefined;

/** Puts the files that npm would publish into `target`. */
async function unpackInto(target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  const { code, stderr } = await run('tar', ['-xzf', await packed(), '-C', target, '--strip-components=1'], root);
  if (code !== 0) throw new Error(`tar ended with ${code}:\n${stderr}`);
}

/** The path of the tarball that npm would publish, packed once per run. */
export function packed(): Promise<string> {
  packing ??= pack();
  return packing;
}

async function pack(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'packed-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const args = ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder];
  const { code, stderr } = await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, root);
  const [file] = await readdir(folder);
  if (code !== 0 || file === undefined) throw new Error(`npm pack ended with ${code}:\n${stderr}`);
  return join(folder, file);
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8'));
}
