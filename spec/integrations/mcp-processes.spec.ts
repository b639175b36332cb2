import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { flush, init, shutdown, withTrace } from '../../lib/index.js';
import { wrapMCPClient } from '../../lib/integrations/mcp.js';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { until } from '../support/until.js';
import { needFrameworks } from './support/installed.js';
import { generations, loadMcp } from './support/mcp.js';

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
    it(`P36 makes one trace of client and server, ${generation} over stdio, valid against the contract`, async () => {
      const settings = { endpoint: receiver.url, apiKey: 'sk_pp_key', projectName: 'two processes' };
      init(settings);
      const mcp = await loadMcp(file);
      const client = wrapMCPClient(mcp.client());
      const { PATH = '' } = process.env;
      await client.connect(
        mcp.stdio(program, {
          PATH,
          MCP_GENERATION: generation,
          PANDAPROBE_ENDPOINT: settings.endpoint,
          PANDAPROBE_API_KEY: settings.apiKey,
          PANDAPROBE_PROJECT_NAME: settings.projectName,
        }),
      );
      const name = `run ${generation}`;
      await withTrace(name, () => Promise.all([1, 2].map((n) => client.callTool({ name: 'w', arguments: { n } }))));
      expect(await flush()).to.deep.include({ ok: true });
      const stored = () => receiver.traces.find((trace) => trace.name === name);
      await until(() => stored()?.spans.length === 6);
      await client.close();
      expect(treeOf(stored() ?? { name: 'nothing', spans: [] })).to.equal(`${name}(w(w(lookup 1)), w(w(lookup 2)))`);
      expect(receiver.problems).to.deep.equal([]);
      const batches = receiver.requests.filter(({ call, status }) => /spans/.test(call) && status === 202);
      expect(batches.length).to.be.at.most(4); // the two spans of a tool call travel together
    });
  }
});
