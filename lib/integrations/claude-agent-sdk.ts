import { type Method, Patches, readOptions } from '../calls/patch.js';
import { type Fields, fields } from '../calls/read-unknown.js';
import { bareKey } from '../common/bare.js';
import { UsageError } from '../common/errors.js';
import { guarded } from './adapter/guarded.js';
import type { FrameworkOptions } from './adapter/options.js';
import { Conversation } from './claude-agent-sdk/conversation.js';
import { isRecording, startQuery, withHooks } from './claude-agent-sdk/query.js';

export type { AdapterOptions, FrameworkOptions } from './adapter/options.js';

/** `query` of `@anthropic-ai/claude-agent-sdk`. */
export type ClaudeAgentQuery = (params: never) => object;

/** The part of `@anthropic-ai/claude-agent-sdk` that begins queries. */
export interface ClaudeAgentSDK {
  readonly query: ClaudeAgentQuery;
}

const mark = Symbol.for('pandaprobe.instrumented');

/**
 * Returns a `query` that records: each turn is one trace, with its model calls, tools and sub-agents. The returned query is the
 * SDK's own, with all its methods. Tools made by `createSdkMcpServer` run in their span, so spans in them nest there.
 *
 * The given function is not changed. If it is wrapped already, it is returned unchanged.
 *
 * @param query - `query` of `@anthropic-ai/claude-agent-sdk`
 * @param options - what is recorded, and by which client
 * @returns a function of the same type
 * @throws UsageError `ERR_USAGE` if the options are invalid
 * @example
 * ```ts
 * import { query as bareQuery } from '@anthropic-ai/claude-agent-sdk';
 * import { wrapClaudeAgentQuery } from 'pandaprobe-ts/integrations/claude-agent-sdk';
 *
 * const query = wrapClaudeAgentQuery(bareQuery);
 *
 * for await (const message of query({ prompt: 'How warm is it in Oslo?' })) {
 *   if (message.type === 'result') console.log(message.subtype);
 * }
 * ```
 */
export function wrapClaudeAgentQuery<Q extends ClaudeAgentQuery>(query: Q, options: FrameworkOptions = {}): Q {
  const own = readOptions(options);
  if (typeof query !== 'function') throw new UsageError(`expected query of the SDK to wrap, got ${typeof query}`);
  return wrapped(query, (original) => {
    return function query(this: unknown, params: unknown, ...rest: unknown[]) {
      const { prompt, options: given } = fields(params);
      const conversation = openConversation(own, given);
      if (conversation === undefined) return Reflect.apply(original, this, [params, ...rest]);
      const hooked = withHooks(given, (event) => conversation.hooked(event));
      return startQuery(conversation, prompt, given, (observed) =>
        Reflect.apply(original, this, [{ ...fields(params), prompt: observed, options: hooked }, ...rest]),
      );
    };
  });
}

/**
 * Returns a copy of the SDK's module whose `query` records, and whose `startup` and `prewarm` give queries that record: see
 * {@link wrapClaudeAgentQuery}. The given module is not changed.
 *
 * @param sdk - the module, as `import * as sdk` gives it
 * @param options - what is recorded, and by which client
 * @returns an object with everything that the module exports
 * @throws UsageError `ERR_USAGE` if the options are invalid
 * @example
 * ```ts
 * import * as bare from '@anthropic-ai/claude-agent-sdk';
 * import { wrapClaudeAgentSDK } from 'pandaprobe-ts/integrations/claude-agent-sdk';
 *
 * const { query } = wrapClaudeAgentSDK(bare);
 * ```
 */
export function wrapClaudeAgentSDK<S extends ClaudeAgentSDK>(sdk: S, options: FrameworkOptions = {}): S {
  const own = readOptions(options);
  const found: Fields = fields(sdk);
  if (typeof found.query !== 'function') throw new UsageError('expected the module of the SDK to wrap, got no query');
  const patched: Record<string, unknown> = { query: wrapClaudeAgentQuery(sdk.query, own) };
  for (const [name, way] of Object.entries(preStarts)) {
    const original = found[name];
    if (typeof original === 'function')
      patched[name] = wrapped(original as Method, (bare) => recordedPreStart(bare, way, own));
  }
  return { ...sdk, ...patched, [mark]: sdk };
}

/**
 * Returns the SDK's own function or module for a wrapped one. Anything else is returned unchanged.
 *
 * @param given - a function or module, wrapped or not
 * @returns the function that was wrapped
 * @example
 * ```ts
 * import { query as bareQuery } from '@anthropic-ai/claude-agent-sdk';
 * import { unwrap, wrapClaudeAgentQuery } from 'pandaprobe-ts/integrations/claude-agent-sdk';
 *
 * const query = wrapClaudeAgentQuery(bareQuery);
 * unwrap(query) === bareQuery;
 * ```
 */
export function unwrap<T extends object>(given: T): T {
  const original: unknown = Object.getOwnPropertyDescriptor(given, mark)?.value;
  return original === undefined ? given : (original as T); // set by the code that wrapped it
}

/** Wraps functions of the SDK; class and methods have the names of the vendor's package. */
export class ClaudeAgentSDKAdapter {
  readonly #options: FrameworkOptions;

  /**
   * @param options - what is recorded, and by which client
   * @throws UsageError `ERR_USAGE` if the options are invalid
   */
  constructor(options: FrameworkOptions = {}) {
    this.#options = readOptions(options);
  }

  /**
   * Does what {@link wrapClaudeAgentQuery} does, with the options of the adapter.
   *
   * @param query - `query` of the SDK
   * @returns a function of the same type
   */
  wrapQuery<Q extends ClaudeAgentQuery>(query: Q): Q {
    return wrapClaudeAgentQuery(query, this.#options);
  }
}

/** The functions that start the program before there is a prompt, each with the method of its result that takes the prompt. */
const preStarts = { startup: 'query', prewarm: 'claim' } as const;

function recordedPreStart(original: Method, way: 'query' | 'claim', own: FrameworkOptions): Method {
  return async function preStart(this: unknown, params: unknown, ...rest: unknown[]) {
    const given = fields(params).options;
    const conversation = openConversation(own, given);
    if (conversation === undefined) return Reflect.apply(original, this, [params, ...rest]);
    const hooked = withHooks(given, (event) => conversation.hooked(event));
    const handle: unknown = await Reflect.apply(original, this, [{ ...fields(params), options: hooked }, ...rest]);
    guarded('Claude Agent SDK', 'a query', () => {
      new Patches().method(handle, way, (begin) => {
        return function (this: unknown, first: unknown, ...others: unknown[]) {
          const { prompt, ...claim } = fields(first);
          if (way === 'query') {
            return startQuery(conversation, first, given, (observed) =>
              Reflect.apply(begin, this, [observed, ...others]),
            );
          }
          const claimed = { ...fields(given), ...fields(claim.options) };
          return startQuery(conversation, prompt, claimed, (observed) =>
            Reflect.apply(begin, this, [{ ...claim, prompt: observed }, ...others]),
          );
        };
      });
    });
    return handle;
  };
}

/** Undefined if nothing would be recorded. */
function openConversation(own: FrameworkOptions, query: unknown): Conversation | undefined {
  return guarded('Claude Agent SDK', 'a query', () =>
    isRecording(own) ? new Conversation(own, fields(query)) : undefined,
  );
}

/** Returns `make(original)` and marks it. A function that is marked already is returned unchanged. */
function wrapped<F extends (...args: never[]) => unknown>(original: F, make: (original: Method) => Method): F {
  if (Object.hasOwn(original, mark)) return original;
  const bare = (original as { readonly [bareKey]?: F })[bareKey] ?? original;
  const patch = make(bare as unknown as Method);
  return Object.defineProperty(patch, mark, { value: original }) as unknown as F; // same parameters and results as the original
}
