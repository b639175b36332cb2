import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The top of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Makes an empty ESM project outside of this one that finds the package in its node_modules. Remove it after use. */
export async function userProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'user-project-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules/pandaprobe-ts'), 'junction');
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}

/** Runs Node in a process of its own, without this process's environment, and returns its output; stderr must stay empty. */
export async function runNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { PATH = '', NODE_V8_COVERAGE } = process.env;
  const few = { PATH, PANDAPROBE_LIVE: 'false' };
  const inherited = NODE_V8_COVERAGE === undefined ? few : { ...few, NODE_V8_COVERAGE };
  const options = { cwd: root, env: { ...inherited, ...env }, timeout: 20_000 };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...args], options, (error, stdout, stderr) => {
      // A bundle's code may stand in stderr as one endless line.
      const said = stderr.split('\n').map((line) => line.slice(0, 300));
      if (error !== null || stderr !== '')
        reject(new Error(`node ended with ${error?.code ?? 0}:\n${said.join('\n')}`));
      else resolve(stdout);
    });
  });
}

const requireBanner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Bundles a program that imports the package, together with the package and its dependencies, as an application would. */
export async function bundle(source: string, outfile: string, format: 'esm' | 'cjs'): Promise<void> {
  await build({
    stdin: { contents: source, resolveDir: root },
    outfile,
    format,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    // Every ESM bundle with CommonJS packages needs this, and axios has some.
    ...(format === 'esm' ? { banner: { js: requireBanner } } : {}),
  });
}
