import Anthropic from '@anthropic-ai/sdk';
import { wrapAnthropic } from '../../../lib/wrappers/anthropic.js';
import { drain } from '../../support/recorded.js';
import type { Program, Step } from '../support/program.js';

type RequestOptions = Parameters<Anthropic['messages']['create']>[1];

const ask = (model: string) => ({ model, max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] });
const step =
  (run: (client: Anthropic) => unknown): Step =>
  (client: Anthropic) =>
    run(client);
const create = (client: Anthropic, model: string, options?: RequestOptions) =>
  client.messages.create(ask(model), options);
const stream = (client: Anthropic, model: string) => client.messages.create({ ...ask(model), stream: true });
const weather = {
  name: 'weather',
  input_schema: { type: 'object' as const },
  parse: (input: unknown) => input,
  run: async () => '21 °C',
};

/** Everything a program can do with an Anthropic client, as far as the wrapper could spoil it. */
export const program: Program = {
  async client(url, isWrapped) {
    const client = new Anthropic({ apiKey: 'k', baseURL: url, maxRetries: 0, logLevel: 'off' });
    return isWrapped ? wrapAnthropic(client) : client;
  },
  steps: {
    plain: step((client) => create(client, 'plain')),
    'promise and its keys': step(async (client) => {
      const promise = create(client, 'plain');
      const seen = [promise.constructor.name, Object.keys(promise), promise instanceof Promise, String(promise)];
      return [...seen, (await promise)._request_id];
    }),
    withResponse: step((client) => create(client, 'plain').withResponse()),
    asResponse: step(async (client) => {
      const response = await create(client, 'plain').asResponse();
      return [response, await response.json()];
    }),
    'tool call': step((client) => create(client, 'text-and-tool')),
    thinking: step((client) => create(client, 'thinking')),
    streamed: step(async (client) => drain(await stream(client, 'search'))),
    'stream and its keys': step(async (client) => {
      const reply = await stream(client, 'plain');
      const iterator = reply[Symbol.asyncIterator]();
      return [
        Object.keys(reply),
        String(iterator),
        await iterator.next(),
        await iterator.return?.(),
        await iterator.next(),
      ];
    }),
    'broken off': step(async (client) => {
      const reply = await stream(client, 'stall');
      for await (const _ of reply) break;
      return [reply.controller.signal.aborted, await drain(reply).catch(String)];
    }),
    'thrown from the loop': step(async (client) => {
      for await (const _ of await stream(client, 'stall')) throw new Error('mine');
    }),
    'aborted inside': step(async (client) => {
      const reply = await stream(client, 'stall');
      const seen: unknown[] = [];
      for await (const event of reply) {
        seen.push(event.type);
        if (seen.length === 3) reply.controller.abort();
      }
      return seen;
    }),
    'aborted before the headers': step((client) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 250);
      return create(client, 'hang', { signal: controller.signal });
    }),
    'timed out': step((client) => create(client, 'hang', { timeout: 300 })),
    tee: step(async (client) => {
      const [left, right] = (await stream(client, 'plain')).tee();
      return [await drain(left), await drain(right)];
    }),
    toReadableStream: step(async (client) => {
      const reply = (await stream(client, 'plain')).toReadableStream();
      return Buffer.concat(await drain(reply as AsyncIterable<Uint8Array>)).toString();
    }),
    'bad request': step((client) => create(client, 'bad')),
    overloaded: step((client) => create(client, 'overloaded')),
    'malformed body': step((client) => create(client, 'malformed')),
    'connection cut before': step((client) => create(client, 'cut-first')),
    'cut inside': step(async (client) => drain(await stream(client, 'cut'))),
    'error inside': step(async (client) => drain(await stream(client, 'error-inside'))),
    'malformed inside': step(async (client) => drain(await stream(client, 'malformed-inside'))),
    retried: step((client) => create(client, 'limited-once', { maxRetries: 2 })),
    'no body': step((client) => client.messages.create(undefined as never)),
    parse: step((client) => client.messages.parse(ask('json'))),
    'parse, failing': step((client) => client.messages.parse(ask('bad'))),
    'stream helper': step(async (client) => {
      const seen: unknown[] = [];
      const helper = client.messages.stream(ask('text-and-tool'));
      helper.on('text', (delta) => seen.push(delta));
      return [await helper.finalMessage(), seen];
    }),
    'stream helper, iterated and broken off': step(async (client) => {
      const helper = client.messages.stream(ask('stall'));
      for await (const _ of helper) break;
      return [helper.aborted, helper.ended, await helper.done().catch(String)];
    }),
    'stream helper, aborted': step((client) => {
      const helper = client.messages.stream(ask('stall'));
      helper.on('text', () => helper.abort());
      return helper.done();
    }),
    'stream helper, failing': step((client) => client.messages.stream(ask('bad')).done()),
    'stream helper, withResponse': step(async (client) => {
      const { request_id, data } = await client.messages.stream(ask('plain')).withResponse();
      return [request_id, await data.finalText()];
    }),
    beta: step((client) => client.beta.messages.create(ask('plain'))),
    'beta, stream helper': step((client) => client.beta.messages.stream(ask('tools')).finalMessage()),
    toolRunner: step((client) => client.beta.messages.toolRunner({ ...ask('tools'), tools: [weather] }).runUntilDone()),
    parallel: step((client) =>
      Promise.all([create(client, 'plain'), create(client, 'bad').catch(String), stream(client, 'plain').then(drain)]),
    ),
    'forgotten success': step((client) => {
      void create(client, 'plain');
    }),
    'forgotten failure': step((client) => {
      void create(client, 'bad');
    }),
    'forgotten failure of then': step((client) => {
      void create(client, 'bad').then(() => {});
    }),
    'forgotten failure of asResponse': step((client) => {
      void create(client, 'bad').asResponse();
    }),
  },
};
