import { Api, defaultEndpoint, endpointOf } from '../api/api.js';
import { projectLink, traceLink } from '../api/links.js';
import { checkProjectName } from '../api/projects-at.js';
import {
  type Command,
  type CommandContext,
  hasOption,
  serverOptions,
  textOption,
  wholeOption,
} from '../command-line/command.js';
import { fillWithRuns, sendLive } from '../demo/fill.js';
import { LocalFailure } from '../failure.js';
import type { LocalServer } from '../server/server.js';
import { ended, isLocalServer, startOptions, startServer } from './local.js';

/** `demo`: a few realistic runs, over plain HTTP. */
export const demo: Command = {
  name: 'demo',
  summary: 'send a few realistic runs to the server; start one if none runs',
  options: {
    runs: { type: 'string', value: '<n>', about: 'how many, 1 to 1000 (default 24)' },
    live: { type: 'boolean', about: 'send one more run as it happens, over about ten seconds' },
    ...serverOptions,
    project: { type: 'string', value: '<name>', about: 'the project (default demo)' },
    ...startOptions,
  },
  examples: [
    ['pandaprobe-ts demo', 'fill the running server, or start one and keep it'],
    ['pandaprobe-ts demo --memory --port 0', 'with its own server, which keeps nothing'],
    ['pandaprobe-ts demo --live', 'watch a run grow in the viewer'],
  ],
  async run(context) {
    const count = wholeOption(context, 'runs', 1, 1000) ?? 24;
    checkProjectName(context, textOption(context, 'project') ?? 'demo');
    const own = await ownServer(context);
    try {
      await fill(context, own?.url ?? endpointOf(context), count);
      if (own !== undefined && !hasOption(context, 'json')) context.terminal.out('Ctrl+C ends the server.');
      if (own !== undefined) await ended(context.signal);
    } finally {
      await own?.close();
    }
  },
};

/** Starts a server if none runs that could be filled. */
async function ownServer(context: CommandContext): Promise<LocalServer | undefined> {
  if (textOption(context, 'endpoint') !== undefined) return undefined;
  const wantsOwn =
    ['port', 'file'].some((name) => textOption(context, name) !== undefined) || hasOption(context, 'memory');
  if (wantsOwn) return startServer(context);
  const endpoint = endpointOf(context);
  if (await isLocalServer(endpoint)) return undefined;
  if (endpoint === defaultEndpoint) return startServer(context);
  // A platform that is only named by the variable gets no made-up runs.
  const what = `PANDAPROBE_ENDPOINT is ${endpoint}, where no local server answers`;
  throw new LocalFailure(
    'usage',
    `${what}: name it with --endpoint to send there, or give --port for a server of its own`,
  );
}

async function fill(context: CommandContext, url: string, count: number): Promise<void> {
  const { out, paint } = context.terminal;
  const key = textOption(context, 'key') ?? context.environment.key ?? 'local';
  const api = new Api(url, key, textOption(context, 'project') ?? 'demo');
  const traceIds = await fillWithRuns(api, count, Date.now());
  const newest = traceIds.at(-1) ?? '';
  const live = hasOption(context, 'live') ? sendLive(api, Date.now, context.signal) : undefined;
  if (hasOption(context, 'json')) {
    out(JSON.stringify({ url, project: api.project, traces: traceIds.length, newest, live: live?.traceId ?? null }));
  } else {
    out(`${traceIds.length} traces sent to project ${api.project}.`);
    out(`All of them:  ${paint('cyan', projectLink(url, api.project))}`);
    out(`The newest:   ${paint('cyan', traceLink(url, newest, api.project))}`);
    if (live !== undefined) out(`Live, now:    ${paint('cyan', traceLink(url, live.traceId, api.project))}`);
  }
  await live?.done;
}
