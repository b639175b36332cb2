import { expect } from 'chai';
import { encodeLateSpans, encodeScore, encodeTrace } from '../../../lib/delivery/pandaprobe/encoder.js';
import { checkBody } from '../../support/contract.js';
import { chainOf, json, lateSpansRecord, scoreRecord, spanRecord, traceRecord } from '../../support/delivery.js';

const limits = { maxSpans: 500, maxBytes: 4 * 1_048_576 };
const parsed = (text: string | undefined) => JSON.parse(text ?? '');

describe('encodeTrace()', () => {
  it('writes every field in snake_case and pastes values unread', () => {
    const parent = spanRecord({ name: 'p' });
    const span = spanRecord({
      parentSpanId: parent.spanId,
      kind: 'LLM',
      model: 'gpt "5"',
      error: 'line\nbreak',
      completionStartTime: Date.UTC(2026, 0, 1),
      input: json({ a: [1, '€'] }),
      output: json('x'),
      metadata: json({ m: 1 }),
      modelParameters: json({ temperature: 0.5 }),
      tokenUsage: json({ prompt_tokens: 1 }),
      cost: json({ total: 0.1 }),
    });
    const trace = traceRecord({
      spans: [parent, span],
      sessionId: 's',
      userId: 'u',
      environment: 'e',
      release: 'r',
      tags: ['a', 'b"'],
      input: json(null),
      output: json([]),
      metadata: json({ k: 'v' }),
    });
    const [body, ...more] = encodeTrace(trace, limits);
    expect(more).to.deep.equal([]);
    expect(checkBody('POST /traces', parsed(body)), 'contract').to.deep.equal([]);
    expect(parsed(body)).to.deep.equal({
      trace_id: trace.traceId,
      name: 'T',
      status: 'COMPLETED',
      started_at: '2026-11-22T13:17:47.000250Z',
      ended_at: '2026-11-22T13:17:48.000250Z',
      session_id: 's',
      user_id: 'u',
      environment: 'e',
      release: 'r',
      tags: ['a', 'b"'],
      metadata: { k: 'v' },
      input: null,
      output: [],
      spans: [
        {
          span_id: parent.spanId,
          name: 'p',
          kind: 'OTHER',
          status: 'OK',
          started_at: '2026-11-22T13:17:47.000250Z',
          ended_at: '2026-11-22T13:17:47.000750Z',
        },
        {
          span_id: span.spanId,
          parent_span_id: span.parentSpanId,
          name: 's0',
          kind: 'LLM',
          status: 'OK',
          started_at: '2026-11-22T13:17:47.000250Z',
          ended_at: '2026-11-22T13:17:47.000750Z',
          completion_start_time: '2026-01-01T00:00:00.000000Z',
          model: 'gpt "5"',
          error: 'line\nbreak',
          token_usage: { prompt_tokens: 1 },
          cost: { total: 0.1 },
          model_parameters: { temperature: 0.5 },
          metadata: { m: 1 },
          input: { a: [1, '€'] },
          output: 'x',
        },
      ],
    });
  });

  it('leaves out what is absent', () => {
    const [body] = encodeTrace(traceRecord({ endedAt: undefined }), limits);
    expect(Object.keys(parsed(body))).to.deep.equal(['trace_id', 'name', 'status', 'started_at']);
  });

  it('removes null characters and lone surrogates from names', () => {
    const [body] = encodeTrace(traceRecord({ name: 'a\0b\ud800c😀\udc00' }), limits);
    expect(parsed(body).name).to.equal('abc😀');
  });

  it('knows spans of one name apart', () => {
    const facts = [
      { kind: 'LLM', model: 'a' },
      { kind: 'LLM', model: 'b' },
      { kind: 'LLM' },
      { kind: 'TOOL' },
      { kind: 'TOOL', status: 'ERROR' },
      { kind: 'LLM', model: 'a' },
    ] as const;
    const spans = facts.map((some) => spanRecord({ name: 'same', ...some }));
    const [body] = encodeTrace(traceRecord({ spans }), limits);
    const written = parsed(body).spans.map(({ kind, model, status }: Record<string, string>) => ({
      kind,
      model,
      status,
    }));
    expect(written).to.deep.equal(facts.map((some) => ({ model: undefined, status: 'OK', ...some })));
  });

  it('cuts after 500 spans and keeps their order', () => {
    const trace = traceRecord({ spans: chainOf(1201) });
    const bodies = encodeTrace(trace, limits).map(parsed);
    expect(bodies.map((body) => (body.spans ?? body).length)).to.deep.equal([500, 500, 201]);
    const ids = bodies.flatMap((body) => body.spans ?? body).map((span: { span_id: string }) => span.span_id);
    expect(ids).to.deep.equal(trace.spans.map((span) => span.spanId));
  });

  it('cuts by bytes, counted in UTF-8', () => {
    const spans = Array.from({ length: 20 }, (_, i) => spanRecord({ input: json('€'.repeat(1000)) }, i));
    const bodies = encodeTrace(traceRecord({ spans }), { maxSpans: 500, maxBytes: 10_000 });
    for (const body of bodies) expect(Buffer.byteLength(body)).to.be.at.most(10_000);
    expect(bodies.flatMap((body) => parsed(body).spans ?? parsed(body))).to.have.length(20);
    expect(bodies.length).to.equal(7);
  });

  it('gives a span larger than a body one of its own', () => {
    const spans = [spanRecord({}, 0), spanRecord({ input: json('x'.repeat(5000)) }, 1), spanRecord({}, 2)];
    const bodies = encodeTrace(traceRecord({ spans }), { maxSpans: 500, maxBytes: 2000 }).map(parsed);
    expect(bodies.map((body) => (body.spans ?? body).length)).to.deep.equal([1, 1, 1]);
  });

  describe('times', () => {
    const timestamp = (startedAt: number) => parsed(encodeTrace(traceRecord({ startedAt }), limits)[0]).started_at;

    it('writes microseconds in UTC', () => {
      expect(timestamp(Date.UTC(2026, 10, 22, 13, 17, 47, 123) + 0.456)).to.equal('2026-11-22T13:17:47.123456Z');
    });
    it('carries a fraction that rounds up into the next second', () => {
      expect(timestamp(Date.UTC(2026, 0, 1) - 0.0001)).to.equal('2026-01-01T00:00:00.000000Z');
    });
    it('writes times before 1970', () => {
      expect(timestamp(-1.5)).to.equal('1969-12-31T23:59:59.998500Z');
    });
  });
});

describe('encodeLateSpans()', () => {
  it('writes arrays of at most 500', () => {
    const bodies = encodeLateSpans(lateSpansRecord('t', ...chainOf(501)), limits).map(parsed);
    expect(bodies.map((body) => body.length)).to.deep.equal([500, 1]);
    expect(checkBody('POST /traces/{trace_id}/spans', bodies[1])).to.deep.equal([]);
  });
});

describe('encodeScore()', () => {
  it('names the source and keeps the value a string', () => {
    const record = scoreRecord(traceRecord().traceId, { reason: 'fine', metadata: json({ by: 'spec' }) });
    const body = parsed(encodeScore(record));
    expect(checkBody('POST /evaluations/trace-scores', body)).to.deep.equal([]);
    expect(body).to.include({ value: '0.85', data_type: 'NUMERIC', source: 'PROGRAMMATIC', reason: 'fine' });
  });
});
