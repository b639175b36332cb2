import { basename } from 'node:path';
import { Api, type ApiPage, type ApiTrace, defaultEndpoint, endpointOf, maxPage } from '../api/api.js';
import { projectLink, traceLink } from '../api/links.js';
import { checkProjectName } from '../api/projects-at.js';
import { autoFile } from '../auto-file.js';
import { runChild } from '../child.js';
import { type Command, type CommandContext, hasOption, serverOptions, textOption } from '../command-line/command.js';
import { printable } from '../command-line/terminal.js';
import { nearestManifest } from '../doctor/manifest.js';
import { environmentFor } from '../environment.js';
import { LocalFailure } from '../failure.js';
import type { LocalServer } from '../server/server.js';
import type { TraceListItem } from '../store/trace-list.js';
import { ended, isLocalServer, startOptions, startServer } from './local.js';
import { changes } from './tail.js';

/** `run`: runs a program so that its traces are recorded and can be seen. */
export const run: Command = {
  name: 'run',
  usage: '-- <command>',
  summary: 'run a program, record its clients and frameworks without code, and print the address of each trace',
  options: {
    exit: { type: 'boolean', about: 'stop the server that it has started when the program ends, also in a terminal' },
    ...serverOptions,
    project: {
      type: 'string',
      value: '<name>',
      about: 'the project (default $PANDAPROBE_PROJECT_NAME, else of package.json)',
    },
    ...startOptions,
  },
  maxArgs: Number.POSITIVE_INFINITY,
  examples: [
    ['pandaprobe-ts run -- node app.js', 'with its own output and exit code; the addresses go to standard error'],
    ['pandaprobe-ts run --memory --port 0 -- npm test', 'with its own server, which keeps nothing'],
  ],
  async run(context) {
    const [command, ...args] = context.args;
    if (command === undefined)
      throw new LocalFailure('usage', 'run expects a command: pandaprobe-ts run -- node app.js');
    const project = projectOf(context);
    const { url: endpoint, key, own } = await targetOf(context);
    try {
      const api = new Api(endpoint, key, project);
      const traces = new TraceLines(context, api);
      const settings = {
        PANDAPROBE_ENDPOINT: endpoint,
        PANDAPROBE_API_KEY: key,
        PANDAPROBE_PROJECT_NAME: project,
      };
      const end = await runChild(command, args, environmentFor(settings, autoFile)).finally(() => traces.finish());
      if (own !== undefined && process.stderr.isTTY && !hasOption(context, 'exit') && end.signal === null) {
        const { note, paint } = context.terminal;
        note(`The program has ended. Its traces: ${paint('cyan', projectLink(endpoint, project))}`);
        note('Ctrl+C ends the server.');
        await ended(context.signal);
      }
      await own?.close();
      return end.finish();
    } catch (error) {
      await own?.close();
      throw error;
    }
  },
};

/** The server to which the traces go. */
interface Target {
  readonly url: string;
  readonly key: string;
  /** The server, if it was started for this run. */
  readonly own?: LocalServer;
}

/** The server that is named or already running, else a new one. A platform that is only named by variables is not used. */
async function targetOf(context: CommandContext): Promise<Target> {
  const key = textOption(context, 'key');
  const named = endpointOf(context);
  if (textOption(context, 'endpoint') !== undefined)
    return { url: named, key: key ?? context.environment.key ?? 'local' };
  const wantsOwn =
    ['port', 'file'].some((name) => textOption(context, name) !== undefined) || hasOption(context, 'memory');
  if (!wantsOwn) {
    if (await isLocalServer(named)) return { url: named, key: key ?? context.environment.key ?? 'local' };
    if (await isLocalServer(defaultEndpoint)) return { url: defaultEndpoint, key: key ?? 'local' };
  }
  const own = await startServer(context);
  return { url: own.url, key: 'local', own };
}

function projectOf(context: CommandContext): string {
  const named = textOption(context, 'project') ?? context.environment.project;
  if (named !== undefined) {
    checkProjectName(context, named);
    return named;
  }
  const { name } = nearestManifest(process.cwd());
  const plain = (typeof name === 'string' ? name : basename(process.cwd()))
    .replace(/[^A-Za-z0-9 \-_.']+/g, '-')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return plain === '' ? 'my-agent' : plain.slice(0, 100).replace(/[^A-Za-z0-9]+$/, '');
}

/** Prints one line for each trace that has ended. */
class TraceLines {
  readonly #context: CommandContext;
  readonly #api: Api;
  readonly #since = new Date().toISOString();
  readonly #printed = new Set<string>();
  readonly #ending = new AbortController();
  readonly #following: Promise<void>;

  constructor(context: CommandContext, api: Api) {
    this.#context = context;
    this.#api = api;
    this.#following = this.#follow();
  }

  /** Prints the remaining traces, because the server sends changes with a delay. */
  async finish(): Promise<void> {
    this.#ending.abort();
    await this.#following;
    try {
      const params = { limit: maxPage, started_after: this.#since, sort_by: 'started_at', sort_order: 'asc' };
      for (let offset = 0, total = 1; offset < total; offset += maxPage) {
        const page = await this.#api.get<ApiPage<TraceListItem>>('/traces', { ...params, offset });
        total = page.total;
        for (const trace of page.items) this.#print(trace);
      }
    } catch {
      // The server has ended before the program. Only the end of the program counts.
    }
  }

  async #follow(): Promise<void> {
    try {
      for await (const { traceId } of changes(this.#api, this.#ending.signal)) {
        if (!this.#printed.has(traceId)) this.#print(await this.#api.get<ApiTrace>(`/traces/${traceId}`));
      }
    } catch {
      // Missed traces are printed at the end.
    }
  }

  #print({
    trace_id: id,
    name,
    status,
    started_at: from,
    ended_at: to,
  }: Omit<TraceListItem, 'latency_ms' | 'span_count'>): void {
    if (to === null || this.#printed.has(id)) return;
    this.#printed.add(id);
    const { note, paint } = this.#context.terminal;
    const url = traceLink(this.#api.endpoint, id, this.#api.project);
    const seconds = ((Date.parse(to) - Date.parse(from)) / 1000).toFixed(2);
    const line = `pandaprobe-ts: ${printable(name)} ${status} ${seconds} s ${paint('cyan', url)}`;
    note(hasOption(this.#context, 'json') ? JSON.stringify({ trace_id: id, name, status, url }) : line);
  }
}
