import { Mistral } from '@mistralai/mistralai';
import { z } from 'zod';
import { wrapMistral } from '../../../lib/wrappers/mistral.js';
import { drain } from '../../support/recorded.js';
import type { Program, Step } from '../support/program.js';

const ask = (model: string) => ({ model, messages: [{ role: 'user' as const, content: 'Hi' }] });
const responseFormat = z.object({ degrees: z.number() });
const step =
  (run: (client: Mistral) => unknown): Step =>
  (client: Mistral) =>
    run(client);
type Options = Parameters<Mistral['chat']['complete']>[1];
const complete = (client: Mistral, model: string, options?: Options) => client.chat.complete(ask(model), options);
const stream = (client: Mistral, model: string, options?: Options) => client.chat.stream(ask(model), options);

/** Everything a program can do with a Mistral client, as far as the wrapper could spoil it. */
export const program: Program = {
  async client(url, isWrapped) {
    const client = new Mistral({ apiKey: 'k', serverURL: url, retryConfig: { strategy: 'none' } });
    return isWrapped ? wrapMistral(client) : client;
  },
  steps: {
    plain: step((client) => complete(client, 'plain')),
    'promise and its keys': step(async (client) => {
      const promise = complete(client, 'plain');
      return [promise.constructor.name, Object.keys(promise), (await promise).id];
    }),
    'tool call': step((client) => complete(client, 'tools')),
    thinking: step((client) => complete(client, 'thinking')),
    'sub-resources stay': step(({ chat, ...rest }) => Object.keys(rest).includes('chat') || chat.constructor.name),
    streamed: step(async (client) => drain(await stream(client, 'plain'))),
    'streamed tool call': step(async (client) => drain(await stream(client, 'tools'))),
    'stream and its keys': step(async (client) => {
      const reply = await stream(client, 'plain');
      const seen = [reply.constructor.name, reply instanceof ReadableStream, Object.keys(reply), reply.locked];
      const iterator = reply[Symbol.asyncIterator]();
      return [...seen, reply.locked, await iterator.next(), await iterator.return?.(), await iterator.next()];
    }),
    reader: step(async (client) => {
      const reply = await stream(client, 'plain');
      const reader = reply.getReader();
      const seen = [await reader.read(), reply.locked];
      reader.releaseLock();
      return [...seen, reply.locked, await drain(reply)];
    }),
    'reader, cancelled': step(async (client) => {
      const reader = (await stream(client, 'stall')).getReader();
      return [await reader.read(), await reader.cancel('enough'), await reader.read(), await reader.closed];
    }),
    cancelled: step(async (client) => {
      const reply = await stream(client, 'stall');
      return [await reply.cancel(), await drain(reply)];
    }),
    tee: step(async (client) => {
      const reply = await stream(client, 'plain');
      const [left, right] = reply.tee();
      return [reply.locked, left.constructor.name, await drain(left), await drain(right)];
    }),
    'tee of a stream that is locked': step(async (client) => {
      const reply = await stream(client, 'plain');
      reply.getReader();
      return reply.tee();
    }),
    'tee of a stream that is cut': step(async (client) => {
      const [left, right] = (await stream(client, 'cut')).tee();
      return [await drain(left).catch(String), await drain(right).catch(String)];
    }),
    pipeThrough: step(async (client) => drain((await stream(client, 'plain')).pipeThrough(new TransformStream()))),
    pipeTo: step(async (client) => {
      const seen: unknown[] = [];
      await (await stream(client, 'plain')).pipeTo(new WritableStream({ write: (chunk) => void seen.push(chunk) }));
      return seen;
    }),
    'pipeTo, cut': step(async (client) => (await stream(client, 'cut')).pipeTo(new WritableStream())),
    'broken off': step(async (client) => {
      const reply = await stream(client, 'stall');
      for await (const _ of reply) break;
      return [reply.locked, await drain(reply)];
    }),
    'thrown from the loop': step(async (client) => {
      for await (const _ of await stream(client, 'stall')) throw new Error('mine');
    }),
    'aborted inside': step(async (client) => {
      const controller = new AbortController();
      const reply = await stream(client, 'stall', { fetchOptions: { signal: controller.signal } });
      for await (const _ of reply) controller.abort();
    }),
    'aborted before the headers': step((client) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 250);
      return complete(client, 'hang', { fetchOptions: { signal: controller.signal } });
    }),
    'timed out': step((client) => complete(client, 'hang', { timeoutMs: 300 })),
    'bad request': step((client) => complete(client, 'bad')),
    'bad request, streamed': step((client) => stream(client, 'bad')),
    'not valid': step((client) => complete(client, 'invalid')),
    'malformed body': step((client) => complete(client, 'malformed')),
    'connection cut before': step((client) => complete(client, 'cut-first')),
    'cut inside': step(async (client) => drain(await stream(client, 'cut'))),
    'malformed inside': step(async (client) => drain(await stream(client, 'malformed-inside'))),
    retried: step((client) =>
      complete(client, 'limited-once', {
        retries: {
          strategy: 'backoff',
          backoff: { initialInterval: 1, maxInterval: 2, exponent: 1, maxElapsedTime: 5000 },
        },
        retryCodes: ['429'],
      }),
    ),
    'no request': step((client) => client.chat.complete(undefined as never)),
    parse: step((client) => client.chat.parse({ ...ask('json'), responseFormat })),
    'parse, failing': step((client) => client.chat.parse({ ...ask('plain'), responseFormat })),
    parseStream: step(async (client) => drain(await client.chat.parseStream({ ...ask('json'), responseFormat }))),
    agents: step((client) => client.agents.complete({ agentId: 'a', messages: [{ role: 'user', content: 'Hi' }] })),
    fim: step((client) => client.fim.complete({ model: 'plain', prompt: 'def f(' })),
    embeddings: step((client) => client.embeddings.create({ model: 'embed', inputs: ['a', 'b'] })),
    parallel: step((client) =>
      Promise.all([
        complete(client, 'plain'),
        complete(client, 'bad').catch(String),
        stream(client, 'plain').then(drain),
      ]),
    ),
    'forgotten success': step((client) => {
      void complete(client, 'plain');
    }),
    'forgotten failure': step((client) => {
      void complete(client, 'bad');
    }),
  },
};
