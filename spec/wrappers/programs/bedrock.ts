import {
  BedrockRuntime,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { wrapBedrock } from '../../../lib/wrappers/bedrock.js';
import { drain } from '../../support/recorded.js';
import type { Program, Step } from '../support/program.js';

const ask = (modelId: string) => ({ modelId, messages: [{ role: 'user' as const, content: [{ text: 'Hi' }] }] });
const body = JSON.stringify({ prompt: 'Hi' });
const none = (async function* () {})();
const step =
  (run: (client: BedrockRuntime) => unknown): Step =>
  (client: BedrockRuntime) =>
    run(client);
type Options = Parameters<BedrockRuntime['converse']>[1];
const converse = (client: BedrockRuntime, model: string, options?: Options) =>
  client.send(new ConverseCommand(ask(model)), options);
const stream = async (client: BedrockRuntime, model: string, options?: Options) =>
  (await client.send(new ConverseStreamCommand(ask(model)), options)).stream ?? none;

/** Everything a program can do with a Bedrock client, as far as the wrapper could spoil it. */
export const program: Program = {
  async client(url, isWrapped) {
    const client = new BedrockRuntime({
      endpoint: url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'k', secretAccessKey: 's' },
      requestHandler: new NodeHttpHandler(),
      maxAttempts: 2,
    });
    return isWrapped ? wrapBedrock(client) : client;
  },
  steps: {
    plain: step((client) => converse(client, 'plain')),
    'promise and its keys': step(async (client) => {
      const promise = converse(client, 'plain');
      return [promise.constructor.name, Object.keys(promise), Object.keys(await promise)];
    }),
    'tool use': step((client) => converse(client, 'tools')),
    thinking: step((client) => converse(client, 'thinking')),
    'by method': step((client) => client.converse(ask('plain'))),
    'by callback': step(
      (client) =>
        new Promise((resolve) => {
          client.converse(ask('plain'), (error: unknown, output?: unknown) => resolve([error, output]));
        }),
    ),
    'by callback, failing': step(
      (client) =>
        new Promise((resolve) => {
          client.converse(ask('bad'), (error: unknown, output?: unknown) => resolve([error, output]));
        }),
    ),
    'command used twice': step(async (client) => {
      const command = new ConverseCommand(ask('plain'));
      return [await client.send(command), await client.send(command), command.input];
    }),
    streamed: step(async (client) => drain(await stream(client, 'tools'))),
    'streamed thinking': step(async (client) => drain(await stream(client, 'thinking'))),
    'stream and its keys': step(async (client) => {
      const reply = await stream(client, 'plain');
      const iterator = reply[Symbol.asyncIterator]();
      return [
        reply.constructor.name,
        Object.keys(reply),
        await iterator.next(),
        await iterator.return?.(),
        await iterator.next(),
      ];
    }),
    'broken off': step(async (client) => {
      for await (const _ of await stream(client, 'stall')) break;
    }),
    'thrown from the loop': step(async (client) => {
      for await (const _ of await stream(client, 'stall')) throw new Error('mine');
    }),
    'aborted before the headers': step((client) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 250);
      return converse(client, 'hang', { abortSignal: controller.signal });
    }),
    'aborted before the call': step((client) => converse(client, 'plain', { abortSignal: AbortSignal.abort() })),
    'bad request': step((client) => converse(client, 'bad')),
    'bad request, streamed': step((client) => stream(client, 'bad')),
    'not a request': step((client) => converse(client, undefined as never)),
    'malformed body': step((client) => converse(client, 'malformed')),
    'connection cut before': step((client) => converse(client, 'cut-first')),
    'cut inside': step(async (client) => drain(await stream(client, 'cut'))),
    'error inside': step(async (client) => drain(await stream(client, 'error-inside'))),
    retried: step((client) => converse(client, 'limited-once')),
    'retried in vain': step((client) => converse(client, 'limited')),
    invoke: step(async (client) => {
      const reply = await client.send(new InvokeModelCommand({ modelId: 'meta.llama-v1', body }));
      return [reply.body.constructor.name, reply.body.transformToString(), Object.keys(reply)];
    }),
    'invoke, with bytes': step((client) =>
      client.send(new InvokeModelCommand({ modelId: 'meta.llama-v1', body: new TextEncoder().encode(body) })),
    ),
    'invoke, streamed': step(async (client) => {
      const command = new InvokeModelWithResponseStreamCommand({ modelId: 'meta.llama-v1', body });
      return drain((await client.send(command)).body ?? none);
    }),
    'invoke, embedding': step((client) =>
      client.invokeModel({ modelId: 'amazon.titan-embed-v2', body: '{"inputText":"Hi"}' }),
    ),
    'another command': step((client) => client.countTokens({ modelId: 'plain', input: { converse: {} } })),
    parallel: step((client) =>
      Promise.all([
        converse(client, 'plain'),
        converse(client, 'bad').catch(String),
        stream(client, 'plain').then(drain),
      ]),
    ),
    'forgotten success': step((client) => {
      void converse(client, 'plain');
    }),
    'forgotten failure': step((client) => {
      void converse(client, 'bad');
    }),
  },
};
