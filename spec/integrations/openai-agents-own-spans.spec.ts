import type * as Agents from '@openai/agents';
import { expect } from 'chai';
import OpenAI from 'openai';
import { withSpan } from '../../lib/index.js';
import { OpenAIAgentsAdapter } from '../../lib/integrations/openai-agents.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Recorded, record, stopRecording } from '../support/recorded.js';
import { type FakeModels, startModels } from './support/fake-models.js';
import { needFrameworks } from './support/installed.js';
import { statusTree } from './support/status-tree.js';

/** The framework runs the start of such a span in the flow of its caller, where it leaves the span current. */
describe('A span that the user of OpenAI Agents opens with the framework', () => {
  let agents: typeof Agents;
  let models: FakeModels;
  let recorded: Recorded;

  before(async function () {
    needFrameworks(this);
    agents = await import('@openai/agents');
    models = await startModels();
    agents.setTracingDisabled(false);
  });
  after(async () => {
    agents?.setTraceProcessors([]);
    await models?.[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    recorded = record();
    agents.setTraceProcessors([new OpenAIAgentsAdapter().createTraceProcessor()]);
    models.answer([{ text: 'Cold.' }]);
  });
  afterEach(() => stopRecording());

  const openAIClient = () => new OpenAI({ baseURL: models.url, apiKey: 'k', maxRetries: 0 });
  const run = (name: string) => {
    const modelProvider = new agents.OpenAIProvider({ openAIClient: openAIClient() as never, useResponses: false });
    const agent = new agents.Agent({ name, instructions: 'Be brief.', model: 'gpt-x' });
    return new agents.Runner({ modelProvider }).run(agent, 'How warm?');
  };
  const search = { data: { name: 'search', data: {} } };
  /** The tree without the model calls' tokens, which depend on the order of the runs. */
  const tree = () => statusTree(recorded.traces).replaceAll(/ \d+\+\d+/g, '');
  const ran = (name: string, indent: string) => `${indent}${name} AGENT OK\n${indent}  gpt-x-2026 LLM gpt-x-2026 OK`;

  it('has the runs in it below it, and those after it beside it', async () => {
    await agents.withTrace('mine', async () => {
      await agents.withCustomSpan(() => Promise.all([run('one'), run('two')]), search);
      await run('writer');
    });
    expect(tree()).to.equal(
      ['mine COMPLETED', '  search OTHER OK', ran('one', '    '), ran('two', '    ')]
        .concat('  Agent workflow CHAIN OK', ran('writer', '    '))
        .join('\n'),
    );
  });

  it('is not the parent of a run that its caller starts meanwhile', async () => {
    await agents.withTrace('mine', async () => {
      let found = () => {};
      const searching = agents.withCustomSpan(
        () =>
          new Promise<void>((resolve) => {
            found = resolve;
          }),
        search,
      );
      await run('writer');
      found();
      await searching;
    });
    expect(tree()).to.equal(
      ['mine COMPLETED', '  search OTHER OK', '  Agent workflow CHAIN OK', ran('writer', '    ')].join('\n'),
    );
  });

  it('has the spans and wrapped clients of the user in it below it, and those after it beside it', async () => {
    const openai = wrapOpenAI(openAIClient());
    const ask = () => openai.chat.completions.create({ model: 'gpt-x', messages: [{ role: 'user', content: 'Hi' }] });
    await agents.withTrace('mine', async () => {
      await agents.withCustomSpan(() => withSpan('within', ask), search);
      await withSpan('after', () => {});
      await ask();
    });
    expect(tree()).to.equal(`mine COMPLETED
  search OTHER OK
    within OTHER OK
      openai-chat LLM gpt-x-2026 OK
  after OTHER OK
  openai-chat LLM gpt-x-2026 OK`);
  });

  for (const [what, open] of [
    [
      'tool',
      (fn: () => Promise<unknown>) => agents.withFunctionSpan(fn, { data: { name: 'w', input: '', output: '' } }),
    ],
    ['model call', (fn: () => Promise<unknown>) => agents.withGenerationSpan(fn, { data: { model: 'gpt-x' } })],
  ] as const) {
    it(`leaves nothing current behind as a ${what}`, async () => {
      await agents.withTrace('mine', async () => {
        await open(async () => withSpan('within', () => {}));
        await withSpan('after', () => {});
      });
      const [first, ...others] = tree().split('\n').slice(1);
      expect(first).to.match(/^ {2}(w TOOL|gpt-x LLM)/);
      expect(others).to.deep.equal(['    within OTHER OK', '  after OTHER OK']);
    });
  }
});
