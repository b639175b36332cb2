import { expect } from 'chai';
import { withTrace } from '../../lib/index.js';
import { rejection } from '../support/recorded.js';
import { generations, type Tool } from './support/mcp.js';
import { mcpScene, text } from './support/mcp-scene.js';

/** A message in which a server lists its tools. */
interface Announcement {
  readonly result?: { readonly tools?: readonly object[] };
}

for (const [generation, file] of Object.entries(generations)) {
  describe(`wrapMCPClient(), MCP ${generation}`, () => {
    const scene = mcpScene(file);
    const { connected, wrapped, tree } = scene;

    describe('the client', () => {
      it('records a tool call with name, input, output and server', async () => {
        const client = await connected({ add: ({ n }) => text(`${n}!`) }, wrapped());
        await withTrace('agent', async () => {
          expect(await client.callTool({ name: 'add', arguments: { n: 1 } })).to.deep.include({
            content: [{ type: 'text', text: '1!' }],
          });
        });
        expect(tree()).to.equal('agent COMPLETED\n  add TOOL OK');
        expect(scene.recorded.span).to.deep.include({
          input: { n: 1 },
          output: '1!',
          metadata: { mcp: { server: 'tools', method: 'tools/call' } },
        });
      });

      it('makes a trace of its own outside of any trace', async () => {
        const options = { sessionId: 's-1', userId: 'u-1', tags: ['mcp'], metadata: { team: 'a' } };
        const client = await connected({ add: () => text('2') }, wrapped(options));
        await client.callTool({ name: 'add', arguments: { n: 1 } });
        expect(tree()).to.equal('add COMPLETED\n  add TOOL OK');
        expect(scene.recorded.trace).to.deep.include({
          sessionId: 's-1',
          userId: 'u-1',
          tags: ['mcp'],
          metadata: { team: 'a' },
          input: { n: 1 },
          output: '2',
        });
        expect(scene.recorded.span.metadata.team).to.equal('a');
      });

      it('records ERROR for isError, unknown tools and bad arguments, and rejects none of them', async () => {
        const tools = { fails: () => text('no such city', true), throws: () => Promise.reject(new Error('broke')) };
        const client = await connected(tools, wrapped());
        await withTrace('agent', async () => {
          expect(await client.callTool({ name: 'fails' })).to.deep.include({ isError: true });
          expect(await client.callTool({ name: 'throws' })).to.deep.include({ isError: true });
          expect(await client.callTool({ name: 'fails', arguments: { n: 'x' } })).to.deep.include({ isError: true });
          await client.callTool({ name: 'missing' }).catch(() => {});
        });
        expect(tree()).to.equal(
          'agent COMPLETED\n  fails TOOL ERROR\n  throws TOOL ERROR\n  fails TOOL ERROR\n  missing TOOL ERROR',
        );
        expect(scene.recorded.spans.map(({ error }) => error?.slice(0, 12))).to.deep.equal([
          'no such city',
          'broke',
          scene.recorded.spans[2]?.error?.slice(0, 12),
          scene.recorded.spans[3]?.error?.slice(0, 12),
        ]);
        expect(scene.recorded.spans[2]?.error).to.match(/[Ii]nvalid/);
        expect(scene.recorded.spans[3]?.error).to.match(/missing/);
        expect(scene.recorded.spans[0]?.output).to.equal('no such city');
      });

      it('records structured content as the output', async () => {
        const client = await connected({ add: () => ({ ...text('{}'), structuredContent: { sum: 3 } }) }, wrapped());
        await client.callTool({ name: 'add' });
        expect(scene.recorded.span.output).to.deep.equal({ sum: 3 });
      });

      it('records ERROR for a result that the client refuses, because it is not what the tool has announced', async () => {
        const [client, server] = [wrapped(), scene.mcp.server()];
        server.registerTool('add', { inputSchema: scene.z.object({}) }, () => text('three'));
        const [here, there] = scene.mcp.pair();
        const outputSchema = { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] };
        const transport = there as { send(message: Announcement, ...rest: unknown[]): Promise<void> };
        const send = transport.send.bind(transport);
        // The server would check its result itself if it knew that it has announced a schema.
        transport.send = (message, ...rest) => {
          for (const tool of message.result?.tools ?? []) Object.assign(tool, { outputSchema });
          return send(message, ...rest);
        };
        scene.closes(client);
        scene.closes(server);
        await server.connect(transport);
        await client.connect(here);
        await client.listTools();
        const error = await rejection(client.callTool({ name: 'add' }));
        expect(error.message).to.include('structured content');
        expect(tree()).to.equal('add ERROR\n  add TOOL ERROR');
        expect(scene.recorded.span.error).to.include('structured content');
      });

      it('records a text result as text, other results unchanged, and errors', async () => {
        const said = (words: string) => ({ type: 'text', text: words });
        const link = { type: 'resource_link', uri: 'file:///a', name: 'a' };
        const rows: [content: object[], isError: boolean, output: unknown, error: string | undefined][] = [
          [[said('one'), said('two')], false, 'one\ntwo', undefined],
          [[said('')], false, '', undefined],
          [[said('one'), link], false, [said('one'), link], undefined],
          [[link], false, [link], undefined],
          [[], false, [], undefined],
          [[said('one'), said('two')], true, 'one\ntwo', 'one\ntwo'],
          [[said('one'), link], true, [said('one'), link], 'one'],
          [[link], true, [link], 'the tool failed'],
          [[], true, [], 'the tool failed'],
        ];
        let next = 0;
        const answers = () => {
          const [content, isError] = rows[next] ?? [];
          return { content, ...(isError === true && { isError }) };
        };
        const client = await connected({ answers: answers as Tool }, wrapped());
        for (next = 0; next < rows.length; next += 1) await client.callTool({ name: 'answers' });
        expect(scene.recorded.spans.map(({ output, error }) => [output, error])).to.deep.equal(
          rows.map(([, , output, error]) => [output, error]),
        );
        expect(scene.recorded.spans.map(({ status }) => status)).to.deep.equal(
          rows.map(([, isError]) => (isError ? 'ERROR' : 'OK')),
        );
      });

      it('records a cancelled call as ERROR and aborted, and does not change its rejection', async () => {
        const controller = new AbortController();
        const hangs = () => {
          controller.abort('enough');
          return new Promise(() => {});
        };
        const client = await connected({ hangs }, wrapped());
        const error = await rejection(client.callTool({ name: 'hangs' }, { signal: controller.signal }));
        expect(error.message).to.include('enough');
        expect(tree()).to.equal('hangs ERROR\n  hangs TOOL ERROR');
        expect(scene.recorded.span.metadata.aborted).to.equal(true);
      });

      it('records a timeout as ERROR', async () => {
        const client = await connected({ hangs: () => new Promise(() => {}) }, wrapped());
        const error = await rejection(client.callTool({ name: 'hangs' }, { timeout: 5 }));
        expect(scene.recorded.span.error).to.include(error.message);
        expect(scene.recorded.span.metadata).to.not.have.property('aborted');
        expect(tree()).to.equal('hangs ERROR\n  hangs TOOL ERROR');
      });

      it('records a connection that closes during the call as ERROR', async () => {
        const server = scene.mcp.server();
        const client = await connected({ hangs: () => server.close().then(() => text('late')) }, wrapped(), server);
        await rejection(client.callTool({ name: 'hangs' }));
        expect(tree()).to.equal('hangs ERROR\n  hangs TOOL ERROR');
      });

      it('passes progress on', async () => {
        const seen: unknown[] = [];
        const tool: Tool = async (_, extra) => {
          const { _meta, mcpReq } = extra as { _meta?: object; mcpReq?: { _meta: object } };
          await scene.mcp.progress(
            extra,
            (mcpReq?._meta ?? _meta) && Reflect.get(mcpReq?._meta ?? _meta ?? {}, 'progressToken'),
          );
          return text('done');
        };
        const client = await connected({ slow: tool }, wrapped());
        await client.callTool({ name: 'slow' }, { onprogress: (progress) => seen.push(progress) });
        expect(seen).to.deep.equal([{ progress: 1, total: 2 }]);
        expect(tree()).to.equal('slow COMPLETED\n  slow TOOL OK');
      });

      it('records resources, prompts and lists only on request', async () => {
        for (const options of [{}, { resources: true, prompts: true, lists: true }]) {
          const server = scene.mcp.server();
          server.registerResource('r', 'file:///r', {}, (uri) => ({ contents: [{ uri: uri.href, text: 'body' }] }));
          server.registerPrompt('greet', {}, () => ({
            messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }],
          }));
          const client = await connected({ add: () => text('2') }, wrapped(options), server);
          await withTrace('agent', async () => {
            await client.listTools();
            await client.readResource({ uri: 'file:///r' });
            await client.getPrompt({ name: 'greet' });
          });
        }
        expect(tree()).to.equal(
          'agent COMPLETED\nagent COMPLETED\n  tools/list OTHER OK\n  resources/read RETRIEVER OK\n  greet OTHER OK',
        );
        expect(scene.recorded.spans[1]?.input).to.deep.equal({ uri: 'file:///r' });
      });

      it('records a request that was made without callTool once', async () => {
        const client = await connected({ add: () => text('2') }, wrapped());
        const { CallToolResultSchema } = await import('@modelcontextprotocol/sdk/types.js');
        const request = { method: 'tools/call', params: { name: 'add', arguments: { n: 1 } } };
        await (generation === '1.x' ? client.request(request, CallToolResultSchema) : client.request(request));
        expect(tree()).to.equal('add COMPLETED\n  add TOOL OK');
        expect(request).to.deep.equal({ method: 'tools/call', params: { name: 'add', arguments: { n: 1 } } });
      });

      it('keeps two concurrent runs of one client apart', async () => {
        const client = await connected({ add: async ({ n }) => text(String(n)) }, wrapped());
        await Promise.all(
          [1, 2].map((run) =>
            withTrace(`run ${run}`, () =>
              Promise.all([1, 2].map((n) => client.callTool({ name: 'add', arguments: { n: run * 10 + n } }))),
            ),
          ),
        );
        expect(tree()).to.equal(
          'run 1 COMPLETED\n  add TOOL OK\n  add TOOL OK\nrun 2 COMPLETED\n  add TOOL OK\n  add TOOL OK',
        );
        expect(scene.recorded.spans.map(({ output }) => output)).to.deep.equal(['11', '12', '21', '22']);
      });
    });
  });
}
