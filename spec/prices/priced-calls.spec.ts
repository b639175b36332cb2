import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { BedrockRuntimeClient, ConverseCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { GoogleGenAI } from '@google/genai';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { expect } from 'chai';
import OpenAI, { AzureOpenAI } from 'openai';
import { init, MemorySink, shutdown, withSpan, withTrace } from '../../lib/index.js';
import { genaiPrices } from '../../lib/prices/genai-prices.js';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { wrapGemini } from '../../lib/wrappers/gemini.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';

const messages = [{ role: 'user' as const, content: 'Hello' }];

/** Answers every request with `body`, as events of a stream where it is a list. */
const answering = (body: object) => async (): Promise<Response> => {
  if (!Array.isArray(body)) return Response.json(body);
  const events = body.map(
    (event) => `${'type' in event ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`,
  );
  return new Response(events.join(''), { headers: { 'content-type': 'text/event-stream' } });
};

const said = { role: 'assistant', content: 'Hi' };
const completion = (usage: object, more: object = {}) => ({
  id: 'c-1',
  object: 'chat.completion',
  model: 'gpt-5-2025-08-07',
  choices: [{ index: 0, message: said, finish_reason: 'stop' }],
  usage,
  ...more,
});

describe('Costs of wrapped clients with genaiPrices()', () => {
  let memory: MemorySink;
  let server: Server;
  let reply: object;
  let url: string;
  before(async () => {
    server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      request
        .resume()
        .on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify(reply)));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory], estimateCost: genaiPrices() });
  });
  afterEach(() => shutdown({ timeoutMs: 0 }));

  /** The costs of all calls so far, in millionths of a dollar. */
  const micros = () =>
    memory.traces.flatMap(({ spans }) =>
      spans.map(({ cost }) => cost && Number((Number(cost.total) * 1e6).toFixed(6))),
    );

  const openai = (body: object, options: object = {}) =>
    wrapOpenAI(new OpenAI({ apiKey: 'k', maxRetries: 0, ...options, fetch: answering(body) }));

  const usage = {
    prompt_tokens: 1000,
    completion_tokens: 200,
    total_tokens: 1200,
    prompt_tokens_details: { cached_tokens: 400 },
    completion_tokens_details: { reasoning_tokens: 150 },
  };
  const standard = 600 * 1.25 + 400 * 0.125 + 200 * 10;

  it('prices OpenAI with the tier of the reply, whole and streamed', async () => {
    await openai(completion(usage, { service_tier: 'default' })).chat.completions.create({
      model: 'gpt-5',
      messages,
      service_tier: 'flex', // there was no room in it
    });
    await openai(completion(usage, { service_tier: 'flex' })).chat.completions.create({ model: 'gpt-5', messages });
    const chunk = { id: 'c-1', object: 'chat.completion.chunk', model: 'gpt-5-2025-08-07', service_tier: 'flex' };
    const stream = await openai([
      { ...chunk, choices: [{ index: 0, delta: said, finish_reason: 'stop' }] },
      { ...chunk, choices: [], usage },
    ]).chat.completions.create({ model: 'gpt-5', messages, stream: true });
    for await (const _ of stream);
    expect(micros()).to.deep.equal([standard, standard / 2, standard / 2]);
  });

  it('keeps the cost that the provider states', async () => {
    const baseURL = 'https://openrouter.ai/api/v1';
    const body = completion({ ...usage, cost: 0.5 }, { model: 'openai/gpt-5' });
    await openai(body, { baseURL }).chat.completions.create({ model: 'openai/gpt-5', messages });
    withTrace('own', () =>
      withSpan('call', { kind: 'LLM', model: 'gpt-5' }, (span) =>
        span.setTokenUsage({ promptTokens: 1000, completionTokens: 200 }).setCost({ total: 0.25 }),
      ),
    );
    expect(micros()).to.deep.equal([500_000, 250_000]);
  });

  it('prices compatible servers by their address, and Azure', async () => {
    const model = 'llama-3.3-70b-versatile';
    const plain = { prompt_tokens: 1000, completion_tokens: 100 };
    const ask = { model, messages };
    const body = completion(plain, { model });
    await openai(body, { baseURL: 'https://api.groq.com/openai/v1' }).chat.completions.create(ask);
    await openai(body, { baseURL: 'http://localhost:8000/v1' }).chat.completions.create(ask);
    const azure = new AzureOpenAI({
      apiKey: 'k',
      apiVersion: '2025-04-01-preview',
      endpoint: 'https://acme.openai.azure.com',
      fetch: answering(completion(plain, { model: 'gpt-4.1-2025-04-14' })),
    });
    await wrapOpenAI(azure).chat.completions.create({ model: 'our-deployment', messages });
    expect(micros()).to.deep.equal([1000 * 0.59 + 100 * 0.79, undefined, 1000 * 2 + 100 * 8]);
  });

  it('counts the searches of a response', async () => {
    const search = (id: string, type: string) => ({
      type: 'web_search_call',
      id,
      status: 'completed',
      action: { type },
    });
    const body = {
      id: 'r-1',
      object: 'response',
      status: 'completed',
      model: 'gpt-5-2025-08-07',
      service_tier: 'default',
      output: [search('s-1', 'search'), search('s-2', 'open_page'), search('s-3', 'search')],
      usage: { input_tokens: 1000, output_tokens: 100, input_tokens_details: { cached_tokens: 0 } },
    };
    // The second says how many are charged.
    for (const more of [{}, { tool_usage: { web_search: { num_requests: 1 } } }]) {
      await openai({ ...body, ...more }).responses.create({ model: 'gpt-5', input: 'Hello' });
    }
    const costs = memory.traces.map(({ spans }) => spans.find(({ kind }) => kind === 'LLM')?.cost?.total);
    expect(costs).to.deep.equal([2, 1].map((searches) => (1000 * 1.25 + 100 * 10 + searches * 10_000) / 1e6));
  });

  it('prices Anthropic with two kinds of cache, searches and region, whole and streamed', async () => {
    const counted = {
      input_tokens: 1000,
      cache_read_input_tokens: 10_000,
      cache_creation_input_tokens: 2000,
      cache_creation: { ephemeral_5m_input_tokens: 1500, ephemeral_1h_input_tokens: 500 },
      output_tokens: 400,
      server_tool_use: { web_search_requests: 1 },
      service_tier: 'standard',
      inference_geo: 'us',
    };
    const message = {
      id: 'm-1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-5',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      usage: counted,
    };
    const client = (body: object) => wrapAnthropic(new Anthropic({ apiKey: 'k', fetch: answering(body) }));
    const ask = { model: 'claude-sonnet-5', max_tokens: 500, messages };
    await client(message).messages.create(ask);
    const { output_tokens, ...before } = counted;
    const stream = await client([
      { type: 'message_start', message: { ...message, content: [], usage: { ...before, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Hi' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens } },
      { type: 'message_stop' },
    ]).messages.create({ ...ask, stream: true });
    for await (const _ of stream);
    const tokens = 1000 * 2 + 10_000 * 0.2 + 1500 * 2.5 + 500 * 4 + 400 * 10;
    expect(micros()).to.deep.equal([tokens * 1.1 + 10_000, tokens * 1.1 + 10_000]);
  });

  it('prices Gemini with audio apart from text', async () => {
    reply = {
      candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }],
      modelVersion: 'gemini-2.5-flash',
      usageMetadata: {
        promptTokenCount: 3000,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 2000 },
          { modality: 'AUDIO', tokenCount: 1000 },
        ],
        cachedContentTokenCount: 700,
        cacheTokensDetails: [
          { modality: 'TEXT', tokenCount: 500 },
          { modality: 'AUDIO', tokenCount: 200 },
        ],
        candidatesTokenCount: 40,
        thoughtsTokenCount: 60,
        totalTokenCount: 3100,
      },
    };
    const ai = wrapGemini(new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } }));
    await ai.models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hello' });
    expect(micros()).to.deep.equal([1500 * 0.3 + 800 * 1 + 500 * 0.03 + 200 * 0.1 + 100 * 2.5]);
  });

  it('prices Bedrock with the requested region and tier', async () => {
    const client = wrapBedrock(
      new BedrockRuntimeClient({
        region: 'eu-west-1',
        endpoint: url,
        requestHandler: new NodeHttpHandler(), // HTTP/1.1
        credentials: { accessKeyId: 'a', secretAccessKey: 's' },
      }),
    );
    reply = {
      type: 'message',
      role: 'assistant',
      model: 'claude-haiku-4-5-20251001',
      content: [{ type: 'text', text: 'Hi' }],
      usage: { input_tokens: 1000, output_tokens: 100 },
    };
    const body = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 10, messages });
    for (const place of ['eu', 'global']) {
      const modelId = `${place}.anthropic.claude-haiku-4-5-20251001-v1:0`;
      await client.send(new InvokeModelCommand({ modelId, body }));
    }
    reply = {
      output: { message: { role: 'assistant', content: [{ text: 'Hi' }] } },
      stopReason: 'end_turn',
      usage: { inputTokens: 600, cacheReadInputTokens: 400, outputTokens: 100, totalTokens: 1100 },
    };
    await client.send(
      new ConverseCommand({
        modelId: 'us.amazon.nova-pro-v1:0',
        messages: [{ role: 'user', content: [{ text: 'Hello' }] }],
        serviceTier: { type: 'flex' },
      }),
    );
    const nova = (600 * 0.8 + 400 * 0.2 + 100 * 3.2) / 2;
    expect(micros()).to.deep.equal([1650, 1500, nova]);
    client.destroy();
  });
});
