import { expect } from 'chai';
import {
  Client,
  SpanData,
  type SpanHandle,
  session,
  setSession,
  setUser,
  spanFunction,
  TraceData,
  type TraceHandle,
  user,
} from '../../lib/index.js';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { listenToStderr } from '../support/stderr.js';
import { everyTrap } from './hostile-values.js';

/** Stands for the types that a caller without types does not keep to. */
type Anything = never;

const startedAt = new Date();
const inTrace = (use: (t: TraceHandle, value: Anything) => unknown) => (client: Client, value: Anything) =>
  client.trace('t').run((t) => void use(t, value));
const inSpan = (use: (s: SpanHandle, value: Anything) => unknown) =>
  inTrace((t, value) => t.withSpan('s', { kind: 'LLM' }, (s) => void use(s, value)));
const asData = (init: (value: Anything) => object) => (client: Client, value: Anything) =>
  client.logTrace(new TraceData({ name: 't', startedAt, ...init(value) }));
const asSpanData = (init: (value: Anything) => object) => (client: Client, value: Anything) =>
  client.logTrace(
    new TraceData({ name: 't', startedAt, spans: [new SpanData({ name: 's', startedAt, ...init(value) })] }),
  );
/** A field that is changed after the trace was made. */
const changed = (field: string) => (client: Client, value: Anything) =>
  client.logTrace(Object.assign(new TraceData({ name: 't', startedAt }), { [field]: value }));
const caught = (fn: () => unknown) => {
  try {
    fn();
  } catch {
    // It is what the body threw.
  }
};

/** Every place where a value can be given; each sends exactly one trace. */
const places: Readonly<Record<string, (client: Client, value: Anything) => unknown>> = {
  'the name of a trace': (client, value) => client.trace(value).end(),
  'the options of a trace': (client, value) => client.trace('t', value).end(),
  'the input of a trace': (client, input) => client.trace('t', { input }).end(),
  'the metadata of a trace': (client, metadata) => client.trace('t', { metadata }).end(),
  'the tags of a trace': (client, tags) => client.trace('t', { tags }).end(),
  'a tag': (client, tag) => client.trace('t', { tags: ['a', tag] }).end(),
  'the session id of a trace': (client, sessionId) => client.trace('t', { sessionId }).end(),
  'the user id of a trace': (client, userId) => client.trace('t', { userId }).end(),
  'session()': (client, value) => session(value, () => client.trace('t').end()),
  'user()': (client, value) => user(value, () => client.trace('t').end()),
  'setSession() and setUser()': (client, value) =>
    session('s', () => {
      setSession(value);
      setUser(value);
      client.trace('t').end();
      setSession(undefined);
      setUser(undefined);
    }),
  't.setInput()': inTrace((t, value) => t.setInput(value)),
  't.setOutput()': inTrace((t, value) => t.setOutput(value)),
  't.setMetadata()': inTrace((t, value) => t.setMetadata({ a: 1 }).setMetadata(value)),
  't.setStatus()': inTrace((t, value) => t.setStatus(value)),
  't.end()': (client, value) => client.trace('t').end(value),

  'the name of a span': inTrace((t, name) => t.span(name).end()),
  'the options of a span': inTrace((t, options) => t.span('s', options).end()),
  'the kind of a span': inTrace((t, kind) => t.span('s', { kind }).end()),
  'the model of a span': inTrace((t, model) => t.span('s', { model }).end()),
  'the input of a span': inTrace((t, input) => t.withSpan('s', { input }, () => {})),
  'the metadata of a span': inTrace((t, metadata) => t.withSpan('s', { metadata }, () => {})),
  's.setInput()': inSpan((s, value) => s.setInput(value)),
  's.setOutput()': inSpan((s, value) => s.setOutput(value)),
  's.setModel()': inSpan((s, value) => s.setModel(value)),
  's.setModelParameters()': inSpan((s, value) => s.setModelParameters(value)),
  's.setTokenUsage()': inSpan((s, value) => s.setTokenUsage(value)),
  'a token count': inSpan((s, value) => s.setTokenUsage({ promptTokens: value, completionTokens: 1, other: value })),
  's.setCost()': inSpan((s, value) => s.setCost(value)),
  'a cost': inSpan((s, value) => s.setCost({ total: value, input: 1 })),
  's.setCompletionStartTime()': inSpan((s, value) => s.setCompletionStartTime(value)),
  's.setError()': inSpan((s, value) => s.setError(value)),
  's.setMetadata()': inSpan((s, value) => s.setMetadata({ a: 1 }).setMetadata(value)),
  's.end()': inTrace((t, value) => t.span('s').end(value)),

  'an argument': inTrace((_, value) => spanFunction((given: unknown) => given === value)(value)),
  'a result': inTrace((_, value) => void spanFunction(() => value)()),
  'what is thrown': (client, value) =>
    client.trace('t').run(() =>
      caught(
        spanFunction(() => {
          throw value;
        }),
      ),
    ),
  'what is yielded': inTrace((_, value) => [
    ...spanFunction(function* () {
      yield value;
    })(),
  ]),
  'the name of a wrapped function': inTrace((_, name) => spanFunction(() => 1, { name })()),
  'the result of captureInput and captureOutput': inTrace((_, value) =>
    spanFunction(() => 1, { captureInput: () => value, captureOutput: () => value })(),
  ),

  'the name of a TraceData': asData((name) => ({ name })),
  'the id of a TraceData': asData((traceId) => ({ traceId })),
  'the status of a TraceData': asData((status) => ({ status })),
  'the values of a TraceData': asData((value) => ({ input: value, output: value, metadata: value })),
  'the times of a TraceData': asData((value) => ({ startedAt: value, endedAt: value })),
  'the labels of a TraceData': asData((value) => ({
    sessionId: value,
    userId: value,
    environment: value,
    release: value,
  })),
  'a tag of a TraceData': asData((tag) => ({ tags: ['a', tag] })),
  'the tags of a TraceData': changed('tags'),
  'a span of a TraceData': asData((span) => ({ spans: [span] })),
  'the spans of a TraceData': changed('spans'),
  'the name and kind of a SpanData': asSpanData((value) => ({ name: value, kind: value, status: value })),
  'the ids of a SpanData': asSpanData((value) => ({ spanId: value, parentSpanId: value })),
  'the values of a SpanData': asSpanData((value) => ({ input: value, output: value, metadata: value, error: value })),
  'the model of a SpanData': asSpanData((value) => ({ model: value, modelParameters: value })),
  'the times of a SpanData': asSpanData((value) => ({
    startedAt: value,
    endedAt: value,
    completionStartTime: value,
  })),
  'the numbers of a SpanData': asSpanData((value) => ({ tokenUsage: value, cost: value })),

  'the arguments of score()': (client, value) => {
    const t = client.trace('t');
    t.end();
    client.score(value, 'quality', 1);
    client.score(t.traceId, value, 1);
    client.score(t.traceId, 'quality', value);
    client.score(t.traceId, 'quality', 1, value);
    client.score(t.traceId, 'quality', 1, { dataType: value });
    client.score(t.traceId, 'quality', 1, { reason: value, metadata: value });
  },
};

describe('P26 Wire-safe', () => {
  let receiver: Receiver;
  let said: ReturnType<typeof listenToStderr>;
  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
    said = listenToStderr();
  });
  afterEach(async () => {
    said.restore();
    await receiver.close();
  });

  for (const [place, use] of Object.entries(places)) {
    it(`P26 takes every trap as ${place} without throwing, and sends the trace in a form the backend stores`, async () => {
      const client = new Client({
        apiKey: 'sk_pp_key',
        projectName: 'specs',
        endpoint: receiver.url,
        worker: 'inline',
      });
      const thrown: string[] = [];
      everyTrap.forEach((make, at) => {
        try {
          use(client, make() as Anything);
        } catch (error) {
          thrown.push(`trap ${at}: ${error instanceof Error ? error.message : typeof error}`);
        }
      });
      const { ok } = await client.shutdown();
      expect(thrown, thrown.join('; ')).to.deep.equal([]);
      expect(receiver.problems, receiver.problems.slice(0, 3).join('; ')).to.deep.equal([]);
      expect(ok, said.lines.join('; ')).to.equal(true);
      expect(receiver.traces).to.have.length(everyTrap.length);
    });
  }
});
