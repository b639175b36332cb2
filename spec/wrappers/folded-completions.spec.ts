import { expect } from 'chai';
import OpenAI from 'openai';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { drain, record, stopRecording } from '../support/recorded.js';
import { answeringChunks } from './support/answering.js';

/** The texts of a legacy completion, and the pieces of each. */
const completions: Record<string, readonly (readonly [string, readonly string[]])[]> = {
  'one text': [['It is warm.', ['It ', 'is ', 'warm.']]],
  'several texts': [
    ['Yes', ['Y', 'es']],
    ['No', ['No']],
  ],
  'an empty text': [['', ['']]],
};
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, cost: 0.1 };
const head = { id: 'c1', object: 'text_completion', created: 1, model: 'gpt-x-1', provider: 'DeepInfra' };

describe('A streamed legacy completion', () => {
  afterEach(stopRecording);

  /** What is recorded, and the tier that the price depends on. */
  const recordedOf = async (body: object, stream: boolean) => {
    const tiers: unknown[] = [];
    const recorded = record({ estimateCost: (_model, _usage, { serviceTier }) => void tiers.push(serviceTier) });
    const client = wrapOpenAI(new OpenAI({ apiKey: 'k', fetch: answeringChunks(body) }));
    const reply = await client.completions.create({ model: 'gpt-x', prompt: 'Hi', stream });
    if (stream) await drain(reply as AsyncIterable<unknown>);
    const { status, output, model, tokenUsage, cost, metadata } = recorded.span;
    await stopRecording();
    return { status, output, model, tokenUsage, cost, metadata, tiers };
  };

  for (const [name, texts] of Object.entries(completions)) {
    for (const counted of [usage, { ...usage, cost: undefined }]) {
      it(`is recorded as the same completion in one piece: ${name}, ${counted.cost ?? 'no'} cost`, async () => {
        const choice = (index: number, text: string, finish_reason: string | null) => {
          return { index, text, logprobs: null, finish_reason };
        };
        const top = { ...head, service_tier: 'flex' };
        const choices = texts.map(([text], index) => choice(index, text, 'length'));
        const whole = await recordedOf({ ...top, choices, usage: counted }, false);
        const chunks = texts.flatMap(([, pieces], index) =>
          pieces.map((piece, at) => choice(index, piece, at === pieces.length - 1 ? 'length' : null)),
        );
        const events = chunks.map((each) => ({ ...top, choices: [each] }));
        const streamed = await recordedOf([...events, { ...top, choices: [], usage: counted }], true);
        expect(streamed).to.deep.equal(whole);
        expect(whole.metadata).to.include({ provider: 'DeepInfra', finish_reason: 'length' });
        expect(whole.tiers).to.deep.equal(counted.cost === undefined ? ['flex'] : []);
      });
    }
  }
});
