import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { flush, HttpSink, init, MemorySink, shutdown, withSpan, withTrace } from '../../lib/index.js';
import { wrapMCPClient } from '../../lib/integrations/mcp.js';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { rejection } from '../support/recorded.js';
import { until } from '../support/until.js';
import { needFrameworks } from './support/installed.js';
import { generations, loadMcp, type McpClient } from './support/mcp.js';
import { statusTree } from './support/status-tree.js';

const program = fileURLToPath(new URL('./support/mcp-stdio.ts', import.meta.url));

describe('MCP in two processes', () => {
  let receiver: Receiver;
  before(async function () {
    needFrameworks(this);
    receiver = await startReceiver({ check: checkBody });
  });
  after(async () => {
    if (receiver === undefined) return;
    await shutdown();
    await receiver.close();
  });

  for (const [generation, file] of Object.entries(generations)) {
    describe(`${generation} over stdio`, () => {
      let memory: MemorySink;
      let client: McpClient;
      // A child that is left alone would keep mocha from ending.
      afterEach(() => client?.close());

      /** A wrapped client of a server in a child process, in a trace that is over when the client is used. */
      async function connect(env: Record<string, string> = {}): Promise<void> {
        const mcp = await loadMcp(file);
        const settings = { endpoint: receiver.url, apiKey: 'sk_pp_key', projectName: 'two processes' };
        memory = new MemorySink();
        init({ ...settings, sinks: [new HttpSink(settings), memory] });
        client = wrapMCPClient(mcp.client({ sampling: {} }));
        mcp.onSampling(client, async () => {
          await withSpan('answer', { kind: 'LLM' }, async () => {});
          return { role: 'assistant', model: 'm', content: { type: 'text', text: 'Hello' } };
        });
        const own = {
          PATH: process.env.PATH ?? '',
          MCP_GENERATION: generation,
          PANDAPROBE_ENDPOINT: settings.endpoint,
          PANDAPROBE_API_KEY: settings.apiKey,
          PANDAPROBE_PROJECT_NAME: settings.projectName,
        };
        await withTrace('before', () => client.connect(mcp.stdio(program, { ...own, ...env })));
      }

      /** The tree of a trace that has come with so many spans. */
      async function stored(name: string, spans: number): Promise<string> {
        expect(await flush()).to.deep.include({ ok: true });
        const found = () => receiver.traces.find((trace) => trace.name === `${name} ${generation}`);
        await until(() => (found()?.spans.length ?? 0) >= spans);
        // A span may be told of before its parent, which comes from the other process.
        expect(receiver.problems.filter((problem) => !problem.endsWith('no span of this trace'))).to.deep.equal([]);
        return treeOf(found() ?? { name: 'nothing', spans: [] }).replace(` ${generation}`, '');
      }

      it('P36 make one trace of client and server, also if the server sends requests to the client', async () => {
        await connect();
        const before = receiver.requests.length;
        await withTrace(`run ${generation}`, () =>
          Promise.all([1, 2].map((n) => client.callTool({ name: 'w', arguments: { n } }))),
        );
        const asks = { name: 'asks', arguments: { both: true } };
        await withTrace(`asking ${generation}`, () => Promise.all([client.callTool(asks), client.callTool(asks)]));
        expect(await stored('run', 6)).to.equal('run(w(w(lookup 1)), w(w(lookup 2)))');
        expect(await stored('asking', 6)).to.equal('asking(asks(asks(answer)), asks(asks(answer)))');
        const batches = receiver.requests
          .slice(before)
          .filter(({ call, status }) => /spans/.test(call) && status === 202);
        expect(batches.length).to.be.at.most(4); // the spans of a tool call travel together
      });

      it('P36 nest requests of an unwrapped server below the only call, else beside the calls, until it dies', async () => {
        await connect({ MCP_BARE: '1' });
        for (const [name, calls] of [
          ['one', 1],
          ['two', 2],
        ] as const) {
          const asks = { name: 'asks', arguments: { both: calls === 2 } };
          await withTrace(name, () => Promise.all(Array.from({ length: calls }, () => client.callTool(asks))));
        }
        expect(statusTree(memory.traces.slice(1))).to.equal(
          'one COMPLETED\n  asks TOOL OK\n    answer LLM OK\n' +
            'two COMPLETED\n  asks TOOL OK\n  asks TOOL OK\n  answer LLM OK\n  answer LLM OK',
        );
        memory.clear();
        await withTrace('dying', () => rejection(client.callTool({ name: 'dies' })));
        expect(statusTree(memory.traces)).to.equal('dying COMPLETED\n  dies TOOL ERROR');
      });
    });
  }
});
