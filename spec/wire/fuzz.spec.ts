import { expect } from 'chai';
import fc from 'fast-check';
import {
  Client,
  type Options,
  SpanData,
  type SpanHandle,
  session,
  spanFunction,
  TraceData,
  type TraceHandle,
  user,
} from '../../lib/index.js';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { listenToStderr } from '../support/stderr.js';
import { hostile, hostileNumber, hostileText, makeTraps } from './hostile-values.js';

/** Stands for the types that a caller without types does not keep to. */
type Anything = never;

/** Anything, but where a text or number is expected more often one of those. */
const texts = fc.oneof({ weight: 2, arbitrary: hostileText }, hostile) as fc.Arbitrary<Anything>;
const numbers = fc.oneof({ weight: 3, arbitrary: hostileNumber }, hostile);
const values = hostile as fc.Arbitrary<Anything>;
const objects = fc.oneof(fc.dictionary(hostileText, hostile, { maxKeys: 4 }), hostile) as fc.Arbitrary<Anything>;
const amounts = fc.oneof(
  fc.record(
    { promptTokens: numbers, completion_tokens: numbers, total: numbers, reasoningTokens: numbers, input: numbers },
    { requiredKeys: [] },
  ),
  fc.dictionary(hostileText, numbers, { maxKeys: 4 }),
  hostile,
) as fc.Arbitrary<Anything>;
const lists = fc.oneof(fc.array(texts, { maxLength: 4 }), hostile) as fc.Arbitrary<Anything>;

const spanValues = fc.record({
  name: texts,
  kind: texts,
  model: texts,
  input: values,
  output: values,
  metadata: objects,
  modelParameters: objects,
  tokenUsage: amounts,
  cost: amounts,
  time: numbers as fc.Arbitrary<Anything>,
  error: values,
  thrown: values,
});
const traceValues = fc.record({
  name: texts,
  input: values,
  output: values,
  metadata: objects,
  tags: lists,
  sessionId: texts,
  userId: texts,
  status: texts,
  error: values,
});
const scoreValues = fc.record({
  name: texts,
  value: fc.oneof(hostileText, hostileNumber, hostile) as fc.Arbitrary<Anything>,
  dataType: fc.oneof(
    fc.constantFrom('NUMERIC', 'BOOLEAN', 'CATEGORICAL', undefined),
    hostile,
  ) as fc.Arbitrary<Anything>,
  reason: texts,
  metadata: objects,
});
type SpanValues = typeof spanValues extends fc.Arbitrary<infer T> ? T : never;

/** Fills a span through every way there is. */
function fillSpan(s: SpanHandle, of: SpanValues): void {
  s.setInput(of.input).setOutput(of.output).setModel(of.model).setModelParameters(of.modelParameters);
  s.setTokenUsage(of.tokenUsage).setCost(of.cost).setCompletionStartTime(of.time);
  s.setMetadata(of.metadata).setMetadata(of.metadata).setError(of.error);
}

function recordSpans(t: TraceHandle, spans: readonly SpanValues[]): void {
  for (const of of spans) {
    const { name, kind, model, input, metadata } = of;
    const s = t.span(name, { kind, model, input, metadata });
    fillSpan(s, of);
    s.end(of.thrown);
  }
}

const countOf = (of: object) => Object.keys(of).length;

const variants: Readonly<Record<string, Options>> = {
  'as they come': {},
  'cut at 300 bytes': { maxValueBytes: 300 },
  'through a mask': { mask: (value) => value },
};

/** Together the properties below send more than 17,000 fuzzed values. */
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

  const startClient = (options: Options): Client =>
    new Client({ apiKey: 'sk_pp_key', projectName: 'specs', endpoint: receiver.url, worker: 'inline', ...options });

  /** Records with fuzzed values, many in each trace, and looks at what came in after each. */
  async function check<T>(
    options: Options,
    values: fc.Arbitrary<T>,
    record: (client: Client, values: T) => { readonly traceIds: readonly string[]; readonly spans: number },
    count: (values: T) => number,
    least: number,
  ): Promise<void> {
    const client = startClient(options);
    let total = 0;
    await fc.assert(
      fc.asyncProperty(values, async (given) => {
        total += count(given);
        const { traceIds, spans } = record(client, makeTraps(given));
        const { ok } = await client.flush();
        expect(receiver.problems, receiver.problems.join('; ')).to.deep.equal([]);
        expect(ok, said.lines.at(-1)).to.equal(true);
        const arrived = receiver.traces.filter(({ trace_id }) => traceIds.includes(trace_id));
        expect(arrived, 'traces').to.have.length(traceIds.length);
        expect(
          arrived.flatMap((trace) => trace.spans),
          'spans',
        ).to.have.length(spans);
      }),
      {
        numRuns: 25,
        seed: 26,
        endOnFailure: true,
        // The values themselves would fill pages.
        reporter({ failed, seed, counterexamplePath, errorInstance }) {
          if (failed) throw new Error(`failed with seed ${seed}, path ${counterexamplePath}`, { cause: errorInstance });
        },
      },
    );
    expect(total, 'fuzzed values').to.be.at.least(least);
    await client.shutdown();
  }

  for (const [how, options] of Object.entries(variants)) {
    it(`P26 sends all values of handles, ${how}, in a form that the backend stores`, async () => {
      await check(
        options,
        fc.tuple(traceValues, fc.array(spanValues, { minLength: 10, maxLength: 10 })),
        (client, [of, spans]) => {
          const { name, input, metadata, tags, sessionId, userId } = of;
          const t = client.trace(name, { input, metadata, tags, sessionId, userId });
          t.setInput(input).setOutput(of.output).setMetadata(metadata).setStatus(of.status);
          recordSpans(t, spans);
          t.end(of.error);
          return { traceIds: [t.traceId], spans: spans.length };
        },
        ([of, spans]) => countOf(of) + spans.reduce((sum, span) => sum + countOf(span), 0),
        3000,
      );
    });
  }

  it('P26 sends all arguments, results, chunks and errors of decorated calls in a form that the backend stores', async () => {
    await check(
      {},
      fc.array(fc.tuple(values, values, values, texts), { minLength: 20, maxLength: 20 }),
      (client, calls) => {
        const t = client.trace('calls');
        t.run(() => {
          for (const [taken, given, thrown, name] of calls) {
            const options = { name };
            spanFunction((value: unknown) => [value, given], options)(taken);
            const chunks = spanFunction(function* () {
              yield taken;
              yield given;
            }, options)();
            for (const _ of chunks);
            try {
              spanFunction(() => {
                throw thrown;
              }, options)();
            } catch {
              // It is what was thrown.
            }
          }
        });
        return { traceIds: [t.traceId], spans: calls.length * 3 };
      },
      (calls) => calls.length * 4,
      2000,
    );
  });

  it('P26 sends traces of logTrace() in a form that the backend stores', async () => {
    await check(
      {},
      fc.tuple(traceValues, fc.array(spanValues, { minLength: 10, maxLength: 10 }), values, values),
      (client, [of, spans, id, time]) => {
        const startedAt = new Date();
        const datas = spans.map(
          (span, at) =>
            new SpanData({
              ...span,
              startedAt: at === 0 ? time : startedAt,
              endedAt: span.time,
              completionStartTime: span.time,
              parentSpanId: span.thrown,
              status: span.kind,
              ...(at === 1 ? { spanId: id } : {}),
            }),
        );
        const trace = new TraceData({
          ...of,
          tags: null,
          startedAt,
          endedAt: time,
          environment: of.name,
          release: of.name,
          spans: datas,
        });
        trace.tags = of.tags;
        client.logTrace(trace);
        return { traceIds: [trace.traceId], spans: spans.length };
      },
      ([of, spans]) => countOf(of) + 2 + spans.reduce((sum, span) => sum + countOf(span), 0),
      3000,
    );
  });

  it('P26 sends only scores that the backend stores', async () => {
    await check(
      {},
      fc.array(scoreValues, { minLength: 20, maxLength: 20 }),
      (client, scores) => {
        const t = client.trace('scored');
        t.end();
        for (const { name, value, ...options } of scores) client.score(t.traceId, name, value, options);
        return { traceIds: [t.traceId], spans: 0 };
      },
      (scores) => scores.length * 5,
      2500,
    );
  });

  it('P26 sends all sessions and users in a form that the backend stores', async () => {
    await check(
      {},
      fc.array(fc.tuple(texts, texts), { minLength: 10, maxLength: 10 }),
      (client, owners) => {
        const traceIds = owners.map(([sessionId, userId]) =>
          session(sessionId, () =>
            user(userId, () => {
              const t = client.trace('owned');
              t.end();
              return t.traceId;
            }),
          ),
        );
        return { traceIds, spans: 0 };
      },
      (owners) => owners.length * 2,
      500,
    );
  });
});
