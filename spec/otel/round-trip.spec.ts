import { expect } from 'chai';
import fc from 'fast-check';
import { encodedSpans, type Part } from '../../lib/delivery/otlp/export-request.js';
import { writeBody } from '../../lib/delivery/otlp/write-body.js';
import { encodeTrace } from '../../lib/delivery/pandaprobe/encoder.js';
import { captureFolded } from '../../lib/model/capture.js';
import type { CapturedText, CapturedTrace } from '../../lib/model/records.js';
import { unfold } from '../../lib/model/unfold.js';
import { readRequest } from '../../lib/otel/reading/read-request.js';
import { traceValues } from '../../lib/otel/reading/trace-values.js';
import type { SpanValues, TraceValues } from '../../lib/otel/values.js';
import { decodeProtobuf } from '../../lib/otel/wire/decode-protobuf.js';
import { TraceIds } from '../../lib/otel/writing/trace-ids.js';
import { json as jsonText, spanRecord, traceRecord } from '../support/delivery.js';
import { readByProtobufjs, withoutDefaults } from './otlp-proto.js';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => value !== null);
const object = fc.dictionary(text, json, { minKeys: 1, maxKeys: 4 });
const time = fc.integer({ min: 1, max: 4_102_444_800_000 }).map((ms) => ms + 0.125); // 125 microseconds, which a double holds
const message = fc.oneof(
  fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: fc.oneof(text, fc.constant(null)) }),
  fc.record({
    role: fc.constant('assistant'),
    content: fc.constant(null),
    tool_calls: fc.tuple(
      fc.record({
        id: text,
        type: fc.constant('function'),
        function: fc.record({ name: text, arguments: fc.constantFrom('{"city":"Oslo"}', '"quoted"', 'no JSON', '') }),
      }),
    ),
  }),
  fc.record({ role: fc.constant('tool'), tool_call_id: text, content: text }),
  fc.record({
    role: fc.constant('user'),
    content: fc.tuple(
      fc.record({ type: fc.constant('text'), text }),
      fc.record({ type: fc.constant('image_url'), image_url: fc.record({ url: text }) }),
    ),
  }),
);
const messages = fc.record({ messages: fc.array(message, { minLength: 1, maxLength: 3 }) });
const count = fc.nat(1_000_000);
const values = { input: fc.oneof(json, messages), output: fc.oneof(json, messages), metadata: object };
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const span = fc.record({
  spanId: fc.uuid(),
  name: text,
  kind: fc.constantFrom('AGENT', 'TOOL', 'LLM', 'RETRIEVER', 'CHAIN', 'EMBEDDING', 'OTHER'),
  startedAt: time,
  lasts: optional(fc.nat(1e6)),
  first: optional(fc.nat(1e6)),
  model: optional(text),
  error: optional(text),
  input: optional(values.input),
  output: optional(values.output),
  metadata: optional(values.metadata),
  modelParameters: optional(
    fc.record(
      { temperature: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }), max_tokens: count, tools: json },
      { requiredKeys: ['temperature'] },
    ),
  ),
  tokenUsage: optional(
    fc.record(
      { prompt_tokens: count, completion_tokens: count, total_tokens: count, cache_read_tokens: count, audio: count },
      { requiredKeys: ['prompt_tokens'] },
    ),
  ),
  cost: optional(fc.record({ total: fc.double({ min: 0, max: 1e6, noNaN: true }) })),
}) as fc.Arbitrary<Omit<SpanValues, 'status'> & { readonly lasts?: number; readonly first?: number }>;

const trace: fc.Arbitrary<TraceValues> = fc
  .record({
    traceId: fc.uuid(),
    name: text,
    status: fc.constantFrom('COMPLETED', 'ERROR', 'RUNNING', 'PENDING'),
    startedAt: time,
    endedAt: optional(time),
    sessionId: optional(text),
    userId: optional(text),
    tags: optional(fc.array(text, { minLength: 1, maxLength: 3 })),
    environment: optional(text),
    release: optional(text),
    input: optional(values.input),
    output: optional(values.output),
    metadata: optional(values.metadata),
    spans: fc.uniqueArray(span, { minLength: 0, maxLength: 25, selector: ({ spanId }) => spanId.slice(19) }),
  })
  .map((given) => ({
    ...given,
    spans: given.spans
      .filter(({ spanId }) => spanId.slice(19) !== given.traceId.slice(19)) // the half that OpenTelemetry's ids keep
      .map(({ lasts, first, ...each }, at) => ({
        ...{ ...each, status: each.error === undefined ? ('OK' as const) : ('ERROR' as const) },
        parentSpanId: at % 3 === 0 ? undefined : given.spans[at - 1]?.spanId,
        endedAt: lasts === undefined ? undefined : each.startedAt + lasts,
        completionStartTime: first === undefined ? undefined : each.startedAt + first,
      }))
      .sort((a, b) => a.startedAt - b.startedAt),
  }));

/** Of up to 26 records each. `ROUND_TRIPS=1500` makes more than 10,000 records of them. */
const traces = Number(process.env.ROUND_TRIPS ?? 120);

describe('A record as OpenTelemetry spans, and back', () => {
  it('comes back unchanged, by protobuf and by JSON', () => {
    let records = 0;
    fc.assert(
      fc.property(trace, (given) => {
        records += given.spans.length + 1;
        const expected = withoutGaps(given);
        for (const form of ['folded', 'unfolded'] as const) {
          const inJson = JSON.parse(String(sent(given, { form, encoding: 'json' })));
          const inProtobuf = sent(given, { form });
          expect(withoutGaps(back(inJson))).to.deep.equal(expected);
          expect(withoutGaps(back(decodeProtobuf(inProtobuf)))).to.deep.equal(expected);
          expect(readByProtobufjs(inProtobuf)).to.deep.equal(withoutDefaults(inJson));
        }
      }),
      { numRuns: traces },
    );
    console.log(`      ${records} records there and back`);
    expect(records).to.be.greaterThan(traces * 2);
  });

  it('keeps the name of a model that is JSON text', () => {
    const [given] = fc.sample(trace, { seed: 5, numRuns: 50 }).filter(({ spans }) => spans.length > 0) as TraceValues[];
    for (const model of ['""', '"gpt"', '[]', '{"a":1}']) {
      const named = {
        ...(given as TraceValues),
        spans: (given as TraceValues).spans.map((each) => ({ ...each, model })),
      };
      const read = back(decodeProtobuf(sent(named, {})));
      expect(read.spans.map((each) => each.model)).to.deep.equal(named.spans.map(() => model));
    }
  });

  it('keeps a parent whose id has the half that stands for the trace itself', () => {
    const traceId = '4bf92f35-77b3-4da6-a3ce-929d0e0e4736';
    const parentSpanId = '11111111-1111-4111-a3ce-929d0e0e4736';
    const step = { spanId: '22222222-2222-4222-8222-222222222222', parentSpanId, name: 's', kind: 'TOOL' as const };
    const startedAt = 1_700_000_000_000;
    const given = { traceId, name: 't', status: 'COMPLETED' as const, startedAt, endedAt: startedAt };
    const spans = [{ ...step, status: 'OK' as const, startedAt, endedAt: startedAt }];
    const { spans: read } = back(decodeProtobuf(sent({ ...given, spans })));
    expect(read[0]?.parentSpanId).to.equal(parentSpanId);
  });

  it('loses nothing of a message of an unusual form', () => {
    const image = { type: 'image_url', image_url: { url: 'http://x/', detail: 'low' } };
    const contents = [{ answer: 42 }, 42, true, [image], [{ ...image, cache_control: { type: 'ephemeral' } }]];
    const startedAt = 1_700_000_000_000;
    const times = { startedAt, endedAt: startedAt };
    const call = {
      id: 'c',
      type: 'function',
      function: { name: 'f', arguments: '{}' },
      extra_content: { signature: 's' },
    };
    const calling = { role: 'assistant', content: null, tool_calls: [call] };
    for (const each of [...contents.map((content) => ({ role: 'user', content })), calling]) {
      const input = { messages: [each] };
      const step = { spanId: '22222222-2222-4222-8222-222222222222', name: 's', kind: 'LLM', status: 'OK' } as const;
      const given = {
        traceId: '4bf92f35-77b3-4da6-a3ce-929d0e0e4736',
        name: 't',
        status: 'COMPLETED',
        ...times,
      } as const;
      const read = back(decodeProtobuf(sent({ ...given, spans: [{ ...step, ...times, input, output: input }] })));
      expect(read.spans[0]).to.deep.include({ input, output: input });
    }
  });

  it('leaves out inputs and outputs if told so, and nothing else', () => {
    const [given] = fc.sample(trace, { seed: 3, numRuns: 1 }) as [TraceValues];
    const read = back(decodeProtobuf(sent(given, { captureContent: false })));
    expect([read.input, read.output, ...read.spans.flatMap((each) => [each.input, each.output])]).to.deep.equal(
      Array.from({ length: 2 + given.spans.length * 2 }, () => undefined),
    );
    const shapes = ({ spans, name }: TraceValues) => [
      name,
      ...spans.map((each) => [each.name, each.spanId, each.kind]),
    ];
    expect(shapes(read)).to.deep.equal(shapes(given));
  });
});

interface Sending {
  /** `unfolded` as the disk keeps it. */
  readonly form: 'folded' | 'unfolded';
  readonly encoding: 'protobuf' | 'json';
  readonly captureContent: boolean;
}

/** The request for a trace, as the sink makes it: recorded, as bodies of at most seven spans, and those as spans. */
function sent(trace: TraceValues, how: Partial<Sending> = {}): Buffer {
  const { form = 'folded', encoding = 'protobuf', captureContent = true } = how;
  const settings = { encoding, captureContent, compression: 'none', headers: {}, resource: {} } as const;
  const bodies = encodeTrace(recordOf(trace), { maxSpans: 7, maxBytes: maxValueBytes });
  const spans = encodedSpans(settings, 16);
  const ids = new TraceIds(trace.traceId);
  const parts: Part[] = [];
  let labels = {};
  for (const [body, text] of bodies.entries()) {
    const bytes = Buffer.from(form === 'folded' ? text : unfold(text as CapturedText)); // the encoder's
    const written = writeBody(bytes, ids, labels, settings, spans.writer);
    labels = written.labels;
    for (let each = 0; each < written.spans; each += 1) parts.push({ span: parts.length, labels, job: 0, body });
  }
  return spans.request(parts);
}

const maxValueBytes = 1_000_000;

function recordOf({ spans, input, output, metadata, tags = [], ...rest }: TraceValues): CapturedTrace {
  return {
    ...{ ...traceRecord(), endedAt: undefined, ...rest, tags, metadata: objectText(metadata) },
    ...{ input: captured(input), output: captured(output) },
    spans: spans.map(
      ({ input: asked, output: answered, metadata: about, modelParameters, tokenUsage, cost, ...each }) => ({
        ...{ ...spanRecord(), endedAt: undefined, ...each, metadata: objectText(about), cost: objectText(cost) },
        ...{ modelParameters: objectText(modelParameters), tokenUsage: objectText(tokenUsage) },
        ...{ input: captured(asked), output: captured(answered) },
      }),
    ),
  };
}

const objectText = (value: unknown) => (value === undefined ? undefined : jsonText(value));
const captured = (value: unknown) =>
  value === undefined ? undefined : captureFolded(value, { maxBytes: maxValueBytes });

function back(request: unknown): TraceValues {
  const { spans, rejected } = readRequest(request);
  expect(rejected).to.equal(0);
  const { trace, root } = traceValues(spans, false);
  expect(root).to.equal('own');
  return trace;
}

/** As it would be in JSON: without what is undefined. */
function withoutGaps(trace: TraceValues): unknown {
  return JSON.parse(JSON.stringify(trace));
}
