import type OpenAI from 'openai';
import { wrapOpenAI } from '../../../lib/wrappers/openai.js';
import { drain } from '../../support/recorded.js';
import type { Program, Step } from '../support/program.js';

const messages = [{ role: 'user' as const, content: 'How warm is it?' }];
const weather = {
  type: 'function' as const,
  function: { name: 'weather', description: 'the weather', parameters: {}, function: () => '21 °C' },
};

const step =
  (run: (client: OpenAI) => unknown): Step =>
  (client: OpenAI) =>
    run(client);
const chat = (client: OpenAI, model: string, options?: OpenAI.RequestOptions) =>
  client.chat.completions.create({ model, messages }, options);
const stream = (client: OpenAI, model: string, options?: OpenAI.RequestOptions) =>
  client.chat.completions.create({ model, messages, stream: true }, options);

/** Everything a program can do with an OpenAI client, as far as the wrapper could spoil it. */
export const program: Program = {
  async client(url, isWrapped, isNewest) {
    const { OpenAI: Client } = (await import(isNewest ? 'openai-newest' : 'openai')) as { OpenAI: typeof OpenAI };
    const client = new Client({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0, logLevel: 'off' });
    return isWrapped ? wrapOpenAI(client) : client;
  },
  steps: {
    plain: step((client) => chat(client, 'plain')),
    'promise and its keys': step(async (client) => {
      const promise = chat(client, 'plain');
      const seen = [promise.constructor.name, Object.keys(promise), promise instanceof Promise, String(promise)];
      return [...seen, (await promise)._request_id];
    }),
    'then, catch, finally': step((client) =>
      chat(client, 'plain')
        .then(({ id }) => id)
        .catch(() => 'caught')
        .finally(() => {}),
    ),
    'awaited twice': step(async (client) => {
      const promise = chat(client, 'plain');
      const [first, second] = [await promise, await promise];
      return first === second;
    }),
    withResponse: step((client) => chat(client, 'plain').withResponse()),
    asResponse: step(async (client) => {
      const response = await chat(client, 'plain').asResponse();
      return [response, await response.json()];
    }),
    _thenUnwrap: step((client) => {
      const promise = chat(client, 'plain') as unknown as {
        _thenUnwrap(fn: (data: { id: string }) => unknown): unknown;
      };
      return promise._thenUnwrap(({ id }) => ({ id }));
    }),
    'tool call': step((client) => chat(client, 'tools')),
    streamed: step(async (client) => drain(await stream(client, 'plain'))),
    'stream and its keys': step(async (client) => {
      const reply = await stream(client, 'plain');
      const seen = [reply.constructor.name, Object.keys(reply), reply.controller.constructor.name];
      const iterator = reply[Symbol.asyncIterator]();
      return [...seen, String(iterator), await iterator.next(), await iterator.return?.(), await iterator.next()];
    }),
    'stream withResponse': step(async (client) => {
      const { data, request_id } = await stream(client, 'plain').withResponse();
      return [request_id, await drain(data)];
    }),
    'stream with usage': step(async (client) =>
      drain(
        await client.chat.completions.create({
          model: 'plain',
          messages,
          stream: true,
          stream_options: { include_usage: true },
        }),
      ),
    ),
    'broken off': step(async (client) => {
      const reply = await stream(client, 'stall');
      for await (const _ of reply) break;
      return [reply.controller.signal.aborted, await drain(reply).catch(String)];
    }),
    'read twice': step(async (client) => {
      const reply = await stream(client, 'plain');
      return [await drain(reply), await drain(reply).catch(String)];
    }),
    'thrown from the loop': step(async (client) => {
      for await (const _ of await stream(client, 'stall')) throw new Error('mine');
    }),
    'aborted inside': step(async (client) => {
      const reply = await stream(client, 'stall');
      let chunks = 0;
      for await (const _ of reply) {
        chunks += 1;
        if (chunks === 3) reply.controller.abort();
      }
      return chunks;
    }),
    'aborted before the headers': step((client) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 250);
      return chat(client, 'hang', { signal: controller.signal });
    }),
    'aborted before the call': step((client) => chat(client, 'plain', { signal: AbortSignal.abort() })),
    'timed out': step((client) => chat(client, 'hang', { timeout: 300 })),
    tee: step(async (client) => {
      const [left, right] = (await stream(client, 'plain')).tee();
      return [await drain(left), await drain(right)];
    }),
    toReadableStream: step(async (client) => {
      const reply = (await stream(client, 'plain')).toReadableStream();
      return Buffer.concat(await drain(reply as AsyncIterable<Uint8Array>)).toString();
    }),
    'bad request': step((client) => chat(client, 'bad')),
    'bad request, streamed': step((client) => stream(client, 'bad')),
    'wrong key': step((client) => chat(client, 'no-key')),
    'malformed body': step((client) => chat(client, 'malformed')),
    'connection refused': step((client) => chat(client.withOptions({ baseURL: 'http://127.0.0.1:1' }), 'plain')),
    'connection cut before': step((client) => chat(client, 'cut-first')),
    'cut inside': step(async (client) => drain(await stream(client, 'cut'))),
    'error inside': step(async (client) => drain(await stream(client, 'error-inside'))),
    'malformed inside': step(async (client) => drain(await stream(client, 'malformed-inside'))),
    retried: step((client) => chat(client.withOptions({ maxRetries: 2 }), 'limited-once')),
    'retried in vain': step((client) => chat(client, 'limited', { maxRetries: 1 })),
    'no body': step((client) => client.chat.completions.create(undefined as never)),
    parse: step((client) =>
      client.chat.completions.parse({
        model: 'json',
        messages,
        response_format: { type: 'json_schema', json_schema: { name: 'w', schema: {} } },
      }),
    ),
    'parse, withResponse': step((client) => client.chat.completions.parse({ model: 'plain', messages }).withResponse()),
    'parse, failing': step((client) => client.chat.completions.parse({ model: 'bad', messages })),
    'stream helper': step(async (client) => {
      const seen: unknown[] = [];
      const helper = client.chat.completions.stream({ model: 'plain', messages });
      helper.on('content', (delta) => seen.push(delta));
      helper.on('end', () => seen.push('end'));
      return [await helper.finalChatCompletion(), seen];
    }),
    'stream helper, iterated and broken off': step(async (client) => {
      const helper = client.chat.completions.stream({ model: 'stall', messages });
      for await (const _ of helper) break;
      return [helper.aborted, helper.ended, await helper.done().catch(String)];
    }),
    'stream helper, failing': step((client) => client.chat.completions.stream({ model: 'bad', messages }).done()),
    runTools: step(async (client) => {
      const runner = client.chat.completions.runTools({ model: 'tools', messages, tools: [weather] });
      return [await runner.finalContent(), runner.messages];
    }),
    'runTools, streamed': step(async (client) => {
      const runner = client.chat.completions.runTools({ model: 'tools', messages, tools: [weather], stream: true });
      return [await runner.finalContent(), runner.messages];
    }),
    response: step((client) => client.responses.create({ model: 'search', input: 'Hi' })),
    'response, streamed': step(async (client) =>
      drain(await client.responses.create({ model: 'tools', input: 'Hi', stream: true })),
    ),
    'response, parsed': step((client) =>
      client.responses.parse({
        model: 'json',
        input: 'Hi',
        text: { format: { type: 'json_schema', name: 'w', schema: {} } },
      }),
    ),
    'response, stream helper': step(async (client) => {
      const helper = client.responses.stream({ model: 'plain', input: 'Hi' });
      const seen: unknown[] = [];
      helper.on('response.output_text.delta', ({ delta }) => seen.push(delta));
      return [await helper.finalResponse(), seen];
    }),
    'response, error inside': step(async (client) =>
      drain(await client.responses.create({ model: 'error-inside', input: 'Hi', stream: true })),
    ),
    embeddings: step((client) => client.embeddings.create({ model: 'e', input: ['a', 'b'] })),
    'embeddings, as floats': step((client) =>
      client.embeddings.create({ model: 'e', input: 'a', encoding_format: 'float' }),
    ),
    completions: step((client) => client.completions.create({ model: 'plain', prompt: 'Hi' })),
    parallel: step((client) =>
      Promise.all([
        chat(client, 'plain'),
        chat(client, 'bad').catch(String),
        stream(client, 'plain').then(drain),
        chat(client, 'three'),
      ]),
    ),
    'forgotten success': step((client) => {
      void chat(client, 'plain');
    }),
    'forgotten failure': step((client) => {
      void chat(client, 'bad');
    }),
    'forgotten failure of then': step((client) => {
      void chat(client, 'bad').then(() => {});
    }),
    'forgotten failure of asResponse': step((client) => {
      void chat(client, 'bad').asResponse();
    }),
    'forgotten failure of withResponse': step((client) => {
      void chat(client, 'bad').withResponse();
    }),
  },
};
