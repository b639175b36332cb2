import { once } from 'node:events';
import { VERSION } from '../../common/version.js';
import { endpointOf } from '../api/api.js';
import { type Command, type CommandContext, type OptionValue, serverOptions } from '../command-line/command.js';
import { LocalFailure } from '../failure.js';
import { argumentFaults, type Given, schemaOf } from '../mcp/arguments.js';
import { loadSdk } from '../mcp/sdk.js';
import { mcpTools } from '../mcp/tools.js';
import { boundedText, maxAnswerChars } from '../text/bounded.js';
import { ended } from './local.js';

const instructions =
  'Traces of AI agents: what they did, step by step. Begin with list_traces (status ERROR for what failed), then get_trace and get_step.';

/** `mcp`: the traces, for a coding agent. */
export const mcp: Command = {
  name: 'mcp',
  summary: 'serve the traces to a coding agent: an MCP server on standard input and output',
  options: serverOptions,
  examples: [
    ['pandaprobe-ts mcp', 'as the command of an MCP server, for the local server'],
    [
      'pandaprobe-ts mcp --endpoint https://api.pandaprobe.com --project support',
      'for the platform, with PANDAPROBE_API_KEY',
    ],
  ],
  async run(context) {
    endpointOf(context); // before anything is loaded
    const { Server, StdioServerTransport, listTools, callTool } = await loadSdk();
    const server = new Server({ name: 'pandaprobe', version: VERSION }, { capabilities: { tools: {} }, instructions });
    const tools = mcpTools.map(({ name, description, arguments: given }) => {
      return { name, description, inputSchema: schemaOf(given), annotations: { readOnlyHint: true } };
    });
    server.setRequestHandler(listTools, async () => ({ tools }));
    server.setRequestHandler(callTool, ({ params }, extra) =>
      answerTo(context, params?.name ?? '', params?.arguments ?? {}, extra?.signal),
    );
    await server.connect(new StdioServerTransport());
    await Promise.race([once(process.stdin, 'close'), once(process.stdin, 'end'), ended(context.signal)]);
    await server.close();
  },
};

/** The answer of a tool. A fault is an answer, too, so that the agent can read it. */
async function answerTo(
  context: CommandContext,
  name: string,
  given: Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
) {
  try {
    const tool = mcpTools.find((each) => each.name === name);
    if (tool === undefined)
      throw new LocalFailure('usage', `expected one of ${mcpTools.map((each) => each.name).join(', ')}, got ${name}`);
    // Some clients send null for every argument that the model has left out.
    const sent = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
    const faults = argumentFaults(tool.arguments, sent);
    if (faults.length > 0) throw new LocalFailure('usage', faults.join('\n'));
    return textOf(await tool.run(asContext(context, sent as Given, signal), sent as Given), false); // they fit
  } catch (error) {
    return textOf(error instanceof LocalFailure ? error.message.replace(/--(?=[a-z])/g, '') : String(error), true);
  }
}

/** Makes the context of a tool call. A tool's arguments have the names of the options with the same meaning. */
function asContext(context: CommandContext, given: Given, signal: AbortSignal | undefined): CommandContext {
  const own = Object.entries(given).map(
    ([name, value]) => [name, typeof value === 'number' ? String(value) : value] as const,
  );
  const options: Readonly<Record<string, OptionValue>> = { ...context.options, ...Object.fromEntries(own) };
  const silent = { ...context.terminal, out: () => {}, note: () => {}, progress: () => {} };
  return { ...context, options, terminal: silent, signal: signal ?? context.signal };
}

function textOf(text: string, isError: boolean) {
  return { content: [{ type: 'text', text: boundedText(text, maxAnswerChars - 100) }], isError };
}
