import { Readable } from 'node:stream';
import {
  type Client,
  SpanData,
  type SpanHandle,
  session,
  setSession,
  setUser,
  span,
  spanFunction,
  startTrace,
  TraceData,
  trace,
  traceFunction,
  user,
  withSpan,
  withTrace,
} from '../../lib/index.js';

/** The secret that must not get out. */
export const canary = 'CANARY4f1d9a';

class Agent {
  @trace({ name: 'agent' })
  async run(question: string): Promise<{ messages: { role: string; content: string }[] }> {
    return { messages: [{ role: 'assistant', content: `about ${question}` }] };
  }
  @span({ kind: 'LLM' })
  *stream(): Generator<{ delta: string }> {
    yield { delta: 'first' };
    yield { delta: canary };
  }
  @span
  async fail(): Promise<never> {
    throw new Error(`no ${canary}`, { cause: new Error(canary) });
  }
  @trace({ name: `named ${canary}`, tags: [canary], sessionId: canary, userId: canary, metadata: { key: canary } })
  told(): void {}
}

const now = new Date();
const inSpan = (fn: (span: SpanHandle) => unknown) => withTrace('t', () => withSpan('s', { kind: 'LLM' }, fn));
const caught = async (fn: () => unknown) => {
  try {
    await fn();
  } catch {
    // What is thrown is the user's own.
  }
};

/** Every place a user can put a text: what it is, and code that puts the canary there. */
export const plants: Readonly<Record<string, (client: Client) => unknown>> = {
  'an argument of a decorated method': () => new Agent().run(canary),
  'what a decorated method yields': () => withTrace('t', () => [...new Agent().stream()]),
  'what a decorated method rejects with': () => caught(() => withTrace('t', () => new Agent().fail())),
  "a decorator's options": () => new Agent().told(),
  'an argument of a wrapped function': () => traceFunction((...parts: string[]) => parts.length)('a', canary),
  "a wrapped function's name": () => traceFunction(() => 1, { name: canary })(),
  'the result of a wrapped function': () => withTrace('t', () => spanFunction(() => ({ deep: [{ er: canary }] }))()),
  'what captureInput and captureOutput give': () =>
    traceFunction(() => 1, { captureInput: () => canary, captureOutput: () => [canary] })(),
  'what reduce gives': () => [
    ...traceFunction(
      function* () {
        yield 1;
      },
      { reduce: () => canary },
    )(),
  ],
  'a chunk of a stream that is read': () =>
    withTrace('t', async () => {
      for await (const _ of spanFunction(() => Readable.from([canary, 'more']))());
    }),
  'a chunk of a stream that is abandoned': () =>
    withTrace('t', () => {
      const chunks = spanFunction(function* () {
        yield canary;
        yield 'never read';
      })();
      chunks.next();
    }),

  'a text': () => inSpan((s) => s.setInput(canary)),
  'a longer text': () => inSpan((s) => s.setOutput(`the key is ${canary}.`)),
  'a nested object': () => inSpan((s) => s.setInput({ a: [{ b: { c: canary } }] })),
  'a key': () => inSpan((s) => s.setInput({ [canary]: 1 })),
  'a Map': () =>
    inSpan((s) =>
      s.setInput(
        new Map<unknown, unknown>([
          [canary, 1],
          [2, { x: canary }],
        ]),
      ),
    ),
  'a Set': () => inSpan((s) => s.setOutput(new Set([canary]))),
  'a URL': () => inSpan((s) => s.setOutput(new URL(`https://host/?page=${canary}`))),
  'what a getter gives': () =>
    inSpan((s) =>
      s.setOutput({
        get key() {
          return canary;
        },
      }),
    ),
  'what a getter throws': () =>
    inSpan((s) =>
      s.setOutput({
        get key(): never {
          throw new Error(canary);
        },
      }),
    ),
  'what toJSON gives': () => inSpan((s) => s.setOutput({ toJSON: () => canary })),
  'the name of a function': () => inSpan((s) => s.setOutput({ [canary]: () => 1 }[canary])),
  'a symbol': () => inSpan((s) => s.setOutput(Symbol(canary))),
  'the message of a recorded error': () => inSpan((s) => s.setOutput(new Error(canary))),
  'the cause of a recorded error': () => inSpan((s) => s.setOutput(new Error('no', { cause: { key: canary } }))),
  'a value that is cut in the middle of it': () =>
    inSpan((s) =>
      s.setInput(`${'x'.repeat(100)}${canary.repeat(100)}`).setOutput({ a: canary.repeat(100), b: canary }),
    ),

  'the input of a trace': () => withTrace('t', { input: { messages: [{ role: 'user', content: canary }] } }, () => {}),
  'the output of a trace': () => withTrace('t', (t) => t.setOutput(canary)),
  'the metadata of a trace': () => withTrace('t', { metadata: { key: canary } }, (t) => t.setMetadata({ [canary]: 1 })),
  'the metadata of a span': () => inSpan((s) => s.setMetadata({ key: canary }).setMetadata({ [canary]: 1 })),
  'the model and its parameters': () => inSpan((s) => s.setModel(canary).setModelParameters({ stop: [canary] })),
  'the name of a trace': () => withTrace(`for ${canary}`, () => {}),
  'the name of a span': () => withTrace('t', () => withSpan(canary, () => {})),
  'a tag': () => withTrace('t', { tags: ['a', `for ${canary}`] }, () => {}),
  'a session id': () => withTrace('t', { sessionId: canary }, () => {}),
  'a session scope': () => session(canary, () => withTrace('t', () => {})),
  'a session that was set': () => {
    setSession(canary);
    withTrace('t', () => {});
    setSession(undefined);
  },
  'a user id': () => user(canary, () => withTrace('t', { userId: canary }, () => {})),
  'a user that was set': () => {
    setUser(canary);
    withTrace('t', () => {});
    setUser(undefined);
  },

  'the message of an error that passes through': () =>
    caught(() =>
      withTrace('t', () =>
        withSpan('s', () => {
          throw new Error(canary);
        }),
      ),
    ),
  'a text that is thrown': () => caught(() => withTrace('t', () => Promise.reject(canary))),
  'an error a handle ends with': () => {
    const t = startTrace('t');
    t.span('s')
      .setError(canary)
      .end(new AggregateError([new Error(canary)], canary));
    t.end(canary);
  },
  'a span that ends after its trace': () => {
    const t = startTrace('t');
    const s = t.span('s');
    t.end();
    s.setOutput(canary).end(canary);
  },

  'a score': (client) => {
    const t = startTrace('t');
    t.end();
    client.score(t.traceId, canary, canary, { reason: canary, metadata: { [canary]: canary } });
  },
  'a trace put together elsewhere': (client) =>
    client.logTrace(
      new TraceData({
        name: canary,
        startedAt: now,
        input: canary,
        output: { a: canary },
        metadata: { [canary]: canary },
        sessionId: canary,
        userId: canary,
        environment: canary,
        release: canary,
        tags: [canary],
      }),
    ),
  'a span put together elsewhere': (client) =>
    client.logTrace(
      new TraceData({
        name: 't',
        startedAt: now,
        spans: [
          new SpanData({
            name: canary,
            startedAt: now,
            input: canary,
            output: [canary],
            model: canary,
            metadata: { [canary]: canary },
            error: canary,
            modelParameters: { [canary]: canary },
          }),
        ],
      }),
    ),
};
