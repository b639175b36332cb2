// P24, checked by compiling only: what `captureInput`, `captureOutput` and `reduce` are called with has its type.
import {
  type CaptureOptions,
  type SpanCallOptions,
  span,
  spanFunction,
  trace,
  traceFunction,
  withSpan,
  withTrace,
} from 'pandaprobe-ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_proof: Equal<A, B>): void {}

interface Account {
  readonly id: string;
  readonly iban: string;
}

// ── Functions: the callbacks know the types of the function ──

const looked = traceFunction(async (q: string) => ({ id: q }), { captureOutput: (o) => o.id });
same<typeof looked, (q: string) => Promise<{ id: string }>>(true);
spanFunction((q: string, limit?: number) => ({ id: q, limit }), {
  kind: 'TOOL',
  captureInput: (q, limit) => {
    same<typeof q, string>(true);
    same<typeof limit, number | undefined>(true);
    return q.slice(0, limit);
  },
  captureOutput: ({ id, limit }) => id.slice(0, limit),
});
spanFunction((...names: string[]) => names, { captureInput: (...names) => names.join(), captureOutput: (l) => l[0] });
traceFunction(
  async function* (prompt: string) {
    yield { delta: prompt };
  },
  { reduce: (chunks) => chunks.map(({ delta }) => delta).join('') },
);
spanFunction(
  function* (): Generator<number, string, boolean> {
    return (yield 1) ? 'a' : 'b';
  },
  { reduce: (chunks) => chunks.reduce((sum, chunk) => sum + chunk, 0) },
);
interface Step<T> {
  read(): Promise<{ done: false; value: T } | { done: true; value?: T }>;
}
declare function words(): Promise<{ getReader(): Step<string> }>;
spanFunction(words, { reduce: (chunks) => chunks.map((word) => word.toUpperCase()) });
declare function either(): AsyncIterable<string> | string[];
spanFunction(either, { reduce: (chunks) => chunks.map((chunk) => chunk.length) });
declare function observed(): { subscribe(next: (value: number) => void): void };
spanFunction(observed, { reduce: (chunks) => chunks.join(''), captureOutput: (o) => o.subscribe.length });
spanFunction(observed, { reduce: (chunks: readonly number[]) => chunks.length });
function pick<T, K extends keyof T>(from: T, key: K): T[K] {
  return from[key];
}
const picked = spanFunction(pick, { captureOutput: (value) => typeof value });
same<typeof picked, typeof pick>(true);
function withThis(this: { key: string }, question: string): string[] {
  return [this.key, question];
}
const bound = traceFunction(withThis, { captureInput: (question) => question.length, captureOutput: (o) => o.length });
same<typeof bound, typeof withThis>(true);
// A callback may expect less, or more than is known.
spanFunction(async (): Promise<Account> => ({ id: 'a', iban: 'b' }), { captureOutput: (o: { id: string }) => o.id });
spanFunction(async (): Promise<unknown> => 1, { captureOutput: (o: number) => o + 1 });

// ── Decorators: TypeScript does not tell the options which method they are for ──

export class Agent {
  @trace({ captureInput: (q: string) => ({ q }), captureOutput: (o: Account) => o.id })
  async annotated(q: string): Promise<Account> {
    return { id: q, iban: '' };
  }
  @span<Agent['named']>({ captureInput: (q) => q.length, captureOutput: (o) => o.id })
  async named(q: string): Promise<Account> {
    return { id: q, iban: '' };
  }
  @span({ reduce: (chunks) => chunks.join('') })
  async *joined(prompt: string) {
    yield prompt;
  }
  @trace({ reduce: (chunks: readonly string[]) => chunks.map((chunk) => chunk.length) })
  async *counted(prompt: string) {
    yield prompt;
  }
  @trace<Agent['typed']>({ reduce: (chunks) => chunks.map(({ delta }) => delta) })
  async *typed(prompt: string): AsyncGenerator<{ delta: string }> {
    yield { delta: prompt };
  }
  @span({ captureOutput: (o) => typeof o, captureInput: (...args) => args.length })
  untyped(q: string): string {
    return q;
  }
}

// ── Callbacks of the context API: the result keeps its type ──

export function callbacks(): void {
  const one = withSpan(
    'a',
    { captureOutput: (o: Account) => o.id },
    async (): Promise<Account> => ({ id: '', iban: '' }),
  );
  same<typeof one, Promise<Account>>(true);
  const two = withTrace('a', { captureOutput: (o) => typeof o }, async (t) => t.traceId.length);
  same<typeof two, Promise<number>>(true);
  const three = withSpan('a', { captureOutput: true, reduce: (chunks) => chunks.join('') }, () => looked('q'));
  same<typeof three, Promise<{ id: string }>>(true);
}

// ── Options on their own, and misuse ──

export const shared: SpanCallOptions & CaptureOptions = { kind: 'TOOL', captureInput: false, reduce: (c) => c.length };
spanFunction(pick, shared);
traceFunction(looked, { name: 'looked', captureOutput: false });

export function misuse(): void {
  // @ts-expect-error: a result without a name
  traceFunction(async (q: string) => ({ id: q }), { captureOutput: (o) => o.name });
  // @ts-expect-error: a result of another type
  traceFunction(async (q: string) => ({ id: q }), { captureOutput: (o: number) => o });
  // @ts-expect-error: an argument of another type
  spanFunction((q: string) => q, { captureInput: (q: number) => q });
  // @ts-expect-error: nothing is known of the method's result here
  span({ captureOutput: (o) => o.id });
}
