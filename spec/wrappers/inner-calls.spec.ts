import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import OpenAI from 'openai-newest';
import { genaiPrices } from '../../lib/prices/genai-prices.js';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { drain, type Recorded, record, stopRecording } from '../support/recorded.js';
import { answering } from './support/answering.js';

const openai = (body: object) => wrapOpenAI(new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: answering(body) }));
const anthropic = (body: object) =>
  wrapAnthropic(new Anthropic({ apiKey: 'k', maxRetries: 0, fetch: answering(body) }));

const picture = 'A'.repeat(4000);
const usage = { input_tokens: 5, output_tokens: 6, total_tokens: 11 };
const images = { input_tokens: 30, input_tokens_details: { text_tokens: 30 }, output_tokens: 4160, total_tokens: 4190 };
const response = {
  ...{ id: 'r', object: 'response', status: 'completed', model: 'gpt-5.4', usage },
  output: [{ type: 'image_generation_call', id: 'ig', status: 'completed', result: picture }],
  tools: [{ type: 'image_generation', model: 'gpt-image-1.5' }],
  tool_usage: { image_gen: images, web_search: { num_requests: 0 } },
};
const imageCall = {
  ...{ name: 'openai-image', kind: 'LLM', status: 'OK', model: 'gpt-image-1.5' },
  tokenUsage: { prompt_tokens: 30, completion_tokens: 4160, total_tokens: 4190, image_tokens: 4160 },
};

const advised = {
  ...{ input_tokens: 100, output_tokens: 10, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
  iterations: [
    { type: 'message', input_tokens: 50, output_tokens: 5 },
    {
      ...{ type: 'advisor_message', model: 'claude-opus-4-6', input_tokens: 800, output_tokens: 1600 },
      ...{ cache_read_input_tokens: 200, cache_creation_input_tokens: 0 },
    },
    { type: 'message', input_tokens: 50, output_tokens: 5 },
  ],
};
const message = {
  ...{ id: 'm', type: 'message', role: 'assistant', model: 'claude-haiku-4-5', stop_reason: 'end_turn' },
  ...{ content: [{ type: 'text', text: 'Hello' }], usage: advised },
};
const ask = { model: 'claude-haiku-4-5', max_tokens: 9, messages: [{ role: 'user' as const, content: 'Hi' }] };

describe('Calls of another model within a call', () => {
  let recorded: Recorded;
  beforeEach(() => {
    recorded = record({ estimateCost: genaiPrices() });
  });
  afterEach(stopRecording);

  /** Each call, its model, and its cost in millionths of a dollar. */
  const costs = () =>
    recorded.spans
      .filter(({ kind }) => kind === 'LLM')
      .map(({ name, model, cost }) => [name, model, cost && Math.round(Number(cost.total) * 1e6)]);

  it('are recorded below a response that makes an image, whole and streamed', async () => {
    await openai(response).responses.create({ model: 'gpt-5.4', input: 'a cat' });
    const events = [
      { type: 'response.created', response: { ...response, status: 'in_progress', output: [], usage: null } },
      { type: 'response.completed', response },
    ];
    await drain(await openai(events).responses.create({ model: 'gpt-5.4', input: 'a cat', stream: true }));
    const answer = ['openai-response', 'gpt-5.4', Math.round(5 * 2.5 + 6 * 15)];
    const image = ['openai-image', 'gpt-image-1.5', 30 * 5 + 4160 * 32];
    expect(costs()).to.deep.equal([answer, image, answer, image]);
    for (const { spans } of recorded.traces) {
      expect(spans.at(-1)).to.deep.include({ ...imageCall, parentSpanId: spans[0]?.spanId });
      expect(spans[0]?.tokenUsage).to.deep.equal({ prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 });
    }
  });

  it('are not recorded if no image was made', async () => {
    const none = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };
    const body = { ...response, output: [], tool_usage: { image_gen: none, web_search: { num_requests: 0 } } };
    await openai(body).responses.create({ model: 'gpt-5.4', input: 'a cat' });
    expect(costs()).to.have.length(1);
  });

  it('have no cost of their own if the provider states that of the whole call', async () => {
    await openai({ ...response, usage: { ...usage, cost: 0.5 } }).responses.create({
      model: 'gpt-5.4',
      input: 'a cat',
    });
    expect(costs()).to.deep.equal([
      ['openai-response', 'gpt-5.4', 500_000],
      ['openai-image', 'gpt-image-1.5', undefined],
    ]);
  });

  it('are recorded below an SVG image that another model wrote', async () => {
    const svg_usage = { model: 'gpt-5.4', input_tokens: 10, output_tokens: 20, reasoning_tokens: 4, total_tokens: 30 };
    const event = { type: 'image_generation.completed', b64_json: picture, output_format: 'svg', usage: images };
    const client = (body: object) => openai(body).images;
    const request = { model: 'gpt-image-1.5', prompt: 'a cat' };
    await client({ created: 1, data: [{ b64_json: picture }], usage: images, svg_usage }).generate(request);
    await drain(await client([{ ...event, svg_usage }]).generate({ ...request, stream: true }));
    const drawn = ['openai-image', 'gpt-image-1.5', 30 * 5 + 4160 * 32];
    const written = ['openai-svg', 'gpt-5.4', 10 * 2.5 + 20 * 15];
    expect(costs()).to.deep.equal([drawn, written, drawn, written]);
  });

  it('are recorded below a message for which another model was asked, whole and streamed', async () => {
    await anthropic(message).beta.messages.create(ask);
    const events = [
      { type: 'message_start', message: { ...message, stop_reason: null, content: [], usage: { input_tokens: 50 } } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: advised },
      { type: 'message_stop' },
    ];
    await drain(await anthropic(events).beta.messages.create({ ...ask, stream: true }));
    const own = ['anthropic-messages', 'claude-haiku-4-5', 100 * 1 + 10 * 5];
    const advisor = ['anthropic-advisor', 'claude-opus-4-6', 800 * 5 + 200 * 0.5 + 1600 * 25];
    expect(costs()).to.deep.equal([own, advisor, own, advisor]);
    const tokenUsage = { prompt_tokens: 1000, completion_tokens: 1600, total_tokens: 2600, cache_read_tokens: 200 };
    for (const { spans } of recorded.traces) {
      expect(spans[1]).to.deep.include({ tokenUsage, parentSpanId: spans[0]?.spanId });
    }
  });
});
