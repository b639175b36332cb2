import { currentContext as ofPlatform, type RequestContext } from '../client/lifecycle/request-context.js';

interface Runtime {
  readonly process?: { getBuiltinModule?(name: string): Partial<RequestContext> | undefined };
}

/**
 * Stands for `lib/client/lifecycle/request-context.ts`: also finds `waitUntil` of the module `cloudflare:workers`. That is asked for through `process`,
 * which Workers with `nodejs_compat` have, because bundlers fail at the name of a module that they do not know.
 */
export function currentContext(): RequestContext | undefined {
  return ofPlatform() ?? ofWorkers();
}

/** Source: Cloudflare's documentation, *Context (ctx), waitUntil*. */
function ofWorkers(): RequestContext | undefined {
  const module = (globalThis as Runtime).process?.getBuiltinModule?.('cloudflare:workers');
  return typeof module?.waitUntil === 'function' ? (module as RequestContext) : undefined;
}
