import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { LocalFailure } from './failure.js';

/** How a program ended. */
interface ChildEnd {
  readonly signal: NodeJS.Signals | null;
  /** Ends this process in the same way: by the signal, or with the exit code that is returned. */
  finish(): Promise<number>;
}

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGQUIT'] as const;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program',
  EACCES: 'it is a folder, or a file that is not executable',
};

/** Runs a program with this process's standard streams, and passes on the signals that this process gets. */
export async function runChild(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildEnd> {
  const child = spawn(command, args, { stdio: 'inherit', env });
  // A terminal sends Ctrl+C to both already.
  const isInTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  const listeners = passedOn.map((name) => {
    const listener = () => {
      if (!(isInTerminal && (name === 'SIGINT' || name === 'SIGQUIT'))) child.kill(name);
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  try {
    return await new Promise<ChildEnd>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        reject(new LocalFailure('noProgram', `${command} cannot be run: ${reasons[`${error.code}`] ?? error.message}`));
      });
      child.once('exit', (code, signal) => resolve({ signal, finish: () => finish(code, signal) }));
    });
  } finally {
    for (const stop of listeners) stop();
  }
}

async function finish(code: number | null, signal: NodeJS.Signals | null): Promise<number> {
  if (signal === null) return code ?? 0;
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // The signal arrives with a turn of the event loop. If it does not end this process, the exit code of shells is returned.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return 128 + constants.signals[signal];
}
