import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
/** Files beside the samples that are none: the runner's own parts. */
const parts = new Set(['launch.ts', 'paint.ts', 'run.ts', 'tree.ts']);
/** Folders that hold something else: the demo, a sample for every provider, framework and edge runtime, what receives their traces. */
const folders = new Set(['demo', 'edge', 'integrations', 'receiving', 'wrappers']);

/** How a child process ended, and what it said. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The names of all samples: a file, or a folder with a `main.ts`. */
export function sampleNames(): string[] {
  return readdirSync(here, { withFileTypes: true })
    .filter((entry) => (entry.isDirectory() ? !folders.has(entry.name) : !parts.has(entry.name)))
    .map((entry) => entry.name.replace(/[.]ts$/, ''))
    .sort();
}

/** The file of a sample. */
export function sampleFile(name: string): string {
  const single = `${here}${name}.ts`;
  return existsSync(single) ? single : `${here}${name}/main.ts`;
}

/** The project that samples send to. */
export const sampleProject = 'pandaprobe-ts samples';

/** The variables that send a program's traces to a receiver instead of the backend. */
export function receiverEnv(url: string): Readonly<Record<string, string>> {
  return {
    PANDAPROBE_ENABLED: 'true',
    PANDAPROBE_ENDPOINT: url,
    PANDAPROBE_API_KEY: 'sk_pp_sample',
    PANDAPROBE_PROJECT_NAME: sampleProject,
  };
}

/** Runs a TypeScript file as a program of its own, with the settings of the `tsconfig.json` beside it, if there is one. */
export async function launch(
  file: string,
  env: Readonly<Record<string, string>>,
  { args = [], echo = false }: { readonly args?: readonly string[]; readonly echo?: boolean } = {},
): Promise<Ending> {
  const settings = file.replace(/[^/\\]+$/, 'tsconfig.json');
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, ...env, ...(existsSync(settings) ? { TSX_TSCONFIG_PATH: settings } : {}) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (echo) process.stdout.write(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (echo) process.stderr.write(text);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
