import { expect } from 'chai';
import { recorderOf } from '../../lib/client/recording/client-parts.js';
import { emptyFrame } from '../../lib/engine/frame.js';
import { getClient, init, shutdown } from '../../lib/index.js';
import { unwrap, wrapMCPClient, wrapMCPServer } from '../../lib/integrations/mcp.js';
import { generations, type Tool } from './support/mcp.js';
import { mcpScene, text } from './support/mcp-scene.js';

let warnings = 0;

for (const [generation, file] of Object.entries(generations)) {
  describe(`Wrapped MCP ${generation}`, () => {
    const scene = mcpScene(file);
    const { connected, wrapped, tree } = scene;

    describe('as guests', () => {
      it('record once if they are wrapped twice, and nothing after unwrap', async () => {
        const server = wrapMCPServer(wrapMCPServer(scene.mcp.server()));
        wrapMCPServer(server.server); // the one inside is the same
        const bare = scene.mcp.client();
        const client = await connected({ w: () => text('x') }, wrapMCPClient(wrapMCPClient(bare)), server);
        expect(client).to.equal(bare);
        await client.callTool({ name: 'w' });
        expect(tree()).to.equal('w COMPLETED\n  w TOOL OK\n    w TOOL OK');
        unwrap(client);
        unwrap(server);
        expect(Object.hasOwn(client, 'callTool')).to.equal(false);
        await client.callTool({ name: 'w' });
        expect(scene.recorded.traces).to.have.lengthOf(1);
      });

      it('P38 make no difference while the SDK is disabled', async () => {
        await shutdown();
        init({ enabled: false });
        let meta: unknown;
        const tool: Tool = (_, extra) => {
          meta = Reflect.get(extra as object, '_meta');
          return text('x');
        };
        const client = await connected({ w: tool }, wrapped(), wrapMCPServer(scene.mcp.server()));
        expect(await client.callTool({ name: 'w' })).to.deep.include({ content: [{ type: 'text', text: 'x' }] });
        expect(meta).to.equal(undefined);
      });

      it('P38 print one warning when they fail inside, and the call goes on', async () => {
        const lines: string[] = [];
        const write = process.stderr.write;
        process.stderr.write = ((line: string) => lines.push(line) > 0) as typeof write;
        try {
          const client = wrapped({ metadata: { toJSON: () => 'x' } });
          const broken = {
            clock: {
              now: () => {
                throw new Error('S3CRET');
              },
            },
          };
          Object.assign(recorderOf(getClient(), emptyFrame) ?? {}, broken);
          await connected({ w: () => text('x') }, client, wrapMCPServer(scene.mcp.server()));
          for (let i = 0; i < 3; i += 1) {
            expect(await client.callTool({ name: 'w' })).to.deep.include({ content: [{ type: 'text', text: 'x' }] });
          }
        } finally {
          process.stderr.write = write;
        }
        const ours = lines.filter((line) => line.startsWith('[pandaprobe]'));
        warnings += ours.length;
        expect(warnings).to.equal(1); // of both generations: each cause is told once a minute
        expect(ours.join()).to.not.include('S3CRET');
      });

      it('record neither inputs nor outputs where they are told so, and no credential', async () => {
        const client = await connected(
          { w: () => text('out-z4711') },
          wrapped({ captureInput: false, captureOutput: false }),
          wrapMCPServer(scene.mcp.server(), { captureInput: false, captureOutput: false }),
        );
        await client.callTool({ name: 'w', arguments: { n: 'z4711' }, _meta: { authorization: 'S3CRET' } });
        expect(scene.recorded.text).to.not.match(/z4711|S3CRET/);
      });
    });
  });
}
