import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { drain, type Recorded, record, stopRecording } from '../support/recorded.js';

/** Answers with a stream whose first and last event have these counts. */
const answering = (first: object, last: object) => async (): Promise<Response> => {
  const message = { id: 'm1', type: 'message', role: 'assistant', model: 'qwen-x', content: [], usage: first };
  const events = [
    { type: 'message_start', message },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: last },
    { type: 'message_stop' },
  ];
  const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
  return new Response(text, { headers: { 'content-type': 'text/event-stream' } });
};

describe('A wrapped client of Anthropic at a compatible server', () => {
  let recorded: Recorded;
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const noCache = { cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
  /** What the first and the last event count, and the prompt, the completion and the part from the cache. */
  const servers: Record<string, [first: object, last: object, counts: readonly (number | undefined)[]]> = {
    'nothing at first (GLM, SGLang)': [
      { input_tokens: 0, output_tokens: 0 },
      { input_tokens: 14, output_tokens: 5 },
      [14, 5, undefined],
    ],
    'the whole prompt at first, then its parts (Qwen)': [
      { input_tokens: 8834, output_tokens: 0 },
      { input_tokens: 18, output_tokens: 426, cache_read_input_tokens: 8831 },
      [8849, 426, 8831],
    ],
    'the same, with zeros for the cache at first (Kimi)': [
      { input_tokens: 173_306, output_tokens: 0, ...noCache },
      { input_tokens: 250, output_tokens: 30, cache_read_input_tokens: 173_056 },
      [173_306, 30, 173_056],
    ],
    'the same, with all of the prompt from the cache': [
      { input_tokens: 8832, output_tokens: 0, ...noCache },
      { input_tokens: 0, output_tokens: 30, cache_read_input_tokens: 8832 },
      [8832, 30, 8832],
    ],
    'the prompt at first, and zeros in its place at last': [
      { input_tokens: 12, output_tokens: 0, cache_read_input_tokens: 8 },
      { input_tokens: 0, output_tokens: 5, cache_read_input_tokens: 0 },
      [20, 5, 8],
    ],
    'the cache twice (Anthropic)': [
      { input_tokens: 9, output_tokens: 1, cache_read_input_tokens: 1 },
      { input_tokens: 9, output_tokens: 16, cache_read_input_tokens: 1 },
      [10, 16, 1],
    ],
  };
  for (const [what, [first, last, counts]] of Object.entries(servers)) {
    it(`counts each token once where the server counts ${what}`, async () => {
      const client = wrapAnthropic(new Anthropic({ apiKey: 'k', fetch: answering(first, last) }));
      const messages = [{ role: 'user' as const, content: 'Hi' }];
      await drain(await client.messages.create({ model: 'qwen-x', max_tokens: 9, messages, stream: true }));
      const { prompt_tokens, completion_tokens, cache_read_tokens } = recorded.span.tokenUsage ?? {};
      expect([prompt_tokens, completion_tokens, cache_read_tokens]).to.deep.equal(counts);
    });
  }
});
