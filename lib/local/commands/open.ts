import { spawn } from 'node:child_process';
import { Api } from '../api/api.js';
import { projectLink, traceLink } from '../api/links.js';
import { findTrace } from '../api/named-trace.js';
import { type Command, hasOption, serverOptions } from '../command-line/command.js';
import { LocalFailure } from '../failure.js';
import { isLocalServer } from './local.js';

/** `open`: the viewer, in the browser. */
export const open: Command = {
  name: 'open',
  usage: '[<trace>]',
  summary: 'open the viewer of a local server in the browser: the list of traces, or one trace',
  options: {
    print: { type: 'boolean', about: 'print the address and open nothing' },
    ...serverOptions,
  },
  maxArgs: 1,
  examples: [
    ['pandaprobe-ts open', 'the traces of the last used project'],
    ['pandaprobe-ts open 0b0e7c5c', 'one trace, by the start of its id'],
  ],
  async run(context) {
    const [trace] = context.args;
    const { api, traceId } =
      trace === undefined ? { api: await Api.of(context), traceId: '' } : await findTrace(context, trace);
    if (!(await isLocalServer(api.endpoint)))
      throw new LocalFailure('usage', `${api.endpoint} is no local server: its pages have other addresses`);
    const url = traceId === '' ? projectLink(api.endpoint, api.project) : traceLink(api.endpoint, traceId, api.project);
    context.terminal.out(hasOption(context, 'json') ? JSON.stringify({ url }) : url);
    if (!hasOption(context, 'print') && !(await browse(url)))
      throw new LocalFailure('failed', 'no browser could be started: open the address yourself');
  },
};

/** Starts the browser, without a shell, so that the address cannot run commands. @returns whether it was started */
function browse(url: string): Promise<boolean> {
  const commands: Readonly<Record<string, readonly string[]>> = {
    darwin: ['open', url],
    win32: ['rundll32', 'url.dll,FileProtocolHandler', url],
  };
  const [command = '', ...args] = commands[process.platform] ?? ['xdg-open', url];
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
