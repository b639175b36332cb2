import { expect } from 'chai';
import { withTrace } from '../../lib/index.js';
import { rejection } from '../support/recorded.js';
import { useMastra } from './support/mastra-runs.js';

const question = { type: 'boolean' as const, instructions: 'Is it about the weather?' };
const usage = { inputTokens: 12, outputTokens: 3 };

describe('A classifier of Mastra', () => {
  const own = useMastra();

  /** Asks a model that answers with `reply`. */
  async function classify(reply: () => object): Promise<unknown> {
    const { Classifier } = await import('@mastra/core/classifier');
    const model = {
      ...{ specificationVersion: 'v4', provider: 'own', modelId: 'judge-x', supportedQuestionTypes: ['boolean'] },
      doEvaluate: async () => ({
        answers: { weather: { type: 'boolean', value: true, probability: 0.9 } },
        warnings: [],
        ...reply(),
      }),
    };
    const classifier = new Classifier({ id: 'topic', model: model as never, questions: { weather: question } });
    own.mastra.addClassifier(classifier as never);
    return await classifier.evaluate({ state: 'How warm is it?', maxRetries: 0 } as never);
  }

  it('is a model call with its tokens, alone or in an agent’s tool', async () => {
    await classify(() => ({ usage }));
    own.inTool = () => classify(() => ({ usage }));
    await own.run([{ tools: [{ id: 't0', name: 'w', args: { city: 'Oslo' } }] }, { text: 'Cold.' }]);
    expect(own.tree().replace(/(gpt-x-2026) \S+/g, '$1')).to.equal(
      [
        'judge-x COMPLETED',
        '  judge-x LLM judge-x 12+3 OK',
        'boss COMPLETED',
        '  boss AGENT OK',
        '    gpt-x LLM gpt-x-2026 OK',
        '    w TOOL OK',
        '      judge-x LLM judge-x 12+3 OK',
        '    gpt-x LLM gpt-x-2026 OK',
      ].join('\n'),
    );
  });

  it('is an error if its model fails', async () => {
    await withTrace('app', () =>
      rejection(
        classify(() => {
          throw new Error('no such model');
        }),
      ),
    );
    expect(own.named('judge-x')).to.deep.include({ kind: 'LLM', status: 'ERROR', error: 'Error: no such model' });
  });
});
