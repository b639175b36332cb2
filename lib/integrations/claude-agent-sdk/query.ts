import { errorFacts } from '../../calls/error-facts.js';
import { patchMethod } from '../../calls/patch.js';
import { type Fields, fields } from '../../calls/read-unknown.js';
import { getClient } from '../../client/global-client.js';
import type { ResultObserver } from '../../engine/follow.js';
import { followGenerator } from '../../engine/follow-stream.js';
import { currentFrame, placeIn } from '../../engine/scope.js';
import { guarded } from '../adapter/guarded.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { whenCollected } from '../adapter/when-collected.js';
import type { Conversation } from './conversation.js';
import { serveIn } from './own-tools.js';

/** The hooks for the start and end of tools and sub-agents. */
const events = ['PreToolUse', 'PostToolUse', 'PostToolUseFailure', 'SubagentStart', 'SubagentStop'] as const;

/** Whether a query that begins now would be recorded. */
export function isRecording(options: FrameworkOptions): boolean {
  return placeIn(currentFrame()) !== undefined || (options.client ?? getClient()).enabled;
}

/** A copy of a query's options, with our hooks after the caller's own. */
export function withHooks(query: unknown, onEvent: (event: unknown) => void): Fields {
  const given = fields(query);
  const hooks: Record<string, unknown> = { ...fields(given.hooks) };
  const hook = async (event: unknown): Promise<object> => {
    onEvent(event);
    return {};
  };
  for (const event of events) {
    const { [event]: before } = hooks;
    hooks[event] = [...(Array.isArray(before) ? before : []), { hooks: [hook] }];
  }
  return { ...given, hooks };
}

/**
 * Starts a query and follows it from the prompt to its end.
 * @param start - starts the query with the given prompt, which is observed
 */
export function startQuery<R>(
  conversation: Conversation,
  prompt: unknown,
  options: unknown,
  start: (prompt: unknown) => R,
): R {
  conversation.begin(currentFrame());
  let query: R;
  try {
    query = start(observedPrompt(prompt, conversation));
  } catch (error) {
    conversation.failed(error);
    throw error;
  }
  if (typeof query === 'object' && query !== null) followQuery(query, conversation, fields(options));
  return query;
}

/** Wraps a prompt so that the user's messages are recorded as they are read; a text is recorded at once. */
function observedPrompt(prompt: unknown, conversation: Conversation): unknown {
  if (typeof prompt === 'string') conversation.onPrompt(prompt);
  if (!isIterable(prompt)) return prompt;
  return {
    [Symbol.asyncIterator]() {
      const iterator = prompt[Symbol.asyncIterator]();
      const { return: giveBack } = iterator;
      return {
        async next(...args: []) {
          const step = await iterator.next(...args);
          if (step.done !== true) conversation.onPrompt(fields(fields(step.value).message).content);
          return step;
        },
        ...(giveBack && { return: (value: unknown) => giveBack.call(iterator, value) }),
      };
    },
  };
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/**
 * Follows a query in place: its messages, its end, and the messages that the program sends to it. All its methods stay the same.
 */
function followQuery(query: object, conversation: Conversation, { abortController, mcpServers }: Fields): void {
  guarded('Claude Agent SDK', 'a query', () => {
    const observer = new QueryObserver(conversation, fields(abortController).signal);
    // A reader that calls `next()` reads from the same generator.
    followGenerator((query as AsyncGenerator)[Symbol.asyncIterator](), observer);
    around(query, 'close', { after: () => conversation.over() });
    around(query, 'interrupt', { before: () => conversation.interrupted() });
    withArgument(query, 'streamInput', (input) => observedPrompt(input, conversation));
    withArgument(query, 'setMcpServers', (servers) => {
      serveIn(conversation, servers);
      return servers;
    });
    serveIn(conversation, mcpServers);
    endWhenCollected(query, observer);
  });
}

/** A function of its own, so that the callback does not reference the query. */
function endWhenCollected(query: object, observer: QueryObserver): void {
  whenCollected(query, () => observer.streamed());
}

/** Patches a method: `replaced` returns its new first argument. */
function withArgument(query: object, name: string, replaced: (first: unknown) => unknown): void {
  const original: unknown = Reflect.get(query, name);
  if (typeof original !== 'function') return;
  patchMethod(query, name, function (this: unknown, first: unknown, ...rest: unknown[]) {
    return Reflect.apply(original, this, [replaced(first), ...rest]);
  });
}

/** Patches a method: `before` runs before it, and `after` when it has returned or thrown. */
function around(query: object, name: string, { before, after }: { before?: () => void; after?: () => void }): void {
  const original: unknown = Reflect.get(query, name);
  if (typeof original !== 'function') return;
  patchMethod(query, name, function (this: unknown, ...args: unknown[]) {
    before?.();
    try {
      return Reflect.apply(original, this, args);
    } finally {
      after?.();
    }
  });
}

class QueryObserver implements ResultObserver {
  readonly #conversation: Conversation;
  readonly #signal: unknown;

  constructor(conversation: Conversation, signal: unknown) {
    this.#conversation = conversation;
    this.#signal = signal;
  }

  chunk(message: unknown): void {
    this.#conversation.onMessage(message);
  }

  streamed(): void {
    this.#conversation.over(this.#isAborted ? { aborted: true } : {});
  }

  returned(): void {
    this.streamed();
  }

  threw(error: unknown): void {
    const isAbort = this.#isAborted || errorFacts(error).metadata.aborted === true;
    if (isAbort) this.#conversation.over({ aborted: true });
    else this.#conversation.failed(error);
  }

  pull<R>(fn: () => R): R {
    return fn();
  }

  get #isAborted(): boolean {
    return fields(this.#signal).aborted === true;
  }
}
