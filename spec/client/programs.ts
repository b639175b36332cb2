import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** How a program ended and what it said. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A signal, to be sent when the program has printed this line. */
export interface Kill {
  readonly signal: NodeJS.Signals;
  readonly at: string;
}

/** A signal, to be sent when something has happened elsewhere. */
export interface LaterKill {
  readonly signal: NodeJS.Signals;
  readonly when: Promise<unknown>;
}

/** Runs Node in a process of its own, with none of this process's variables but the path, and without live traces unless they are asked for. */
export function runProgram(
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly kill?: Kill | undefined;
    readonly until?: LaterKill;
  } = {},
): Promise<Ending> {
  const { PATH = '', NODE_V8_COVERAGE } = process.env;
  const few = { PATH, PANDAPROBE_LIVE: 'false' };
  const inherited = NODE_V8_COVERAGE === undefined ? few : { ...few, NODE_V8_COVERAGE };
  const child = spawn(process.execPath, [...args], {
    cwd: root,
    env: { ...inherited, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 25_000,
    killSignal: 'SIGKILL',
  });
  const { until } = options;
  void until?.when.finally(() => child.kill(until.signal)).catch(() => undefined);
  let stdout = '';
  let stderr = '';
  let isKilled = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const { kill } = options;
    if (kill === undefined || isKilled || !stdout.split('\n').includes(kill.at)) return;
    isKilled = true;
    child.kill(kill.signal);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs a few lines of code as an ES module that finds the built package by its name. */
export function runCode(code: string, env: Readonly<Record<string, string>> = {}): Promise<Ending> {
  return runProgram(['--input-type=module', '-e', code], { env });
}

/** The variables of a program that sends to `url`. */
export function variables(url: string): Record<string, string> {
  return { PANDAPROBE_ENDPOINT: url, PANDAPROBE_API_KEY: 'sk_pp_key', PANDAPROBE_PROJECT_NAME: 'specs' };
}
