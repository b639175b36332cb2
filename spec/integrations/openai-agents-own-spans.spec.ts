import { expect } from 'chai';
import { withSpan } from '../../lib/index.js';
import { OpenAIAgentsAdapter } from '../../lib/integrations/openai-agents.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { openAIAgentsScene } from './support/openai-agents-scene.js';

/** The framework runs the start of such a span in the flow of its caller, where it leaves the span current. */
describe('A span that the user of OpenAI Agents opens with the framework', () => {
  const scene = openAIAgentsScene();

  beforeEach(() => {
    scene.agents.setTraceProcessors([new OpenAIAgentsAdapter().createTraceProcessor()]);
    scene.answer([{ text: 'Cold.' }]);
  });

  const run = (name: string) => scene.runner().run(scene.agent(name), 'How warm?');
  const search = { data: { name: 'search', data: {} } };
  /** The tree without the model calls' tokens, which depend on the order of the runs. */
  const tree = () => scene.tree().replaceAll(/ \d+\+\d+/g, '');
  const ran = (name: string, indent: string) => `${indent}${name} AGENT OK\n${indent}  gpt-x-2026 LLM gpt-x-2026 OK`;

  it('has the runs inside of it below it, and later runs beside it', async () => {
    await scene.agents.withTrace('mine', async () => {
      await scene.agents.withCustomSpan(() => Promise.all([run('one'), run('two')]), search);
      await run('writer');
    });
    expect(tree()).to.equal(
      ['mine COMPLETED', '  search OTHER OK', ran('one', '    '), ran('two', '    ')]
        .concat('  Agent workflow CHAIN OK', ran('writer', '    '))
        .join('\n'),
    );
  });

  it('is not the parent of a run that its caller starts at the same time', async () => {
    await scene.agents.withTrace('mine', async () => {
      let found = () => {};
      const searching = scene.agents.withCustomSpan(
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

  it('has the user’s spans and clients inside of it below it, and later ones beside it', async () => {
    const openai = wrapOpenAI(scene.openAI());
    const ask = () => openai.chat.completions.create({ model: 'gpt-x', messages: [{ role: 'user', content: 'Hi' }] });
    await scene.agents.withTrace('mine', async () => {
      await scene.agents.withCustomSpan(() => withSpan('within', ask), search);
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
      (fn: () => Promise<unknown>) => scene.agents.withFunctionSpan(fn, { data: { name: 'w', input: '', output: '' } }),
    ],
    ['model call', (fn: () => Promise<unknown>) => scene.agents.withGenerationSpan(fn, { data: { model: 'gpt-x' } })],
  ] as const) {
    it(`leaves nothing current behind as a ${what}`, async () => {
      await scene.agents.withTrace('mine', async () => {
        await open(async () => withSpan('within', () => {}));
        await withSpan('after', () => {});
      });
      const [first, ...others] = tree().split('\n').slice(1);
      expect(first).to.match(/^ {2}(w TOOL|gpt-x LLM)/);
      expect(others).to.deep.equal(['    within OTHER OK', '  after OTHER OK']);
    });
  }
});
