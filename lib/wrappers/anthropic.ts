import { messages } from '../calls/anthropic/messages.js';
import { type Patches, wrapOnce } from '../calls/patch.js';
import { fields } from '../calls/read-unknown.js';
import type { WrapOptions } from '../calls/wrap-options.js';
import { batches } from './anthropic/batches.js';
import { completions } from './anthropic/completions.js';
import { recordedApiMethod, recordedHelper } from './api-method.js';
import { servedBy } from './served-by.js';
import { helperMethod } from './stream-method.js';

export { unwrap } from '../calls/patch.js';
export type { WrapOptions } from '../calls/wrap-options.js';

/** The recorded parts of an Anthropic client: `Anthropic`, `AnthropicBedrock`, `AnthropicVertex`. */
export interface AnthropicClient {
  readonly messages: object;
}

/**
 * Records every message of an Anthropic client, also of its `beta`, with the helpers that make them (`parse`, `stream`,
 * `toolRunner`), and the creation of batches. A call inside a trace becomes a span of that trace, any other a trace of its own.
 *
 * The client itself is changed and returned; its results and errors stay the same. A client that its `withOptions()` returns is
 * wrapped, too. Wrapping twice changes nothing; `unwrap` undoes it.
 *
 * @param client - the client to record
 * @param options - what is recorded, and by which client
 * @returns the same client, of the same type
 * @throws UsageError `ERR_USAGE` if the client or the options are invalid
 * @example
 * ```ts
 * import Anthropic from '@anthropic-ai/sdk';
 * import { wrapAnthropic } from 'pandaprobe-ts/wrappers/anthropic';
 *
 * const client = wrapAnthropic(new Anthropic());
 * const answer = await client.messages.create({
 *   model: 'claude-sonnet-5',
 *   max_tokens: 200,
 *   messages: [{ role: 'user', content: 'How warm is it in Lisbon?' }],
 * });
 * console.log(answer.stop_reason);
 * ```
 */
export function wrapAnthropic<T extends AnthropicClient>(client: T, options: WrapOptions = {}): T {
  return wrapOnce(client, 'an Anthropic client', options, (patches, own) =>
    patchClient(client, patches, servedBy('anthropic', fields(client).baseURL, own)),
  );
}

function patchClient(client: AnthropicClient, patches: Patches, options: WrapOptions): string | undefined {
  const patch = (resource: unknown) => {
    const target = fields(resource).messages;
    patches.method(target, 'parse', recordedHelper);
    patches.method(target, 'stream', helperMethod);
    patches.method(fields(target).batches, 'create', (original) => recordedApiMethod(original, batches, options));
    return patches.method(target, 'create', (original) => recordedApiMethod(original, messages, options));
  };
  const { beta, completions: older } = fields(client);
  const isKnown = patch(client);
  patches.method(older, 'create', (original) => recordedApiMethod(original, completions, options));
  // Versions before 0.33 have tools and prompt caching in resources of their own.
  for (const resource of [beta, fields(beta).tools, fields(beta).promptCaching]) patch(resource);
  patches.method(client, 'withOptions', (original) => {
    return function withOptions(this: unknown, ...args) {
      const derived = original.apply(this, args);
      return typeof derived === 'object' && derived !== null
        ? wrapAnthropic(derived as AnthropicClient, options) // a client of the same class
        : derived;
    };
  });
  return isKnown ? undefined : 'messages.create()';
}
