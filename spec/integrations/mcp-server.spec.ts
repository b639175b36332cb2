import { expect } from 'chai';
import { withSpan, withTrace } from '../../lib/index.js';
import { unwrap, wrapMCPClient, wrapMCPServer } from '../../lib/integrations/mcp.js';
import { turns } from '../support/recording.js';
import { generations, type Tool } from './support/mcp.js';
import { mcpScene, text } from './support/mcp-scene.js';

for (const [generation, file] of Object.entries(generations)) {
  describe(`wrapMCPServer(), MCP ${generation}`, () => {
    const scene = mcpScene(file);
    const { connected, wrapped, tree, ask } = scene;

    describe('the server', () => {
      it('makes a trace of its own for an unwrapped client, with the spans of the tool', async () => {
        const tool: Tool = async () => text((await withSpan('lookup', ask)).id);
        await (await connected({ add: tool }, scene.mcp.client(), wrapMCPServer(scene.mcp.server()))).callTool({
          name: 'add',
          arguments: { n: 1 },
        });
        expect(tree()).to.equal(
          'add COMPLETED\n  add TOOL OK\n    lookup OTHER OK\n      openai-chat LLM gpt-x-2026 12+7 OK',
        );
        expect(scene.recorded.trace.input).to.deep.equal({ n: 1 });
        expect(scene.recorded.spans[0]?.metadata).to.deep.equal({ mcp: { server: 'tools', method: 'tools/call' } });
      });

      it('records tools that are registered later, unknown ones and bad arguments', async () => {
        const server = wrapMCPServer(scene.mcp.server());
        const client = await connected({ add: () => text('2') }, scene.mcp.client(), server);
        server.registerTool('later', { inputSchema: scene.z.object({}) }, () => text('3'));
        await client.callTool({ name: 'later' });
        await client.callTool({ name: 'add', arguments: { n: 'x' } });
        await client.callTool({ name: 'missing' }).catch(() => {});
        expect(tree()).to.equal(
          'later COMPLETED\n  later TOOL OK\nadd ERROR\n  add TOOL ERROR\nmissing ERROR\n  missing TOOL ERROR',
        );
      });

      it('ends the oldest of more than ten thousand calls that never return', async function () {
        this.timeout(60_000);
        const never: Tool = () => new Promise(() => {});
        const client = await connected({ never }, scene.mcp.client(), wrapMCPServer(scene.mcp.server()));
        await withTrace('mine', async () => {
          for (let i = 0; i <= 10_000; i += 1) {
            client.callTool({ name: 'never' }, { timeout: 2 ** 30 }).catch(() => {});
            if (i % 100 === 0) await turns(2);
          }
          await turns(2);
        });
        await client.close();
        const marks = scene.recorded.spans.map(({ metadata }) => metadata.incomplete);
        expect(marks).to.have.length(10_001);
        expect(marks.flatMap((mark, i) => (mark ? i : []))).to.deep.equal([0]);
      });

      it('records a tool that calls another server, with that call below it', async () => {
        const inner = await connected(
          { inner: () => text('in') },
          wrapped(),
          wrapMCPServer(scene.mcp.server('second')),
        );
        const tool: Tool = () => inner.callTool({ name: 'inner' });
        const outer = await connected({ outer: tool }, wrapped(), wrapMCPServer(scene.mcp.server('first')));
        await outer.callTool({ name: 'outer' });
        expect(tree()).to.equal(
          'outer COMPLETED\n  outer TOOL OK\n    outer TOOL OK\n      inner TOOL OK\n        inner TOOL OK',
        );
        expect(scene.recorded.spans.map(({ metadata }) => Reflect.get(metadata.mcp ?? {}, 'server'))).to.deep.equal([
          ...['first', 'first', 'second', 'second'],
        ]);
      });
    });

    describe('both', () => {
      it('make one trace, with user spans and wrapped clients in parallel tools', async () => {
        const tool: Tool = async ({ n }) => text((await withSpan(`lookup ${n}`, ask)).id);
        const client = await connected({ w: tool }, wrapped(), wrapMCPServer(scene.mcp.server()));
        await withTrace('mine', () => Promise.all([1, 2].map((n) => client.callTool({ name: 'w', arguments: { n } }))));
        const branch = (n: number) =>
          `  w TOOL OK\n    w TOOL OK\n      lookup ${n} OTHER OK\n        openai-chat LLM gpt-x-2026 12+7 OK`;
        expect(tree()).to.equal(`mine COMPLETED\n${branch(1)}\n${branch(2)}`);
      });

      it('make one trace over streamable HTTP in one process', async () => {
        const http = await scene.mcp.listen(() => {
          const server = wrapMCPServer(scene.mcp.server());
          server.registerTool('w', { inputSchema: scene.z.object({}) }, () => withSpan('lookup', () => text('x')));
          return server;
        });
        const client = wrapped();
        scene.closes(client);
        await client.connect(scene.mcp.http(http.url));
        await withTrace('mine', () => client.callTool({ name: 'w' }));
        await client.close();
        await http.close();
        expect(tree()).to.equal('mine COMPLETED\n  w TOOL OK\n    w TOOL OK\n      lookup OTHER OK');
      });

      it("keep other entries of _meta, and do not change the caller's objects", async () => {
        let meta: Record<string, unknown> = {};
        const tool: Tool = (_, extra) => {
          const { _meta, mcpReq } = extra as { _meta: object; mcpReq?: { _meta: object } };
          meta = { ...(mcpReq?._meta ?? _meta) };
          return text('x');
        };
        const client = await connected({ w: tool }, wrapped());
        const given = {
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
          tracestate: 'a=1',
          baggage: 'k=v',
        };
        const params = { name: 'w', _meta: { ...given } };
        await client.callTool(params);
        expect(params).to.deep.equal({ name: 'w', _meta: given });
        expect(meta).to.deep.include({ traceparent: given.traceparent, baggage: 'k=v' });
        expect(meta.tracestate).to.match(/^pandaprobe=[0-9a-f-]+,a=1$/);
        const off = await connected({ w: tool }, wrapped({ propagate: false }));
        await off.callTool({ name: 'w', _meta: { ...given } });
        expect(meta).to.deep.include(given);
      });

      it('keep traces apart that report to different projects', async () => {
        const server = wrapMCPServer(scene.mcp.server());
        const client = await connected({ w: () => text('x') }, wrapped(), server);
        // Over a socket nothing but the request comes across.
        const { tracestate } = { tracestate: `pandaprobe=1-00000000-${'ab'.repeat(16)}-${'1'.repeat(16)}-1` };
        unwrap(client);
        await client.callTool({ name: 'w', _meta: { tracestate } });
        expect(tree()).to.equal('w COMPLETED\n  w TOOL OK');
        expect(scene.recorded.trace.traceId).to.not.match(/^abab/);
      });

      it('record nothing of a trace that sampling leaves out', async () => {
        scene.record({ sampleRate: 0 });
        const client = await connected(
          { w: () => withSpan('in', () => text('x')) },
          wrapped(),
          wrapMCPServer(scene.mcp.server()),
        );
        await withTrace('mine', () => client.callTool({ name: 'w' }));
        expect(tree()).to.equal('');
      });

      it('nest requests of the server to the client below the tool that makes them', async () => {
        for (const isServerWrapped of [true, false]) {
          scene.recorded.memory.clear();
          const client = wrapMCPClient(scene.mcp.client({ sampling: {} }));
          scene.mcp.onSampling(client, async () => {
            await ask();
            return { role: 'assistant', model: 'm', content: { type: 'text', text: 'Hello' } };
          });
          const server = isServerWrapped ? wrapMCPServer(scene.mcp.server()) : scene.mcp.server();
          const tool: Tool = async (_, extra) => {
            await scene.mcp.sample(server, extra);
            return text('x');
          };
          await connected({ w: tool }, client, server);
          await withTrace('mine', () => client.callTool({ name: 'w' }));
          expect(tree()).to.equal(
            isServerWrapped
              ? 'mine COMPLETED\n  w TOOL OK\n    w TOOL OK\n      openai-chat LLM gpt-x-2026 12+7 OK'
              : 'mine COMPLETED\n  w TOOL OK\n    openai-chat LLM gpt-x-2026 12+7 OK',
          );
        }
      });

      it('send the context with what the server asks, unless `propagate` is false', async () => {
        for (const propagate of [undefined, false]) {
          let asked = '';
          const client = scene.mcp.client({ sampling: {} });
          scene.mcp.onSampling(client, async (request) => {
            asked = JSON.stringify(request);
            return { role: 'assistant', model: 'm', content: { type: 'text', text: 'Hello' } };
          });
          const server = wrapMCPServer(scene.mcp.server(), { propagate });
          const tool: Tool = async (_, extra) => {
            await scene.mcp.sample(server, extra);
            return text('x');
          };
          await connected({ w: tool }, client, server);
          await client.callTool({ name: 'w' });
          expect(asked).to.include('"Hi"');
          expect(asked.includes('traceparent')).to.equal(propagate !== false);
        }
      });
    });
  });
}
