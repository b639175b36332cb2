import type { CallAdapter } from '../calls/call-adapter.js';
import { type Patches, wrapOnce } from '../calls/patch.js';
import { fields } from '../calls/read-unknown.js';
import type { WrapOptions } from '../calls/wrap-options.js';
import { speech, transcriptions } from './mistral/audio.js';
import { batches } from './mistral/batches.js';
import { agents, chat, fim } from './mistral/chat.js';
import { classifications, moderations } from './mistral/classifiers.js';
import { conversations } from './mistral/conversations.js';
import { embeddings } from './mistral/embeddings.js';
import { ocr } from './mistral/ocr.js';
import { servedBy } from './served-by.js';
import { recordedWebMethod } from './web-stream.js';

export { unwrap } from '../calls/patch.js';
export type { WrapOptions } from '../calls/wrap-options.js';

/** The recorded parts of a Mistral client. */
export interface MistralClient {
  readonly chat: object;
}

/**
 * Records every model call of a Mistral client: chats (`complete`, `stream`, `parse`, `parseStream`), agents, conversations, FIM,
 * embeddings, moderations and classifications, OCR, audio in both directions and the creation of batches. A call inside a trace
 * becomes a span of that trace, any other a trace of its own.
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
 * import { Mistral } from '@mistralai/mistralai';
 * import { wrapMistral } from 'pandaprobe-ts/wrappers/mistral';
 *
 * const client = wrapMistral(new Mistral());
 * const answer = await client.chat.complete({
 *   model: 'mistral-large-latest',
 *   messages: [{ role: 'user', content: 'How warm is it in Lisbon?' }],
 * });
 * console.log(answer.choices[0]?.message?.content);
 * ```
 */
export function wrapMistral<T extends MistralClient>(client: T, options: WrapOptions = {}): T {
  return wrapOnce(client, 'a Mistral client', options, (patches, own) =>
    patchClient(client, patches, servedBy('mistral', fields(client)._baseURL, own)),
  );
}

/** The recorded methods. Each makes its own request; none calls another. */
const recorded: readonly (readonly [resource: string, methods: readonly string[], adapter: CallAdapter])[] = [
  ['chat', ['complete', 'stream', 'parse', 'parseStream'], chat],
  ['agents', ['complete', 'stream'], agents],
  ['fim', ['complete', 'stream'], fim],
  ['embeddings', ['create'], embeddings],
  ['beta.conversations', ['start', 'append', 'restart', 'startStream', 'appendStream', 'restartStream'], conversations],
  ['classifiers', ['moderate', 'moderateChat'], moderations],
  ['classifiers', ['classify', 'classifyChat'], classifications],
  ['ocr', ['process'], ocr],
  ['audio.transcriptions', ['complete', 'stream'], transcriptions],
  ['audio.speech', ['complete'], speech],
  ['batch.jobs', ['create'], batches],
];

function patchClient(client: object, patches: Patches, options: WrapOptions): string | undefined {
  let isKnown = false;
  for (const [resource, methods, adapter] of recorded) {
    if (adapter === embeddings && options.traceEmbeddings === false) continue;
    // The client creates a resource on first access, and keeps it.
    const target = resource.split('.').reduce((parent: unknown, name) => fields(parent)[name], client);
    const isThere = methods.map((name) =>
      patches.method(target, name, (original) => recordedWebMethod(original, adapter, options)),
    );
    if (adapter === chat) isKnown = isThere[0] === true;
  }
  return isKnown ? undefined : 'chat.complete()';
}
