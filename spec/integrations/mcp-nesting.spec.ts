import { expect } from 'chai';
import { asCallback, createSpan } from '../../lib/engine/create-span.js';
import { toolFrame } from '../../lib/engine/integration/tool-span.js';
import { currentFrame, placeIn, within } from '../../lib/engine/scope.js';
import { withSpan, withTrace } from '../../lib/index.js';
import { wrapMCPClient, wrapMCPServer } from '../../lib/integrations/mcp.js';
import { generations, type McpClient, type McpServer, type Tool } from './support/mcp.js';
import { mcpScene, text } from './support/mcp-scene.js';

for (const [generation, file] of Object.entries(generations)) {
  describe(`Nesting around MCP ${generation}`, () => {
    const scene = mcpScene(file);
    const { connected, wrapped, tree, ask } = scene;

    /** Runs a tool as a framework does that has made the span of it. */
    function inToolOf<R>(name: string, tool: () => Promise<R>): Promise<R> {
      const outside = currentFrame();
      const place = placeIn(outside);
      if (place === undefined) throw new Error('this runs in a trace');
      const span = createSpan(place.trace, place.span, name, { kind: 'TOOL' }, asCallback);
      return within(toolFrame(span, outside), tool).finally(() => span.end());
    }

    describe("under a framework's TOOL span", () => {
      for (const name of ['w', 'server_w', 'mcp__server__w']) {
        it(`folds the call of w into ${name}, and the server's part below it`, async () => {
          const client = await connected({ w: () => text('x') }, wrapped(), wrapMCPServer(scene.mcp.server()));
          await withTrace('mine', () => inToolOf(name, () => client.callTool({ name: 'w' })));
          expect(tree()).to.equal(`mine COMPLETED\n  ${name} TOOL OK\n    w TOOL OK`);
          expect(scene.recorded.spans[0]?.metadata).to.deep.equal({ mcp: { server: 'tools', method: 'tools/call' } });
        });
      }

      it('keeps other calls that the tool makes, and the spans in its spans', async () => {
        const client = await connected({ w: () => text('x') }, wrapped());
        await withTrace('mine', () =>
          inToolOf('now', async () => {
            await client.callTool({ name: 'w' });
            await withSpan('step', () => client.callTool({ name: 'w' }));
            await ask();
          }),
        );
        expect(tree()).to.equal(
          'mine COMPLETED\n  now TOOL OK\n    w TOOL OK\n    step OTHER OK\n      w TOOL OK\n    openai-chat LLM gpt-x-2026 12+7 OK',
        );
      });
    });

    describe('over streamable HTTP', () => {
      let http: { readonly url: string; close(): Promise<void> };
      let tools: Record<string, Tool>;
      let prepare: (server: McpServer) => McpServer;
      before(async () => {
        http = await scene.mcp.listen(() => {
          const server = prepare(scene.mcp.server());
          for (const [name, tool] of Object.entries(tools)) {
            server.registerTool(name, { inputSchema: scene.z.object({ n: scene.z.number().optional() }) }, tool);
          }
          return server;
        });
      });
      after(() => http?.close());

      /** Connects in a trace that is over when the client is used: the connection's events stay in its frame. */
      async function connect(client: McpClient): Promise<McpClient> {
        await withTrace('before', () => client.connect(scene.mcp.http(http.url)));
        scene.closes(client);
        scene.recorded.memory.clear();
        return client;
      }

      const sampler = () => {
        const client = wrapMCPClient(scene.mcp.client({ sampling: {} }));
        scene.mcp.onSampling(client, async () => {
          await ask();
          return { role: 'assistant', model: 'm', content: { type: 'text', text: 'Hello' } };
        });
        return client;
      };
      const asks: Tool = async (_, extra) => {
        await scene.mcp.sample(scene.mcp.server(), extra);
        return text('x');
      };

      it('nests requests of a wrapped server below the tool that makes them, of several', async () => {
        prepare = wrapMCPServer;
        tools = { asks };
        const client = await connect(sampler());
        await withTrace('mine', () => Promise.all([1, 2].map(() => client.callTool({ name: 'asks' }))));
        const branch = '  asks TOOL OK\n    asks TOOL OK\n      openai-chat LLM gpt-x-2026 12+7 OK';
        expect(tree()).to.equal(`mine COMPLETED\n${branch}\n${branch}`);
      });

      it('nests requests of any server below the right call, of several', async () => {
        prepare = (server) => server;
        tools = { asks };
        const client = await connect(sampler());
        await withTrace('mine', () => Promise.all([1, 2].map(() => client.callTool({ name: 'asks' }))));
        const branch = '  asks TOOL OK\n    openai-chat LLM gpt-x-2026 12+7 OK';
        expect(tree()).to.equal(`mine COMPLETED\n${branch}\n${branch}`);
      });

      it('nests the spans of a progress callback below the call', async () => {
        prepare = wrapMCPServer;
        tools = {
          slow: async (_, extra) => {
            const { _meta, mcpReq } = extra as { _meta?: object; mcpReq?: { _meta?: object } };
            await scene.mcp.progress(extra, Reflect.get(mcpReq?._meta ?? _meta ?? {}, 'progressToken'));
            return text('x');
          },
        };
        const client = await connect(wrapped());
        let heard: () => void = () => {};
        const isHeard = new Promise<void>((resolve) => {
          heard = resolve;
        });
        const onprogress = () => withSpan('told', heard);
        await withTrace('mine', async () => {
          await client.callTool({ name: 'slow' }, { onprogress });
          await isHeard;
        });
        expect(tree().split('\n').toSorted()).to.deep.equal(
          ['mine COMPLETED', '  slow TOOL OK', '    slow TOOL OK', '    told OTHER OK'].toSorted(),
        );
      });

      it('records nothing of a trace that sampling leaves out, on either side', async () => {
        scene.record({ sampleRate: 0 });
        prepare = wrapMCPServer;
        tools = { w: () => withSpan('in', () => text('x')) };
        const client = await connect(wrapped());
        await withTrace('mine', () => client.callTool({ name: 'w' }));
        expect(tree()).to.equal('');
      });

      it('makes a trace for each call of a client that is not wrapped', async () => {
        prepare = wrapMCPServer;
        tools = { w: () => withSpan('in', () => text('x')) };
        const client = await connect(scene.mcp.client());
        await withTrace('mine', () => Promise.all([1, 2].map(() => client.callTool({ name: 'w' }))));
        const own = 'w COMPLETED\n  w TOOL OK\n    in OTHER OK';
        expect(tree()).to.equal(`${own}\n${own}\nmine COMPLETED`);
      });
    });
  });
}
