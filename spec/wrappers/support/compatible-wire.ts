import OpenAI from 'openai';
import { wrapOpenAI } from '../../../lib/wrappers/openai.js';
import type { Answer } from '../../support/provider.js';
import { drain } from '../../support/recorded.js';
import { type Scene, useScene } from './scene.js';

/* Servers that speak OpenAI's language, each in its own way. */

export const messages = [{ role: 'user' as const, content: 'How warm is it?' }];
const head = { id: 'c1', created: 1, model: 'm' };

/** A whole reply with one choice. */
export const reply = (choice: object, rest: object = {}): Answer => ({
  kind: 'json',
  body: { ...head, object: 'chat.completion', choices: [{ index: 0, finish_reason: 'stop', ...choice }], ...rest },
});

/** A chunk of a stream, with one choice. */
export const chunk = (delta: object | undefined, choice: object = {}, rest: object = {}) => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, finish_reason: null, ...(delta === undefined ? {} : { delta }), ...choice }],
  ...rest,
});

export const stream = (...events: readonly object[]): Answer => ({ kind: 'sse', events, done: true });

/** A scene with a client of OpenAI that asks it. */
export interface Compatible {
  readonly scene: Scene;
  client(): OpenAI;
  /** Asks for a chat completion, which is answered so. */
  ask(answer: Answer): Promise<unknown>;
  /** The same as a stream, read to its end. */
  askStreamed(answer: Answer): Promise<readonly unknown[]>;
}

/** For the cases of one `describe`, which calls it. */
export function useCompatible(): Compatible {
  const scene = useScene();
  const client = () => wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: scene.url, maxRetries: 0, logLevel: 'off' }));
  return {
    scene,
    client,
    async ask(answer) {
      scene.answer = answer;
      return client().chat.completions.create({ model: 'm', messages });
    },
    async askStreamed(answer) {
      scene.answer = answer;
      return drain(await client().chat.completions.create({ model: 'm', messages, stream: true }));
    },
  };
}
