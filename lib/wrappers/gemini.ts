import type { CallAdapter } from '../calls/call-adapter.js';
import { generate } from '../calls/gemini/generate.js';
import { type Method, type Patches, wrapOnce } from '../calls/patch.js';
import { fields } from '../calls/read-unknown.js';
import type { WrapOptions } from '../calls/wrap-options.js';
import { recordedApiMethod } from './api-method.js';
import { inBackground, patchRetrieval } from './background.js';
import { decisions } from './gemini/decisions.js';
import { embed } from './gemini/embed.js';
import { images } from './gemini/images.js';
import { interactions } from './gemini/interactions.js';
import { batches, videos } from './gemini/jobs.js';
import { servedBy } from './served-by.js';
import { recordedWebMethod } from './web-stream.js';

export { unwrap } from '../calls/patch.js';
export type { WrapOptions } from '../calls/wrap-options.js';

/** The recorded parts of a Google client: `GoogleGenAI`, with a key or on Vertex. */
export interface GeminiClient {
  readonly models: object;
}

/**
 * Records every model call of a Google client: `generateContent`, `generateContentStream`, `embedContent`, and the chats that use
 * them, also chats created before; images, videos, interactions, decisions and the creation of batches. If the client calls
 * functions itself, each call to the model is a span, and spans of the functions are its siblings. A call inside a trace becomes a
 * span of that trace, any other a trace of its own.
 *
 * The client itself is changed and returned; its results and errors stay the same. Wrapping twice changes nothing; `unwrap` undoes
 * it.
 *
 * @param client - the client to record
 * @param options - what is recorded, and by which client
 * @returns the same client, of the same type
 * @throws UsageError `ERR_USAGE` if the client or the options are invalid
 * @example
 * ```ts
 * import { GoogleGenAI } from '@google/genai';
 * import { wrapGemini } from 'pandaprobe-ts/wrappers/gemini';
 *
 * const ai = wrapGemini(new GoogleGenAI({}));
 * const answer = await ai.models.generateContent({ model: 'gemini-3-flash', contents: 'How warm is it in Lisbon?' });
 * console.log(answer.text);
 * ```
 */
export function wrapGemini<T extends GeminiClient>(client: T, options: WrapOptions = {}): T {
  return wrapOnce(client, 'a Google client', options, (patches, own) =>
    patchClient(client, patches, servedBy('google', undefined, own)),
  );
}

/**
 * {@link wrapGemini} under the name of the client's class.
 *
 * @example
 * ```ts
 * import { GoogleGenAI } from '@google/genai';
 * import { wrapGoogleGenAI } from 'pandaprobe-ts/wrappers/gemini';
 *
 * const ai = wrapGoogleGenAI(new GoogleGenAI({}));
 * ```
 */
export const wrapGoogleGenAI: typeof wrapGemini = wrapGemini;

/** Methods that make one request each; older clients may not have them. */
const others: readonly (readonly [resource: string, methods: readonly string[], adapter: CallAdapter])[] = [
  ['models', ['generateImages', 'editImage', 'upscaleImage', 'recontextImage', 'segmentImage'], images],
  ['models', ['generateVideos'], videos],
  ['batches', ['create', 'createEmbeddings'], batches],
];

function patchClient(client: GeminiClient, patches: Patches, options: WrapOptions): string | undefined {
  for (const [resource, methods, adapter] of others) {
    for (const method of methods) {
      patches.method(fields(client)[resource], method, (original) => recordedApiMethod(original, adapter, options));
    }
  }
  patches.lazy(client, 'interactions', (resource) => {
    const record = (original: Method, adapter: CallAdapter) => recordedWebMethod(original, adapter, options);
    patches.method(resource, 'create', (original) => record(original, inBackground(interactions)));
    patchRetrieval(patches, resource, ['get', 'cancel'], interactions, options, record);
  });
  patches.lazy(client, 'decisions', (resource) => {
    patches.method(resource, 'create', (original) => recordedApiMethod(original, decisions, options));
  });
  return patchModels(client.models, patches, options);
}

function patchModels(models: object, patches: Patches, options: WrapOptions): string | undefined {
  // One public call may make several calls to the model, with the user's functions in between. So the internal method that makes
  // each of them is patched. Clients without it get their public method patched, and these calls are recorded as one.
  const patch = (name: string) => {
    const inner = `${name}Internal`;
    const isThere = typeof fields(models)[inner] === 'function';
    return patches.method(models, isThere ? inner : name, (original) => recordedApiMethod(original, generate, options));
  };
  const isKnown = patch('generateContent');
  patch('generateContentStream');
  if (options.traceEmbeddings !== false) {
    patches.method(models, 'embedContent', (original) => recordedApiMethod(original, embed, options));
  }
  return isKnown ? undefined : 'models.generateContent()';
}
