// A Durable Object whose trace lasts for several requests: a handle that the object keeps. Nobody flushes, because an object lives on
// after its answers.
//
// game
// ├─ move CHAIN
// │  └─ judge AGENT
// └─ move CHAIN
//    └─ judge AGENT
import { DurableObject } from 'cloudflare:workers';
import { init, startTrace, type TraceHandle, withSpan } from 'pandaprobe-ts';

interface Env {
  readonly GAME: DurableObjectNamespace;
}

let isReady = false;

export class Game extends DurableObject<Env> {
  #trace: TraceHandle | undefined;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    if (!isReady) init({}, env);
    isReady = true;
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.#trace ??= startTrace('game');
    if (pathname === '/end') {
      this.#trace.end();
      this.#trace = undefined;
      return new Response('over');
    }
    const verdict = await this.#trace.withSpan('move', { kind: 'CHAIN' }, () =>
      withSpan('judge', { kind: 'AGENT' }, async () => `${pathname} is fine`),
    );
    return new Response(verdict);
  }
}

export default {
  fetch: (request: Request, env: Env) => env.GAME.get(env.GAME.idFromName('one')).fetch(request),
};
