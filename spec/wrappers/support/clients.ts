import Anthropic from '@anthropic-ai/sdk';
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { GoogleGenAI } from '@google/genai';
import { Mistral } from '@mistralai/mistralai';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import OpenAI from 'openai';
import type { WrapOptions } from '../../../lib/calls/wrap-options.js';
import { wrapAnthropic } from '../../../lib/wrappers/anthropic.js';
import { wrapBedrock } from '../../../lib/wrappers/bedrock.js';
import { wrapGemini } from '../../../lib/wrappers/gemini.js';
import { wrapMistral } from '../../../lib/wrappers/mistral.js';
import { wrapOpenAI } from '../../../lib/wrappers/openai.js';
import type { Answer, Seen } from '../../support/provider.js';
import { anthropic } from './anthropic-wire.js';
import { bedrock } from './bedrock-wire.js';
import { gemini } from './gemini-wire.js';
import { mistral } from './mistral-wire.js';
import { openAI } from './openai-wire.js';

/** One question to a wrapped client, the same for every provider. */
export interface Wrapped {
  whole(model: string): Promise<unknown>;
  stream(model: string): Promise<AsyncIterable<unknown>>;
}

/** A provider: how it answers, and how its client is made and wrapped. */
export interface ProviderCase {
  readonly name: string;
  readonly span: string;
  /** The model that answers. */
  readonly model: string;
  answer(seen: Seen): Answer;
  wrap(url: string, options?: WrapOptions): Wrapped;
}

const messages = [{ role: 'user' as const, content: 'Hi' }];
const converse = (modelId: string) => ({ modelId, messages: [{ role: 'user' as const, content: [{ text: 'Hi' }] }] });

/** Bare clients that ask the server at `url`, once. */
export const bare = {
  openai: (url: string) => new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0, logLevel: 'off' }),
  anthropic: (url: string) => new Anthropic({ apiKey: 'k', baseURL: url, maxRetries: 0, logLevel: 'off' }),
  gemini: (url: string) => new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } }),
  mistral: (url: string) => new Mistral({ apiKey: 'k', serverURL: url, retryConfig: { strategy: 'none' } }),
  bedrock: (url: string) =>
    new BedrockRuntimeClient({
      endpoint: url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'k', secretAccessKey: 's' },
      requestHandler: new NodeHttpHandler(),
      maxAttempts: 1,
    }),
};

/** Every provider, with the generation of its client that all versions of Node run. */
export const providers: readonly ProviderCase[] = [
  {
    name: 'OpenAI',
    span: 'openai-chat',
    model: 'gpt-x-2026',
    answer: openAI,
    wrap(url, options) {
      const { chat } = wrapOpenAI(bare.openai(url), options);
      const usage = { include_usage: true };
      return {
        whole: (model) => chat.completions.create({ model, messages }),
        stream: (model) => chat.completions.create({ model, messages, stream: true, stream_options: usage }),
      };
    },
  },
  {
    name: 'Anthropic',
    span: 'anthropic-messages',
    model: 'claude-x-2026',
    answer: anthropic,
    wrap(url, options) {
      const client = wrapAnthropic(bare.anthropic(url), options);
      const ask = (model: string) => ({ model, messages, max_tokens: 100 });
      return {
        whole: (model) => client.messages.create(ask(model)),
        stream: (model) => client.messages.create({ ...ask(model), stream: true }),
      };
    },
  },
  {
    name: 'Gemini',
    span: 'gemini-generate',
    model: 'gemini-x-001',
    answer: gemini,
    wrap(url, options) {
      const { models } = wrapGemini(bare.gemini(url), options);
      return {
        whole: (model) => models.generateContent({ model, contents: 'Hi' }),
        stream: (model) => models.generateContentStream({ model, contents: 'Hi' }),
      };
    },
  },
  {
    name: 'Mistral',
    span: 'mistral-chat',
    model: 'mistral-x-2026',
    answer: mistral,
    wrap(url, options) {
      const { chat } = wrapMistral(bare.mistral(url), options);
      return {
        whole: (model) => chat.complete({ model, messages }),
        stream: (model) => chat.stream({ model, messages }),
      };
    },
  },
  {
    name: 'Bedrock',
    span: 'bedrock-converse',
    model: 'plain',
    answer: bedrock,
    wrap(url, options) {
      const client: BedrockRuntimeClient = wrapBedrock(bare.bedrock(url), options);
      return {
        whole: (model) => client.send(new ConverseCommand(converse(model))),
        async stream(model) {
          const { stream } = await client.send(new ConverseStreamCommand(converse(model)));
          if (stream === undefined) throw new Error('expected a stream');
          return stream;
        },
      };
    },
  },
];
