import { copyProperties } from '../common/copy-properties.js';
import { ownOnly } from '../common/own.js';
import { isThenable } from '../common/thenable.js';
import { getClient } from './global-client.js';
import { currentContext, type RequestContext } from './lifecycle/request-context.js';

/** Options of `flushAfter`. */
export interface FlushAfterOptions<A extends readonly unknown[]> {
  /** Longest wait for the flush, in milliseconds, from 0. @defaultValue 2000 */
  readonly timeoutMs?: number | undefined;
  /**
   * Returns the platform's request context from the handler's arguments. @defaultValue the ambient context of Vercel, Next.js or
   * Cloudflare
   */
  readonly context?: ((...args: A) => RequestContext | undefined) | undefined;
}

const defaultTimeoutMs = 2000;

/**
 * Wraps `handler` for platforms that freeze or stop the process after the response (AWS Lambda, Vercel, Cloudflare), so that its
 * traces are sent before that. If the platform has `waitUntil`, the flush runs there and the response is not delayed; otherwise
 * the response waits for the flush, for at most `timeoutMs`. The handler's result and errors are passed through unchanged.
 *
 * @param handler - the function that the platform would call
 * @param options - how long the flush may take, and where the platform's context is
 * @returns the handler to give to the platform
 * @example
 * ```ts
 * export const handler = flushAfter(traceFunction(async (event: { question: string }) => `about ${event.question}`));
 *
 * const worker = {
 *   fetch: flushAfter(
 *     async (request: Request, env: unknown, ctx: { waitUntil(promise: Promise<unknown>): void }) => new Response('hello'),
 *     { context: (request, env, ctx) => ctx },
 *   ),
 * };
 * ```
 */
export function flushAfter<A extends readonly unknown[], R>(
  handler: (...args: A) => R,
  options: FlushAfterOptions<A> = {},
): (...args: A) => Promise<Awaited<R>> {
  const given = ownOnly(options);
  const flushing = async function (this: unknown, ...args: A): Promise<Awaited<R>> {
    try {
      return await Reflect.apply(handler, this, args);
    } finally {
      await flushOrPostpone(given, args);
    }
  };
  copyProperties(handler, flushing);
  return flushing;
}

/** Never rejects. */
async function flushOrPostpone<A extends readonly unknown[]>(options: FlushAfterOptions<A>, args: A): Promise<void> {
  const flushed = getClient()
    .flush({ timeoutMs: options.timeoutMs ?? defaultTimeoutMs })
    .catch(() => {});
  try {
    const context = options.context === undefined ? currentContext() : options.context(...args);
    if (context !== undefined) {
      const given: unknown = context.waitUntil(flushed);
      if (isThenable(given)) Promise.resolve(given).catch(() => {});
      return;
    }
  } catch {
    // There is no context, so the response waits for the flush.
  }
  await flushed;
}
