import { withRemoteParent } from './remote-parent.js';

/**
 * A middleware for Express, Connect and Nest (`app.use(expressMiddleware())`): code that runs after it in a request runs below
 * the span of the caller. Put it after middlewares that read the body, because some of them continue the request in another async
 * flow, in which the span would not be current.
 *
 * @returns the middleware
 * @example
 * ```ts
 * import { expressMiddleware } from 'pandaprobe-ts/propagation';
 *
 * declare const app: { use(middleware: object): void }; // express()
 * app.use(expressMiddleware()); // behind express.json()
 * ```
 */
export function expressMiddleware(): (
  request: { readonly headers: object },
  response: unknown,
  next: () => void,
) => void {
  return (request, _response, next) => withRemoteParent(request.headers, () => next());
}

/**
 * A `preHandler` hook for Fastify: the handler of a request runs below the span of the caller.
 *
 * @returns the hook
 * @example
 * ```ts
 * import Fastify from 'fastify';
 * import { fastifyHook } from 'pandaprobe-ts/propagation';
 *
 * const app = Fastify();
 * app.addHook('preHandler', fastifyHook());
 * ```
 */
export function fastifyHook(): (request: { readonly headers: object }, reply: unknown, done: () => void) => void {
  return (request, _reply, done) => withRemoteParent(request.headers, () => done());
}

/**
 * A middleware for Hono: code that runs after it in a request runs below the span of the caller.
 *
 * @returns the middleware
 * @example
 * ```ts
 * import { honoMiddleware } from 'pandaprobe-ts/propagation';
 *
 * declare const app: { use(middleware: object): void }; // new Hono()
 * app.use(honoMiddleware());
 * ```
 */
export function honoMiddleware(): (
  context: { readonly req: { readonly raw: { readonly headers: object } } },
  next: () => Promise<void>,
) => Promise<void> {
  return (context, next) => withRemoteParent(context.req.raw.headers, () => next());
}
