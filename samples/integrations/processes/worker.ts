// The worker that takes jobs from the queue, and asks an MCP server.
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { withTrace } from 'pandaprobe-ts';
import { wrapMCPClient } from 'pandaprobe-ts/integrations/mcp';
import { withRemoteParent } from 'pandaprobe-ts/propagation';
import { dieIf } from './die-if.js';

const client = wrapMCPClient(new Client({ name: 'worker', version: '1.0.0' }));
const weather = fileURLToPath(new URL('weather.ts', import.meta.url));
const env = process.env as Record<string, string>; // none of them is undefined
await client.connect(
  new StdioClientTransport({ command: process.execPath, args: [...process.execArgv, weather], env, stderr: 'inherit' }),
);

process.on('message', ({ city, context }: { city: string; context: object }) =>
  withRemoteParent(context, () =>
    withTrace('job', async () => {
      const { content } = await client.callTool({ name: 'forecast', arguments: { city } });
      dieIf('worker');
      process.send?.((content as { text: string }[])[0]?.text);
    }).catch((error: Error) => process.send?.(`no 21 °C: ${error.message}`)),
  ),
);
process.once('disconnect', () => process.exit());
process.send?.('ready');
