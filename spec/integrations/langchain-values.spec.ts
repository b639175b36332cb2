import { expect } from 'chai';
import { LangChainCallbackHandler } from '../../lib/integrations/langchain.js';
import { langChainScene } from './support/langchain-scene.js';

describe('Values of LangChain steps', () => {
  const scene = langChainScene();
  let runnables: typeof import('@langchain/core/runnables');

  before(async () => {
    runnables = await import('@langchain/core/runnables');
  });

  /** Runs a step that gives back what it got. */
  async function recordedOf(value: object, handler = new LangChainCallbackHandler()): Promise<unknown> {
    await runnables.RunnableLambda.from((given: unknown) => given).invoke(value, { callbacks: [handler] });
    scene.tree(); // ships
    return scene.recorded.spans[0]?.input;
  }

  it('are read once where they have getters', async () => {
    let reads = 0;
    const row = {
      get total() {
        reads += 1;
        return { in: reads };
      },
    };
    const input = await recordedOf({ rows: [row] }, new LangChainCallbackHandler({ captureOutput: false }));
    expect(input).to.deep.equal({ rows: [{ total: { in: 1 } }] });
    expect(reads).to.equal(1);
  });

  it('are not read where they are not recorded', async () => {
    let reads = 0;
    const row = {
      get total() {
        reads += 1;
        return reads;
      },
    };
    const silent = new LangChainCallbackHandler({ captureInput: false, captureOutput: false });
    expect(await recordedOf({ rows: [row] }, silent)).to.equal(undefined);
    expect(reads).to.equal(0);
  });

  it('keep an object that occurs in many places, and end at one inside itself', async () => {
    const shared = { city: 'Porto', at: { lat: 41 } };
    const state: Record<string, unknown> = { rows: Array.from({ length: 200 }, () => shared) };
    state.self = state;
    const input = await recordedOf(state);
    expect(input).to.deep.equal({ rows: Array.from({ length: 200 }, () => shared), self: '[Circular]' });
  });

  it('keep what stands beside a getter that throws, with bytes as their size', async () => {
    const input = await recordedOf({
      a: 1,
      data: 'A'.repeat(4000),
      get b(): never {
        throw new TypeError('not now');
      },
    });
    expect(input).to.deep.equal({ a: 1, data: '[3000 bytes]', b: '[Throws: not now]' });
  });

  for (const [what, messages] of [
    ['a text', 'How warm?'],
    ['a list of texts', ['Hi', 'How warm?']],
    [
      'pairs of a role and a text',
      [
        ['human', 'Hi'],
        ['ai', 'Yes?'],
        ['human', 'How warm?'],
      ],
    ],
    ['pairs with a part', [['user', [{ type: 'text', text: 'How warm?' }]]]],
  ] as const) {
    it(`that are messages are one in the trace, if the program writes ${what}`, async () => {
      expect(await recordedOf({ messages, city: 'Porto' })).to.deep.equal({ messages, city: 'Porto' });
      const content = what === 'pairs with a part' ? [{ type: 'text', text: 'How warm?' }] : 'How warm?';
      expect(scene.recorded.trace.input).to.deep.equal({ messages: [{ role: 'user', content }] });
    });
  }

  it('that only have a field called messages stay as they are', async () => {
    const counts = { messages: 3 };
    await recordedOf(counts);
    expect(scene.recorded.trace.input).to.deep.equal(counts);
  });
});
