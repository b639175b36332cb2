import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { folderOf } from './folders.js';
import type { Figures } from './programs/program.js';
import { SinkControl } from './sink-control.js';

/** Longest time for one measured process; then it is killed and counts as failed. */
const longestRunMs = 240_000;
/** Memory a measured program may take, in MiB: an outage must not take the machine. */
const maxHeapMb = 3072;

/** The result of one measured process. */
export interface Outcome {
  readonly figures: Figures | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds from the last recorded turn to the end of the process. */
  readonly endedAfterMs: number | undefined;
  /** The end of its output, in case it failed. */
  readonly said: string;
}

/** Starts the sink in a process of its own. It ends with this process, or on request. */
export async function startSink(program: string): Promise<{ readonly sink: SinkControl; readonly stop: () => void }> {
  const child = spawn(process.execPath, ['--max-old-space-size=8192', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]; // a line event's argument
  return { sink: new SinkControl(`http://127.0.0.1:${port}`), stop: () => child.kill() };
}

/** Runs one program in a process of its own, in the peer's folder. */
export async function runProgram(
  peer: string,
  args: readonly string[],
  onRecorded: (child: ChildProcess) => void = () => {},
): Promise<Outcome> {
  const program = join(folderOf(peer), 'program.mjs');
  const flags = ['--expose-gc', `--max-old-space-size=${maxHeapMb}`];
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [...flags, program, ...args], {
    cwd: folderOf(peer),
    env: { PATH, HOME, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: longestRunMs,
    killSignal: 'SIGKILL',
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000);
    });
  }
  let figures: Figures | undefined;
  let recordedAt: number | undefined;
  createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
    const message = JSON.parse(line) as { figures?: Figures; recorded?: number }; // the other side is program.ts
    figures ??= message.figures;
    if (message.recorded === undefined) return;
    recordedAt = performance.now();
    onRecorded(child);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]; // a close event's arguments
  const endedAfterMs = recordedAt === undefined ? undefined : performance.now() - recordedAt;
  return { figures, code, signal, endedAfterMs, said };
}

/**
 * The processor time of a process so far, in milliseconds (in ticks of 10 ms); undefined if the system does not tell. In `/proc`,
 * the value follows the name in brackets.
 */
export function cpuOf(child: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}
