import { currentContext as ofPlatform, type RequestContext } from '../client/lifecycle/request-context.js';

interface ContextGlobals {
  readonly process?: { getBuiltinModule?(name: string): Partial<RequestContext> | undefined };
}

/**
 * Replaces `lib/client/lifecycle/request-context.ts`: also finds `waitUntil` of the module `cloudflare:workers`. It gets that
 * module from `process`, which Workers with `nodejs_compat` have. An import would break bundlers that do not know the module.
 */
export function currentContext(): RequestContext | undefined {
  return ofPlatform() ?? ofWorkers();
}

/** Source: Cloudflare's documentation, *Context (ctx), waitUntil*. */
function ofWorkers(): RequestContext | undefined {
  const module = (globalThis as ContextGlobals).process?.getBuiltinModule?.('cloudflare:workers');
  return typeof module?.waitUntil === 'function' ? (module as RequestContext) : undefined;
}
