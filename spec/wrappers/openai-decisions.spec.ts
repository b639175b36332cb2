import { expect } from 'chai';
import type * as Newest from 'openai-newest';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { isNewNode } from '../support/node-versions.js';
import { rejection } from '../support/recorded.js';
import { noise } from './support/noise.js';
import { useScene } from './support/scene.js';

/* Only the newest client has decisions, and Node 20 does not run it. */
if (isNewNode) {
  const { OpenAI } = (await import('openai-newest')) as typeof Newest;

  const questions = [
    { type: 'predicate' as const, name: 'angry', instructions: 'The customer is angry.' },
    {
      type: 'choice' as const,
      instructions: [{ type: 'input_text' as const, text: 'Which team?' }],
      choices: [{ value: 'billing' }, { value: 'support', description: 'everything else' }],
    },
    {
      type: 'score' as const,
      name: 'urgency',
      instructions: 'How urgent?',
      levels: [{ label: 'low' }, { label: 'high' }],
    },
  ];
  const answers = [
    { type: 'predicate', name: 'angry', probability: 0.91 },
    {
      type: 'choice',
      name: null,
      choice: 'billing',
      confidence: 0.8,
      probabilities: [{ value: 'billing', probability: 0.8 }],
    },
    { type: 'refusal', name: 'urgency' },
  ];
  const usage = {
    input_tokens: 120,
    input_tokens_details: { cached_tokens: 64, cache_write_tokens: 32 },
    output_tokens: 9,
    output_tokens_details: { reasoning_tokens: 4 },
    total_tokens: 129,
  };

  describe('wrapOpenAI(): decisions', () => {
    const scene = useScene();
    beforeEach(() => {
      scene.answer = { kind: 'json', body: { model: 'gpt-6-luna-2026', answers, usage } };
    });

    const client = () => wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: scene.url, maxRetries: 0, logLevel: 'off' }));

    it('records questions, answers, refusals and tokens', async () => {
      const given = await client().decisions.create({ model: 'gpt-6-luna', input: 'I was charged twice!', questions });
      expect(given.answers).to.deep.equal(answers);
      expect(scene.recorded.span).to.deep.include({
        name: 'openai-decision',
        kind: 'LLM',
        status: 'OK',
        model: 'gpt-6-luna-2026',
        input: {
          messages: [{ role: 'user', content: 'I was charged twice!' }],
          questions: [questions[0], { ...questions[1], instructions: 'Which team?' }, questions[2]],
        },
        output: { answers },
        tokenUsage: {
          prompt_tokens: 120,
          completion_tokens: 9,
          total_tokens: 129,
          reasoning_tokens: 4,
          cache_read_tokens: 64,
          cache_creation_tokens: 32,
        },
        metadata: { refusals: 1 },
      });
      expect(scene.recorded.trace.input).to.deep.include({
        messages: [{ role: 'user', content: 'I was charged twice!' }],
      });
    });

    it('records a conversation and pictures by their size, and no end user', async () => {
      const base64 = noise(3000).toString('base64');
      const picture = { type: 'input_image' as const, image_url: `data:image/png;base64,${base64}` };
      await client().decisions.create({
        model: 'gpt-6-luna',
        safety_identifier: 'user-z4711',
        prompt_cache_key: 'cache-z4711',
        input: [
          { role: 'system', content: 'Be fair.' },
          { role: 'user', content: [{ type: 'input_text', text: 'Is this it?' }, picture] },
          { type: 'function_call', call_id: 'c1', name: 'order', arguments: '{"id":7}' },
          { type: 'function_call_output', call_id: 'c1', output: 'two charges' },
        ],
        questions: [{ type: 'predicate', instructions: [picture] }],
      });
      const shown = { type: 'image', mime_type: 'image/png', size_bytes: 3000 };
      const order = { id: 'c1', type: 'function', function: { name: 'order', arguments: '{"id":7}' } };
      expect(scene.recorded.span.input).to.deep.equal({
        messages: [
          { role: 'system', content: 'Be fair.' },
          { role: 'user', content: [{ type: 'text', text: 'Is this it?' }, shown] },
          { role: 'assistant', content: null, tool_calls: [order] },
          { role: 'tool', tool_call_id: 'c1', content: 'two charges' },
        ],
        questions: [{ type: 'predicate', instructions: [shown] }],
      });
      expect(scene.recorded.text).not.to.include(base64.slice(0, 40)).and.not.to.include('z4711');
    });

    it('leaves out missing fields', async () => {
      scene.answer = { kind: 'json', body: { answers: answers.slice(0, 1) } };
      await client().decisions.create({ model: 'gpt-6-luna', input: 'Hi', questions });
      expect(scene.recorded.span).to.deep.include({
        model: 'gpt-6-luna',
        tokenUsage: undefined,
        cost: undefined,
        metadata: {},
      });
    });

    it('records failures, in the status or in the body', async () => {
      scene.answer = {
        kind: 'json',
        status: 400,
        body: { error: { message: 'too many questions', code: 'too_many' } },
      };
      await rejection(client().decisions.create({ model: 'gpt-6-luna', input: 'Hi', questions }));
      scene.answer = { kind: 'json', body: { error: { message: 'overloaded', code: 'busy' } } };
      await client().decisions.create({ model: 'gpt-6-luna', input: 'Hi', questions });
      expect(scene.recorded.spans.map(({ status }) => status)).to.deep.equal(['ERROR', 'ERROR']);
      expect(scene.recorded.spans.map(({ output }) => output)).to.deep.equal([undefined, undefined]);
      expect(scene.recorded.spans[1]?.error).to.equal('overloaded');
    });
  });
}
