import type { CallAdapter, ReplyStream } from '../calls/call-adapter.js';
import { openCall } from '../calls/model-call.js';
import type { Method, Patches } from '../calls/patch.js';
import { fields, nonEmptyString } from '../calls/read-unknown.js';
import type { WrapOptions } from '../calls/wrap-options.js';
import { currentFrame, within } from '../engine/scope.js';
import { type FollowedPromise, followApiPromise } from './api-promise.js';

/*
 * A reply that the provider makes in the background has neither text nor tokens when the call that asked for it is over:
 *
 *     create({ background: true }) ──> queued, id      its span; the id is kept
 *     retrieve(id) ──> in_progress                     no span
 *     retrieve(id) ──> completed, text, tokens         a second span, once; the id is forgotten
 *     retrieve(id) ──> completed                       no span
 */

/** How many ids are kept; when there are more, the oldest is forgotten. */
const maxPending = 1000;

/** The ids of replies that are not complete yet, of all clients: a client's copy with other options may ask for the reply. */
const pending = new Set<string>();

/** Keeps the id of a reply that is still being made, and forgets that of any other. @returns whether it was kept before, and is no more */
function isNowComplete(reply: unknown): boolean {
  const { id, status } = fields(reply);
  const key = nonEmptyString(id);
  if (key === undefined) return false;
  if (status !== 'queued' && status !== 'in_progress') return pending.delete(key);
  pending.add(key);
  const [oldest] = pending;
  if (pending.size > maxPending && oldest !== undefined) pending.delete(oldest);
  return false;
}

/** Reads the same, and keeps the ids of replies that are not complete when their call is over. */
export function inBackground(adapter: CallAdapter): CallAdapter {
  return {
    ...adapter,
    reply(value) {
      isNowComplete(value);
      return adapter.reply(value);
    },
    stream: () => noting(adapter.stream()),
  };
}

/** The stream's events have the reply as far as it is. */
function noting(stream: ReplyStream): ReplyStream {
  return {
    add(event, tools) {
      const { response, interaction } = fields(event);
      isNowComplete(response ?? interaction);
      return stream.add(event, tools);
    },
    get isComplete() {
      return stream.isComplete;
    },
    facts: () => stream.facts(),
  };
}

/**
 * Patches the methods that return a reply by its id, which is their first argument: the first complete reply is recorded.
 *
 * @param record - returns a method that records each of its calls
 */
export function patchRetrieval(
  patches: Patches,
  resource: unknown,
  methods: readonly string[],
  adapter: CallAdapter,
  options: WrapOptions,
  record: (original: Method, adapter: CallAdapter) => Method,
): void {
  // The request is that of the call that asked for the reply.
  const retrieved = { ...inBackground(adapter), request: () => ({}) };
  for (const name of methods) {
    patches.method(resource, name, (original) => {
      const streamed = record(original, retrieved);
      return function retrieve(this: unknown, ...args) {
        const [id, query] = args;
        if (typeof id !== 'string' || !pending.has(id)) return original.apply(this, args);
        if (fields(query).stream === true) return streamed.apply(this, args);
        const outside = currentFrame();
        const observe = (reply: unknown) => {
          try {
            if (isNowComplete(reply)) within(outside, () => openCall(retrieved, {}, options)?.returned(reply));
          } catch {
            // A hostile reply is the program's, and is not recorded.
          }
          return reply;
        };
        return followApiPromise(original.apply(this, args), notRecorded, observe);
      };
    });
  }
}

const nothing = () => {};

/** A call without a span of its own. */
const notRecorded: FollowedPromise = {
  answered: nothing,
  finished: nothing,
  threw: nothing,
  unread: nothing,
  awaitReader: nothing,
};
