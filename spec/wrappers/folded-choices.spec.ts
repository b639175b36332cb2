import { expect } from 'chai';
import OpenAI from 'openai';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { drain, type Recorded, record, stopRecording } from '../support/recorded.js';
import { answeringChunks } from './support/answering.js';

const call = (id: string, name: string, input: string) => ({
  id,
  type: 'function',
  function: { name, arguments: input },
});
const usage = {
  ...{ prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 },
  prompt_tokens_details: { cached_tokens: 4, audio_tokens: 1 },
  completion_tokens_details: {
    reasoning_tokens: 3,
    audio_tokens: 2,
    accepted_prediction_tokens: 1,
    rejected_prediction_tokens: 1,
  },
};
const split = (text: string) => [text.slice(0, 2), text.slice(2)];

/** A message, the deltas that it comes in, and why it ended. */
const choices: Record<string, readonly [object, readonly object[], string]> = {
  text: [{ content: 'Warm.', refusal: null }, split('Warm.').map((content) => ({ content })), 'stop'],
  'an empty text': [{ content: '' }, [{ content: '' }], 'length'],
  'a refusal': [
    { content: null, refusal: 'I will not.' },
    split('I will not.').map((refusal) => ({ refusal })),
    'stop',
  ],
  'a refusal after a text': [
    { content: 'Well', refusal: 'no' },
    [{ content: 'Well' }, { refusal: 'no' }],
    'content_filter',
  ],
  'several tool calls': [
    { content: null, tool_calls: [call('c1', 'a', '{"x":1}'), call('c2', 'b', ''), call('c3', 'a', '{}')] },
    [
      { content: null, tool_calls: [{ index: 0, ...call('c1', 'a', '') }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
      { tool_calls: [{ index: 1, ...call('c2', 'b', '') }] },
      { tool_calls: [{ index: 2, ...call('c3', 'a', '') }] },
      { tool_calls: [{ index: 2, function: { arguments: '{}' } }] },
    ],
    'tool_calls',
  ],
  'a custom tool': [
    { content: null, tool_calls: [{ id: 'c1', type: 'custom', custom: { name: 'sql', input: 'select 1' } }] },
    [
      { tool_calls: [{ index: 0, id: 'c1', type: 'custom', custom: { name: 'sql', input: 'sel' } }] },
      { tool_calls: [{ index: 0, custom: { input: 'ect 1' } }] },
    ],
    'tool_calls',
  ],
  'a function call of old': [
    { content: null, function_call: { name: 'a', arguments: '{"x":1}' } },
    [
      { function_call: { name: 'a', arguments: '' } },
      ...split('{"x":1}').map((input) => ({ function_call: { arguments: input } })),
    ],
    'function_call',
  ],
  sound: [
    { content: null, audio: { id: 'a1', data: 'aGVsbG8=', transcript: 'Warm.', expires_at: 1 } },
    [
      { audio: { id: 'a1', transcript: 'Wa' } },
      { audio: { transcript: 'rm.' } },
      { audio: { data: 'aGVs' } },
      { audio: { data: 'bG8=' } },
      { audio: { expires_at: 1 } },
    ],
    'stop',
  ],
  sources: [
    { content: 'Warm.', annotations: [{ type: 'url_citation', url_citation: { url: 'https://x.test' } }] },
    [{ content: 'Warm.' }, { annotations: [{ type: 'url_citation', url_citation: { url: 'https://x.test' } }] }],
    'stop',
  ],
  'reasoning of a compatible server': [
    { content: 'Warm.', reasoning_content: 'South.' },
    [...split('South.').map((reasoning_content) => ({ reasoning_content })), { content: 'Warm.' }],
    'stop',
  ],
};

describe('A streamed chat completion', () => {
  let recorded: Recorded;
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const ask = { model: 'gpt-x', messages: [{ role: 'user' as const, content: 'Hi' }] };
  const client = (body: object) => wrapOpenAI(new OpenAI({ apiKey: 'k', fetch: answeringChunks(body) }));
  const head = { id: 'c1', created: 1, model: 'gpt-x-1', service_tier: 'flex', system_fingerprint: 'f' };
  const facts = () => {
    expect(recorded.traces).to.have.length(1);
    return recorded.spans.map(({ name, kind, status, error, input, output, model, tokenUsage, metadata }) => {
      return { name, kind, status, error, input, output, model, tokenUsage, metadata };
    });
  };
  const all = Object.values(choices);

  for (const [name, chosen] of [
    ...Object.entries(choices).map(([key, one]) => [key, [one]] as const),
    ['all at once', all] as const,
  ]) {
    it(`is recorded as the same completion in one piece: ${name}`, async () => {
      const logprobs = { content: [{ token: 'W', logprob: -0.1 }], refusal: null };
      const whole = chosen.map(([message, , finish_reason], index) => {
        return { index, message: { role: 'assistant', ...message }, logprobs, finish_reason };
      });
      await client({ ...head, object: 'chat.completion', choices: whole, usage }).chat.completions.create(ask);
      const expected = facts();
      await stopRecording();
      recorded = record();
      const chunk = (index: number, delta: object, finish_reason: string | null = null) => {
        return { ...head, object: 'chat.completion.chunk', choices: [{ index, delta, logprobs, finish_reason }] };
      };
      const most = Math.max(...chosen.map(([, deltas]) => deltas.length));
      const events: object[] = chosen.map((_, index) =>
        chunk(index, { role: 'assistant', content: '', refusal: null }),
      );
      for (let at = 0; at < most; at += 1) {
        for (const [index, [, deltas]] of chosen.entries()) {
          const delta = deltas[at];
          if (delta !== undefined) events.push(chunk(index, delta));
        }
      }
      events.push(...chosen.map(([, , reason], index) => chunk(index, {}, reason)));
      events.push({ ...head, object: 'chat.completion.chunk', choices: [], usage });
      await drain(await client(events).chat.completions.create({ ...ask, stream: true }));
      expect(facts()).to.deep.equal(expected);
    });
  }
});
