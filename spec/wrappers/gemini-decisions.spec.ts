import { expect } from 'chai';
import type * as Newest from 'genai-newest';
import { wrapGemini } from '../../lib/wrappers/gemini.js';
import { isNewNode } from '../support/node-versions.js';
import { rejection } from '../support/recorded.js';
import { noise } from './support/noise.js';
import { useScene } from './support/scene.js';

/* Only the newest client has decisions, and Node 20 does not run it. */
if (isNewNode) {
  const { GoogleGenAI } = (await import('genai-newest')) as typeof Newest;

  const questions = {
    angry: { type: 'noul' as const, instructions: 'The customer is angry.' },
    team: { type: 'choice' as const, instructions: 'Which team?', criteria: { billing: 'money', support: 'the rest' } },
    urgency: { type: 'score' as const, instructions: 'How urgent?', criteria: ['low', 'high'] },
  };
  const answers = {
    angry: { type: 'noul', noul: 0.91, confidence: 0.91 },
    team: { type: 'choice', choice: 'billing', confidence: 0.8, probabilities: { billing: 0.8, support: 0.2 } },
    urgency: {
      ...{ type: 'score', score: 0.7, confidence: 0.7 },
      ...{ legend: { 0: 'low', 1: 'high' }, probabilities: { 0: 0.3, 1: 0.7 } },
    },
  };
  const usage = { total_input_tokens: 120, total_cached_tokens: 64, total_output_tokens: 9, total_tokens: 129 };
  const asked = { model: 'models/gemini-3-flash', input: 'I was charged twice!', questions };

  describe('wrapGemini(): decisions', () => {
    const scene = useScene();
    beforeEach(() => {
      scene.answer = { kind: 'json', body: { answers, usage } };
    });

    const client = () =>
      wrapGemini(
        new GoogleGenAI({
          apiKey: 'AIzaSecretKeyz4711',
          httpOptions: { baseUrl: scene.url, retryOptions: { attempts: 1 } },
        }),
      );

    it('records questions, answers and tokens', async () => {
      const given = await client().decisions.create(asked);
      expect(given.answers).to.deep.equal(answers);
      expect(scene.recorded.span).to.deep.include({
        ...{ name: 'gemini-decision', kind: 'LLM', status: 'OK', model: 'models/gemini-3-flash' },
        input: { messages: [{ role: 'user', content: 'I was charged twice!' }], questions },
        output: { answers },
        tokenUsage: { prompt_tokens: 120, completion_tokens: 9, total_tokens: 129, cache_read_tokens: 64 },
        metadata: {},
      });
      expect(scene.recorded.text).not.to.include('AIzaSecretKeyz4711');
    });

    it('records pictures by their size', async () => {
      const data = noise(3000).toString('base64');
      const picture = { type: 'image' as const, data, mime_type: 'image/png' as const };
      await client().decisions.create({ ...asked, input: [{ type: 'text', text: 'Is this it?' }, picture] });
      expect(scene.recorded.span.input).to.deep.include({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Is this it?' },
              { type: 'image', mime_type: 'image/png', size_bytes: 3000 },
            ],
          },
        ],
      });
      expect(scene.recorded.text).not.to.include(data.slice(0, 40));
    });

    it('tells why an input was blocked', async () => {
      scene.answer = { kind: 'json', body: { prompt_feedback: { block_reason: 'safety' }, usage } };
      await client().decisions.create(asked);
      expect(scene.recorded.span).to.deep.include({ output: undefined, metadata: { block_reason: 'safety' } });
    });

    it('records failures, in the status or in the body', async () => {
      scene.answer = { kind: 'json', status: 400, body: { error: { message: 'too many questions', code: 400 } } };
      await rejection(client().decisions.create(asked));
      scene.answer = { kind: 'json', body: { error: { message: 'overloaded', code: 'busy' } } };
      await client().decisions.create(asked);
      expect(scene.recorded.spans.map(({ status }) => status)).to.deep.equal(['ERROR', 'ERROR']);
      expect(scene.recorded.spans[1]?.error).to.equal('overloaded');
    });
  });
}
