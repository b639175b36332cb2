/**
 * A platform's context of one request, with which a handler can go on working after its response. Source: Vercel's and
 * Cloudflare's `waitUntil`.
 */
export interface RequestContext {
  /** Keeps the request alive until the promise has settled. */
  waitUntil(promise: Promise<unknown>): void;
}

/** Source: `@vercel/functions` and the `after` of Next.js read the context of the current request here. */
const holders = [Symbol.for('@vercel/request-context'), Symbol.for('@next/request-context')];

/** The context of the request that is being answered, where the platform offers it without an argument. May throw as the platform does. */
export function currentContext(): RequestContext | undefined {
  for (const key of holders) {
    const holder = (globalThis as Record<symbol, { get?: () => unknown } | null | undefined>)[key];
    const context: unknown = holder?.get?.();
    const isContext = typeof context === 'object' && context !== null && 'waitUntil' in context;
    if (isContext && typeof context.waitUntil === 'function') return context as RequestContext;
  }
  return undefined;
}
