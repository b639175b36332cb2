import type { SimulatedAnswer, SimulatedRequest } from '../../support/simulated-delivery.js';

/** What the backend does from now on. `mixed`: well every other time, else any of the others. */
export const moods = [
  ...(['well', 'mixed', 'mixed', 'limited', 'limited for', 'quota', 'fails', 'gateway', 'refuses', 'hangs'] as const),
  ...(['stores and hangs', 'slow', 'key', 'portal', 'redirect'] as const),
];
export type Mood = (typeof moods)[number];

type Fields = Readonly<Record<string, unknown>>;

/** What was recorded of an item. */
interface Asked {
  readonly kind: string;
  readonly name: string;
  readonly spans: readonly { readonly spanId: string }[];
}

/** A backend that stores as the true one does, answers by its mood, and knows what it has acknowledged. */
export class UnreliableBackend {
  mood: Mood = 'well';
  requests = 0;
  /** Names of the acknowledged records of traces. */
  readonly heads = new Set<string>();
  readonly #spans = new Set<string>();
  readonly #stored = new Map<string, Fields>();
  readonly #scores: string[] = [];
  #random: number;

  constructor(seed: number) {
    this.#random = seed;
  }

  /** Whether all of an item is acknowledged. A score may also have been found by a lookup. */
  has({ kind, name, spans }: Asked): boolean {
    if (kind === 'score') return this.scores(name) > 0;
    const isHead = kind === 'trace' || kind === 'part';
    return (!isHead || this.heads.has(name)) && spans.every(({ spanId }) => this.#spans.has(spanId));
  }

  trace(traceId: string): Fields | undefined {
    return this.#stored.get(traceId);
  }

  /** How often a score was stored. */
  scores(name: string): number {
    return this.#scores.filter((other) => other === name).length;
  }

  answer(request: SimulatedRequest): SimulatedAnswer {
    this.requests += 1;
    if (this.requests > 3000) return 'hangs'; // so that a storm of requests ends
    const mood = this.mood === 'mixed' && this.#pick([true, false]) ? this.#pick(moods) : this.mood;
    switch (mood) {
      case 'limited':
        return { status: 429, body: { error: 'Rate limit exceeded: 100 per 1 minute' } };
      case 'limited for':
        return { status: this.#pick([429, 503]), headers: { 'retry-after': this.#pick(['2', '0.5', '-1', 'soon']) } };
      case 'quota':
        if (request.path !== '/traces') return this.#take(request, true);
        return { status: 429, body: { detail: "You've reached the traces limit" } };
      case 'fails':
        return { status: 500, body: { detail: 'Internal server error' } };
      case 'gateway':
        return { status: this.#pick([408, 425, 502, 503, 504, 520, 524]) };
      case 'refuses':
        return 'refuses the connection';
      case 'hangs':
        return 'hangs';
      case 'stores and hangs':
        this.#take(request, false);
        return 'hangs';
      case 'slow':
        return { ...this.#take(request, true), delayMs: 3000 };
      case 'key':
        return { status: this.#pick([401, 403, 407]), body: { detail: 'Invalid API key' } };
      case 'portal':
        return { status: 200, headers: { 'content-type': 'text/html' }, body: 'Welcome' };
      case 'redirect':
        return { status: this.#pick([301, 302, 307]), headers: { location: 'http://portal.invalid' } };
      default:
        return this.#take(request, true);
    }
  }

  /** @param isSaid - whether the sender learns of it */
  #take({ method, path, body }: SimulatedRequest, isSaid: boolean): SimulatedAnswer & object {
    const [, , traceId = ''] = path.split('/').map(decodeURIComponent);
    const note = (spans: readonly Fields[]) => {
      if (isSaid) for (const span of spans) this.#spans.add(String(span.span_id));
    };
    if (method === 'GET' && path.startsWith('/evaluations')) {
      const name = new URL(path, 'http://backend.invalid').searchParams.get('name') ?? '';
      const fields = { name, value: '0.85', data_type: 'NUMERIC', source: 'PROGRAMMATIC' };
      const trace_id = new URL(path, 'http://backend.invalid').searchParams.get('trace_id');
      return { status: 200, body: { items: this.scores(name) > 0 ? [{ ...fields, trace_id }] : [] } };
    }
    const absent = { status: 404, body: { detail: 'Not found' } };
    if (method === 'GET') return this.#stored.has(traceId) ? { status: 200, body: this.#stored.get(traceId) } : absent;
    if (path === '/traces') {
      const { spans = [], ...trace } = body as Fields & { readonly spans?: readonly Fields[] };
      note(spans);
      if (isSaid) this.heads.add(String(trace.name));
      this.#stored.set(String(trace.trace_id), {
        ended_at: null,
        ...this.#stored.get(String(trace.trace_id)),
        ...trace,
      });
      return { status: 202, body: { trace_id: trace.trace_id } };
    }
    if (path.startsWith('/evaluations')) {
      const score = body as Fields;
      if (!this.#stored.has(String(score.trace_id))) return { status: 500, body: { detail: 'Internal server error' } };
      this.#scores.push(String(score.name));
      return { status: 201, body: score };
    }
    if (!this.#stored.has(traceId)) return absent;
    note(body as readonly Fields[]);
    return { status: 201, body: { span_ids: [] } };
  }

  #pick<T>(values: readonly T[]): T {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return values[Math.floor((this.#random / 2 ** 32) * values.length)] as T; // in range
  }
}
