import { type Covers, wrapOnce } from './cover.js';
import { agents, chat, fim } from './mistral/chat.js';
import { embeddings } from './mistral/embeddings.js';
import { fields } from './narrow.js';
import { servedBy } from './served-by.js';
import type { Translation } from './translation.js';
import { recordedWebMethod } from './web-stream.js';
import type { WrapOptions } from './wrap-options.js';

export { unwrap } from './cover.js';
export type { WrapOptions } from './wrap-options.js';

/** What of a Mistral client is recorded. */
export interface MistralClient {
  readonly chat: object;
}

/**
 * Records every model call of a Mistral client: chats (`complete`, `stream`, `parse`, `parseStream`), agents, FIM and
 * embeddings. The client itself is changed and returned; what it gives and how it fails stay the same. A call inside a
 * trace becomes a span of it, any other a trace of its own.
 *
 * Wrapping twice changes nothing; `unwrap` takes it back.
 *
 * @param client - the client to record
 * @param options - the same for every provider
 * @returns the same client, of the same type
 * @throws UsageError `ERR_USAGE` when it is given no client, or options that cannot be used
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
  return wrapOnce(client, 'a Mistral', options, (covers, own) =>
    coverClient(client, covers, servedBy('mistral', fields(client)._baseURL, own)),
  );
}

function coverClient(client: object, covers: Covers, options: WrapOptions): string | undefined {
  const cover = (resource: string, methods: readonly string[], translation: Translation) => {
    // The client makes a resource when it is first asked for, and keeps it.
    const target: unknown = Reflect.get(client, resource);
    const isThere = methods.map((name) =>
      covers.method(target, name, (original) => recordedWebMethod(original, translation, options)),
    );
    return isThere[0] === true;
  };
  // Each asks the server by itself: none goes through another.
  const isKnown = cover('chat', ['complete', 'stream', 'parse', 'parseStream'], chat);
  cover('agents', ['complete', 'stream'], agents);
  cover('fim', ['complete', 'stream'], fim);
  if (options.traceEmbeddings !== false) cover('embeddings', ['create'], embeddings);
  return isKnown ? undefined : 'chat.complete()';
}
