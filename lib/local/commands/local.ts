import { join, resolve } from 'node:path';
import { VERSION } from '../../common/version.js';
import { projectLink } from '../api/links.js';
import {
  type Command,
  type CommandContext,
  hasOption,
  type Option,
  textOption,
  textsOption,
  wholeOption,
} from '../command-line/command.js';
import { printable } from '../command-line/terminal.js';
import { LocalFailure } from '../failure.js';
import { defaultPort, type LocalServer, startLocalServer } from '../server/server.js';
import { inMemory } from '../store/database.js';
import { viewerFolder } from '../viewer-folder.js';

/** Options of commands that start a server. */
export const startOptions: Readonly<Record<string, Option>> = {
  port: { type: 'string', value: '<n>', about: `the port (default ${defaultPort}; 0 for a free one)` },
  file: { type: 'string', value: '<file>', about: "the database (default: traces.db in the user's data folder)" },
  memory: { type: 'boolean', about: 'keep everything in memory, until the server ends' },
};

/** `local`: the server and the viewer. */
export const local: Command = {
  name: 'local',
  summary: 'start the local server and its viewer, until it is stopped',
  options: {
    ...startOptions,
    host: { type: 'string', value: '<address>', about: 'listen beyond this machine, such as 0.0.0.0; needs --key' },
    key: { type: 'string', value: '<key>', about: 'the key that every call must have (default: any key works)' },
    'allow-host': {
      type: 'string',
      multiple: true,
      value: '<name>',
      about: 'a further host name under which the server may be called',
    },
  },
  examples: [
    ['pandaprobe-ts local', 'on http://127.0.0.1:7263, kept in the data folder'],
    ['pandaprobe-ts local --memory --port 0', 'for a test: a free port, nothing kept'],
    ['pandaprobe-ts local --host 0.0.0.0 --key s3cret', 'for other machines'],
  ],
  async run(context) {
    const server = await startServer(context, {
      host: textOption(context, 'host'),
      key: textOption(context, 'key'),
      allowedHosts: textsOption(context, 'allow-host'),
    });
    announce(context, server);
    await ended(context.signal);
    await server.close();
  },
};

interface Reach {
  readonly host?: string | undefined;
  readonly key?: string | undefined;
  readonly allowedHosts?: readonly string[] | undefined;
}

/** Starts the server described by the options. @throws LocalFailure if it cannot be started */
export async function startServer(context: CommandContext, reach: Reach = {}): Promise<LocalServer> {
  const port = portOf(context);
  try {
    return await startLocalServer({ path: pathOf(context), viewerFolder, port, ...reach });
  } catch (error) {
    if (!(error instanceof LocalFailure) || error.ending !== 'portTaken') throw error;
    const url = `http://127.0.0.1:${port}`;
    if (!(await isLocalServer(url))) throw error;
    throw new LocalFailure(
      'portTaken',
      `A local server runs on port ${port} already: ${url}. Use it, or choose another port with --port.`,
    );
  }
}

/** Whether a local server answers at this address. */
export async function isLocalServer(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/local/info`, { signal: AbortSignal.timeout(2000) });
    const body: unknown = await answer.json();
    return typeof body === 'object' && body !== null && 'name' in body && body.name === 'pandaprobe-ts';
  } catch {
    return false;
  }
}

/** Resolves when the signal is aborted. */
export function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The database file from the options. */
function pathOf(context: CommandContext): string {
  const file = textOption(context, 'file');
  if (hasOption(context, 'memory')) {
    if (file !== undefined) throw new LocalFailure('usage', '--memory and --file exclude each other');
    return inMemory;
  }
  return file === undefined ? join(context.environment.dataFolder, 'pandaprobe-ts', 'traces.db') : resolve(file);
}

function portOf(context: CommandContext): number {
  return wholeOption(context, 'port', 0, 65_535) ?? defaultPort;
}

function announce(context: CommandContext, { url, engine, lastProject }: LocalServer): void {
  const { out, paint } = context.terminal;
  const path = pathOf(context);
  if (hasOption(context, 'json')) {
    out(JSON.stringify({ url, file: path === inMemory ? null : path, engine, pid: process.pid }));
    return;
  }
  const key = textOption(context, 'key') === undefined ? 'local' : '<your key>';
  out(`${paint('bold', 'pandaprobe-ts')} ${VERSION}: local server and viewer on ${paint('cyan', url)}`);
  const project = context.environment.project ?? lastProject();
  if (project !== undefined) out(`project ${printable(project)}: ${paint('cyan', projectLink(url, project))}`);
  out(`kept in ${path === inMemory ? 'memory, until this ends' : path} (${engine})`);
  out('');
  out('Point an agent at it:');
  out(`  PANDAPROBE_ENDPOINT=${url} PANDAPROBE_API_KEY=${key} PANDAPROBE_PROJECT_NAME=my-agent node agent.js`);
  out('Fill it with a few runs:');
  out(`  npx pandaprobe-ts demo --endpoint ${url}`);
  out(paint('dim', 'Ctrl+C ends it.'));
}
