import type { Terminal } from '../../lib/local/command-line/terminal.js';
import type { CommandEnvironment } from '../../lib/local/environment.js';
import { runProgram } from '../../lib/local/program.js';
import type { Ended } from '../support/local-server.js';

/** Runs a command in this process. */
export async function runHere(args: string, environment: Partial<CommandEnvironment>): Promise<Ended> {
  let out = '';
  let err = '';
  const terminal: Terminal = {
    out: (line) => {
      out += `${line}\n`;
    },
    note: (line) => {
      err += `${line}\n`;
    },
    room: async () => {},
    progress: () => {},
    paint: (_, text) => text,
  };
  const all = { noColor: true, dataFolder: '/nowhere', key: undefined, endpoint: undefined, project: undefined };
  const { signal } = new AbortController();
  return { code: await runProgram(args.split(' '), terminal, { ...all, ...environment }, signal), out, err };
}
