import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { attachments } from '../../lib/auto/attachments.js';
import { auto, run, sentTo } from '../auto/ran.js';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { root } from '../support/user-project.js';
import { answer, cli, runs } from './support/auto-runs.js';
import { type FakeModels, startModels } from './support/fake-models.js';
import { needFrameworks } from './support/installed.js';

/** Before 22.15 nothing sees an ES module that is loaded by `require()`: `ai` 7 and the Claude Agent SDK are such. */
const hasHooks = 'registerHooks' in process.getBuiltinModule('node:module');

describe('A framework that knows nothing of tracing', () => {
  let models: FakeModels;
  let receiver: Receiver;
  before(async function () {
    needFrameworks(this);
    models = await startModels(answer);
  });
  after(() => models?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver?.close());

  for (const kind of ['mjs', 'cjs']) {
    it(`is recorded with its tree in ${kind} modules, and the output of the program is the same as without`, async function () {
      this.timeout(600_000); // frameworks are loaded by many processes
      const used = runs.filter(([name]) => kind === 'mjs' || hasHooks || !/^(?:ai=ai=|claude=)/.test(name));
      const path = join(root, `spec/integrations/support/auto-program.${kind}`);
      const args = [path, models.url, ...used.map(([name]) => name)];
      const bare = await run(args);
      const recorded = await run([...auto, ...args], sentTo(receiver)); // the model answers one program at a time
      expect(recorded).to.deep.equal(bare);
      expect(bare.code, bare.stderr).to.equal(0);
      expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal(used.map(([, tree]) => tree).toSorted());
    });
  }

  it('P37 is recorded once if it is also wrapped by hand, with the options given there', async function () {
    this.timeout(300_000);
    const args = [join(root, 'spec/integrations/support/auto-by-hand.mjs'), models.url, cli];
    const ending = await run([...auto, ...args], sentTo(receiver));
    const stdout = 'result\ntrue true true\nresult\ntrue\n';
    expect(ending).to.deep.equal({ code: 0, stdout, stderr: '' });
    const claude = 'ClaudeAgentSDK(ClaudeAgentSDK(ClaudeAgentSDK(claude-llm, w, w, claude-llm)))';
    const found = receiver.traces.map((trace) => [treeOf(trace), trace.session_id]);
    expect(found.map(([tree]) => tree)).to.have.members([claude, claude, 'weather(weather(gpt-x, w, gpt-x))']);
    // The query that `startup` gives is not wrapped by hand: its session is the SDK's own.
    expect(found.map(([, session]) => session === 'hand').filter(Boolean)).to.have.lengthOf(2);
  });
});

describe('The functions of the AI SDK 5 and 6 that get a tracer', () => {
  before(function () {
    needFrameworks(this);
  });

  for (const name of ['ai-5', 'ai-6']) {
    it(`are all that take one in ${name}`, () => {
      const source = readFileSync(join(root, `spec/integrations/node_modules/${name}/dist/index.mjs`), 'utf8');
      const functions = source.matchAll(/^(?:async )?function (\w+)\(\{(.*?)^\}(?: = \{\})?\) \{/gms);
      const taking = [...functions].filter(([, , names]) => names?.includes('experimental_telemetry'));
      const attached = attachments.find(({ versions }) => versions === '5 and 6')?.names;
      expect(taking).to.have.lengthOf.at.least(4);
      expect(attached).to.include.members(taking.map(([, each]) => each));
    });
  }
});
