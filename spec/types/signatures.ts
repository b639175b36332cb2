// P24, checked by compiling only: what goes through a decorator, a wrapper or a body keeps its type exactly.
import {
  bind,
  flushAfter,
  getCurrentSpan,
  init,
  type SpanHandle,
  score,
  session,
  span,
  spanFunction,
  startTrace,
  type TraceHandle,
  trace,
  traceFunction,
  withSpan,
  withTrace,
} from 'pandaprobe-ts';

/** True for types that are the same, not only assignable both ways: `any` equals nothing but `any`. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_proof: Equal<A, B>): void {}

interface Message {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

// ── Decorated methods ──

class Bare {
  optional(question: string, limit?: number): string {
    return question.slice(0, limit);
  }
  rest(first: number, ...others: readonly string[]): number {
    return first + others.length;
  }
  generic<T extends { id: string }>(items: readonly T[], byDefault: T): T {
    return items[0] ?? byDefault;
  }
  overloaded(value: string): string;
  overloaded(value: number): number;
  overloaded(value: string | number): string | number {
    return value;
  }
  withThis(this: Bare, delta: number): this is Bare & { delta: number } {
    return delta > 0;
  }
  async promised(messages: readonly Message[]): Promise<{ messages: Message[] }> {
    return { messages: [...messages] };
  }
  *generated(count: number): Generator<number, 'done', boolean> {
    const more = yield count;
    return more ? 'done' : 'done';
  }
  async *streamed(prompt: string): AsyncGenerator<{ delta: string }, void, undefined> {
    yield { delta: prompt };
  }
  never(): never {
    throw new Error('always');
  }
  asserting(value: unknown): asserts value is string {
    if (typeof value !== 'string') throw new TypeError('not a string');
  }
  static create(this: new () => Bare): Bare {
    return new this();
  }
}

class Decorated {
  @trace
  optional(question: string, limit?: number): string {
    return question.slice(0, limit);
  }
  @span
  rest(first: number, ...others: readonly string[]): number {
    return first + others.length;
  }
  @span({ kind: 'TOOL' })
  generic<T extends { id: string }>(items: readonly T[], byDefault: T): T {
    return items[0] ?? byDefault;
  }
  overloaded(value: string): string;
  overloaded(value: number): number;
  @span()
  overloaded(value: string | number): string | number {
    return value;
  }
  @span
  withThis(this: Bare, delta: number): this is Bare & { delta: number } {
    return delta > 0;
  }
  @trace({ name: 'agent', tags: ['a'], sessionId: 's', userId: 'u', metadata: { a: 1 }, nested: 'span' })
  async promised(messages: readonly Message[]): Promise<{ messages: Message[] }> {
    return { messages: [...messages] };
  }
  @span({ name: 'numbers', reduce: (chunks: readonly number[]) => chunks.length })
  *generated(count: number): Generator<number, 'done', boolean> {
    const more = yield count;
    return more ? 'done' : 'done';
  }
  @trace({ captureInput: (prompt: string) => ({ prompt }), captureOutput: false })
  @span({ kind: 'LLM', model: 'some-model' })
  async *streamed(prompt: string): AsyncGenerator<{ delta: string }, void, undefined> {
    yield { delta: prompt };
  }
  @span
  never(): never {
    throw new Error('always');
  }
  @span
  asserting(value: unknown): asserts value is string {
    if (typeof value !== 'string') throw new TypeError('not a string');
  }
  @span
  static create(this: new () => Bare): Bare {
    return new this();
  }
  @span
  #hidden<T>(value: T): T {
    return value;
  }
  reveal(): number {
    return this.#hidden(1);
  }
}

same<Pick<Decorated, keyof Bare>, Pick<Bare, keyof Bare>>(true);
same<typeof Decorated.create, typeof Bare.create>(true);

// ── Wrapped functions: the very type that went in ──

async function ask(this: { key: string }, question: string, limit = 3, ...more: readonly Message[]): Promise<string[]> {
  return [this.key, question, String(limit), ...more.map(({ content }) => content)];
}
function pick<T, K extends keyof T>(from: T, key: K): T[K] {
  return from[key];
}
function convert(value: string): number;
function convert(value: number): string;
function convert(value: string | number): string | number {
  return typeof value === 'string' ? Number(value) : String(value);
}
async function* stream(prompt: string): AsyncGenerator<string, number, boolean> {
  return (yield prompt) ? 1 : 2;
}

const tracedAsk = traceFunction(ask, { name: 'ask', tags: ['a'] });
same<typeof tracedAsk, typeof ask>(true);
const spannedAsk = spanFunction(ask, { kind: 'TOOL' });
same<typeof spannedAsk, typeof ask>(true);
const tracedPick = traceFunction(pick);
same<typeof tracedPick, typeof pick>(true);
same<'a', ReturnType<typeof tracedPick<{ id: 'a' }, 'id'>>>(true);
const spannedConvert = spanFunction(convert);
same<typeof spannedConvert, typeof convert>(true);
const tracedStream = traceFunction(stream);
same<typeof tracedStream, typeof stream>(true);
const spannedArrow = spanFunction((question: string, limit?: number) => ({ question, limit }), { name: 'arrow' });
same<typeof spannedArrow, (question: string, limit?: number) => { question: string; limit: number | undefined }>(true);
const inlineStream = spanFunction(async function* (prompt: string) {
  yield prompt;
});
same<typeof inlineStream, (prompt: string) => AsyncGenerator<string, void, unknown>>(true);
export const inlineChunks: AsyncIterable<string> = inlineStream('prompt');
const inlineFunction = traceFunction(async function answer(question: string) {
  return question.length;
});
export const onObject: Promise<number> = { inlineFunction }.inlineFunction('why?');
const inlineWithThis = spanFunction(function (this: { key: string }) {
  return this.key;
});
same<ThisParameterType<typeof inlineWithThis>, { key: string }>(true);
const bound = bind(ask);
same<Parameters<typeof bound>, Parameters<typeof ask>>(true);
same<ReturnType<typeof bound>, Promise<string[]>>(true);
same<ThisParameterType<typeof bound>, { key: string }>(true);

// ── Options may be undefined, as those that a program passes on are ──

export function passOn(timeoutMs?: number): () => Promise<string> {
  return flushAfter(async () => 'text', { timeoutMs, context: undefined });
}

// ── Bodies: a value stays a value, a promise a promise ──

export async function bodies(): Promise<void> {
  const value = withTrace('run', (t) => {
    same<typeof t, TraceHandle>(true);
    return { answer: 42 as const };
  });
  same<typeof value, { answer: 42 }>(true);
  const promised = withTrace('run', { tags: ['a'], input: { q: 1 } }, async () => 'text');
  same<typeof promised, Promise<string>>(true);
  const nothing = withSpan('step', () => {});
  same<typeof nothing, void>(true);
  const inner = withSpan('step', { kind: 'LLM', model: 'some-model', metadata: { a: 1 } }, async (s) => {
    same<typeof s, SpanHandle>(true);
    return [s.spanId];
  });
  same<typeof inner, Promise<string[]>>(true);
  const either = withSpan('step', () => (Math.random() > 2 ? 'text' : Promise.resolve(1)));
  same<typeof either, 'text' | Promise<number>>(true);
  const generator = withSpan('step', () => stream('prompt'));
  same<typeof generator, AsyncGenerator<string, number, boolean>>(true);
  const inSession = session('chat-7', async () => 7);
  same<typeof inSession, Promise<number>>(true);

  using t = startTrace('run', { sessionId: 's' });
  same<typeof t, TraceHandle>(true);
  await using s = t.span('step', { kind: 'AGENT' });
  same<typeof s, SpanHandle>(true);
  const child = s.withSpan('child', (c) => c.setInput(1).setOutput(2).setModel('m').spanId);
  same<typeof child, string>(true);
  const current = getCurrentSpan();
  same<typeof current, SpanHandle | undefined>(true);
}

// ── Misuse ──

export function misuse(): void {
  // @ts-expect-error: no such kind
  withSpan('step', { kind: 'MODEL' }, () => 1);
  // @ts-expect-error: no such option
  withSpan('step', { modle: 'some-model' }, () => 1);
  // @ts-expect-error: no body
  withSpan('step');
  // @ts-expect-error: no name
  withTrace(() => 1);
  // @ts-expect-error: tags are a list
  withTrace('run', { tags: 'a' }, () => 1);
  // @ts-expect-error: a trace has no kind
  traceFunction(ask, { kind: 'TOOL' });
  // @ts-expect-error: not a function
  spanFunction('ask');
  // @ts-expect-error: no such option
  init({ apikey: 'key' });
  // @ts-expect-error: a score has a value
  score('trace-id', 'helpful');
  // @ts-expect-error: `this` is wanted
  tracedAsk('question');
  // @ts-expect-error: a number is no question
  spannedArrow(1);

  using t = startTrace('run');
  // @ts-expect-error: ids are read-only
  t.traceId = 'other';
  using s = t.span('step');
  // @ts-expect-error: tokens are numbers
  s.setTokenUsage({ promptTokens: '1' });
  // @ts-expect-error: no such status
  t.setStatus('DONE');
}

export class Misused {
  // @ts-expect-error: a field
  @span field = 1;
  // @ts-expect-error: a field, with options
  @span({ kind: 'TOOL' }) other = 2;
  // @ts-expect-error: a field that holds a function
  @trace arrow = () => 1;
  // @ts-expect-error: a getter
  @trace get one() {
    return 1;
  }
  // @ts-expect-error: a setter
  @span set two(_value: number) {}
  // @ts-expect-error: an auto-accessor
  @span accessor three = 3;
  // @ts-expect-error: no such kind
  @span({ kind: 'MODEL' }) method() {}
  // @ts-expect-error: no such option
  @trace({ session: 'chat-7' }) another() {}
}

// @ts-expect-error: a class
@span
export class MisusedClass {}

// @ts-expect-error: a class, with options
@trace({ name: 'agent' })
export class MisusedClassWithOptions {}
