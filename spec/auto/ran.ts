import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Receiver } from '../support/receiver.js';
import { root } from '../support/user-project.js';

/** How a program ended and what it printed. */
export interface Ran {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export const auto = ['--import', 'pandaprobe-ts/auto'];

/** Runs a program with no more than PATH, HOME and `env` in its environment. It reads `input`. */
export function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  { node = process.execPath, cwd = root, input = '' } = {},
): Promise<Ran> {
  const { PATH = '', HOME = '' } = process.env;
  const options = {
    cwd,
    env: { PATH, HOME, NO_COLOR: '1', PANDAPROBE_LIVE: 'false', ...env },
    timeout: 280_000,
    maxBuffer: 1 << 26,
  };
  return new Promise((resolve) => {
    const child = execFile(node, [...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? 'unknown'), stdout, stderr });
    });
    child.stdin?.on('error', () => {}).end(input); // one that has ended takes none
  });
}

/** The settings that send what is recorded to a receiver. */
export function sentTo(receiver: Receiver): Readonly<Record<string, string>> {
  const { url } = receiver;
  return { PANDAPROBE_ENDPOINT: url, PANDAPROBE_API_KEY: 'sk_pp_key', PANDAPROBE_PROJECT_NAME: 'auto' };
}

export const program = (name: string): string => join(root, 'spec/auto/programs', name);
