import type { CallAdapter } from '../calls/call-adapter.js';
import { chat } from '../calls/openai/chat.js';
import { compaction, responses } from '../calls/openai/responses.js';
import { type Patches, wrapOnce } from '../calls/patch.js';
import { fields, list } from '../calls/read-unknown.js';
import type { WrapOptions } from '../calls/wrap-options.js';
import { type Amended, recordedApiMethod } from './api-method.js';
import { inBackground, patchRetrieval } from './background.js';
import { speech, transcriptions, translations } from './openai/audio.js';
import { completions } from './openai/completions.js';
import { decisions } from './openai/decisions.js';
import { embeddings } from './openai/embeddings.js';
import { images } from './openai/images.js';
import { batches, videos } from './openai/jobs.js';
import { moderations } from './openai/moderations.js';
import { servedBy } from './served-by.js';
import { helperMethod } from './stream-method.js';

export { unwrap } from '../calls/patch.js';
export type { WrapOptions } from '../calls/wrap-options.js';

/** The recorded parts of an OpenAI client: `OpenAI`, `AzureOpenAI`, and the clients of Groq, Together, Cerebras and Perplexity, which have the same parts. */
export interface OpenAIClient {
  readonly chat: { readonly completions: object };
}

/**
 * Records every model call of an OpenAI client: chat completions, responses, legacy completions, embeddings, images, audio in both
 * directions, moderations, decisions, videos and the creation of batches, with the helpers that make them (`parse`, `stream`,
 * `runTools`). A call inside a trace becomes a span of that trace, any other a trace of its own.
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
 * import OpenAI from 'openai';
 * import { wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';
 *
 * const client = wrapOpenAI(new OpenAI(), { tags: ['support'] });
 * const answer = await client.chat.completions.create({
 *   model: 'gpt-5.4',
 *   messages: [{ role: 'user', content: 'How warm is it in Lisbon?' }],
 * });
 * console.log(answer.choices[0]?.message.content);
 * ```
 */
export function wrapOpenAI<T extends OpenAIClient>(client: T, options: WrapOptions = {}): T {
  return wrapOnce(client, 'an OpenAI client', options, (patches, own) =>
    patchClient(client, patches, servedBy('openai', fields(client).baseURL, own)),
  );
}

/**
 * The recorded methods of each resource, with their adapters. Helpers such as `parse()`, `stream()` and `createAndPoll()` call
 * these.
 */
const recorded: readonly (readonly [resource: string, methods: readonly string[], adapter: CallAdapter])[] = [
  ['chat.completions', ['create'], chat],
  ['completions', ['create'], completions],
  ['responses', ['create'], inBackground(responses)],
  ['responses', ['compact'], compaction],
  ['beta.responses', ['create'], inBackground(responses)],
  ['beta.responses', ['compact'], compaction],
  ['embeddings', ['create'], embeddings],
  ['images', ['generate', 'edit', 'createVariation'], images],
  ['audio.transcriptions', ['create'], transcriptions],
  ['audio.translations', ['create'], translations],
  ['audio.speech', ['create'], speech],
  ['moderations', ['create'], moderations],
  ['decisions', ['create'], decisions],
  ['videos', ['create', 'edit', 'extend', 'remix'], videos],
  ['batches', ['create'], batches],
];

/** The resources with a `stream()` helper, that of `openai` 4 among them. */
const streaming = ['chat.completions', 'beta.chat.completions', 'responses', 'beta.responses'];

function patchClient(client: object, patches: Patches, options: WrapOptions): string | undefined {
  const amend = options.streamUsage === true ? withStreamUsage : undefined;
  let isKnown = false;
  for (const [resource, methods, adapter] of recorded) {
    if (adapter === embeddings && options.traceEmbeddings === false) continue;
    const target = partOf(client, resource);
    const change = adapter === chat || adapter === completions ? amend : undefined;
    for (const method of methods) {
      const isThere = patches.method(target, method, (original) =>
        recordedApiMethod(original, adapter, options, change),
      );
      if (adapter === chat) isKnown = isThere;
    }
  }
  for (const resource of ['responses', 'beta.responses']) {
    patchRetrieval(patches, partOf(client, resource), ['retrieve', 'cancel'], responses, options, (original, adapter) =>
      recordedApiMethod(original, adapter, options),
    );
  }
  for (const resource of streaming) patches.method(partOf(client, resource), 'stream', helperMethod);
  patches.method(client, 'withOptions', (original) => {
    return function withOptions(this: unknown, ...args) {
      const derived = original.apply(this, args);
      return typeof derived === 'object' && derived !== null ? wrapOpenAI(derived as OpenAIClient, options) : derived;
    };
  });
  return isKnown ? undefined : 'chat.completions.create()';
}

function partOf(client: object, path: string): unknown {
  return path.split('.').reduce((parent: unknown, name) => fields(parent)[name], client);
}

/** A copy of the request that asks for the token counts of a stream, unless the caller has decided that. */
function withStreamUsage(request: unknown): Amended | undefined {
  const { stream, stream_options } = fields(request);
  const asked = fields(stream_options).include_usage;
  if (stream !== true || (asked !== undefined && asked !== null)) return undefined;
  const changed = { ...fields(request), stream_options: { ...fields(stream_options), include_usage: true } };
  return { request: changed, isHidden: isUsageChunk };
}

/** The additional chunk: no choices, only the usage. */
function isUsageChunk(chunk: unknown): boolean {
  const { choices, usage } = fields(chunk);
  return Array.isArray(choices) && list(choices).length === 0 && usage !== undefined && usage !== null;
}
