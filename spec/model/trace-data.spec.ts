import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { SpanData, TraceData, type TraceDataInit } from '../../lib/client/recording/trace-data.js';
import { parseId } from '../../lib/common/ids.js';
import { silentLog } from '../../lib/common/log.js';
import { createCapture } from '../../lib/model/capture-values.js';
import { traceDataRecord } from '../../lib/model/trace-data-record.js';

const capture = createCapture({ maxValueBytes: 10_000, log: silentLog });
const startedAt = new Date('2026-03-29T10:00:00.000Z');
const endedAt = new Date('2026-03-29T10:00:01.500Z');
const isId = (value: unknown) => value === parseId(value);
const id = 'a1b2c3d4-e5f6-4890-abcd-ef1234567890';

function recordOf(trace: unknown) {
  const warn = sinon.spy();
  return { warn, record: traceDataRecord(trace as TraceData, capture, { ...silentLog, warn }) };
}

function traceOf(init: Partial<TraceDataInit>): TraceData {
  return new TraceData({ name: 'run', startedAt, ...init });
}

describe('TraceData', () => {
  it('has the backend’s defaults and new ids', () => {
    const span = new SpanData({ name: 's', startedAt });
    const trace = traceOf({ spans: [span] });
    expect(trace).to.include({ status: 'COMPLETED', input: null, endedAt: null, sessionId: null });
    expect(span).to.include({ kind: 'OTHER', status: 'UNSET', parentSpanId: null });
    expect(isId(trace.traceId) && isId(span.spanId) && trace.traceId !== span.spanId).to.equal(true);
  });

  it('returns the backend’s form without absent fields', () => {
    const span = new SpanData({
      spanId: id,
      name: 'call',
      kind: 'LLM',
      status: 'OK',
      input: { at: startedAt },
      model: 'm',
      tokenUsage: { promptTokens: 3 },
      cost: { total: 0.5 },
      modelParameters: { temperature: 0 },
      startedAt,
      endedAt,
      completionStartTime: endedAt,
      error: 'late',
    });
    const trace = traceOf({ traceId: id, endedAt, tags: ['a'], sessionId: 's', spans: [span] });
    const spanDict = {
      span_id: id,
      name: 'call',
      kind: 'LLM',
      status: 'OK',
      input: { at: '2026-03-29T10:00:00.000Z' },
      model: 'm',
      token_usage: { prompt_tokens: 3 },
      started_at: '2026-03-29T10:00:00.000Z',
      ended_at: '2026-03-29T10:00:01.500Z',
      error: 'late',
      completion_start_time: '2026-03-29T10:00:01.500Z',
      model_parameters: { temperature: 0 },
      cost: { total: 0.5 },
    };
    expect(span.toApiDict()).to.deep.equal(spanDict);
    expect(trace.toApiDict()).to.deep.equal({
      trace_id: id,
      name: 'run',
      status: 'COMPLETED',
      started_at: '2026-03-29T10:00:00.000Z',
      ended_at: '2026-03-29T10:00:01.500Z',
      session_id: 's',
      tags: ['a'],
      spans: [spanDict],
    });
  });

  it('sends the values that its fields have at the end', () => {
    const trace = traceOf({});
    trace.name = 'renamed';
    trace.spans.push(new SpanData({ name: 'added', startedAt }));
    expect(trace.toApiDict()).to.have.property('name', 'renamed');
    expect(trace.toApiDict()).to.have.nested.property('spans[0].name', 'added');
  });
});

describe('traceDataRecord', () => {
  it('leaves valid data as it is and warns of nothing', () => {
    const parent = new SpanData({ name: 'p', startedAt, endedAt });
    const child = new SpanData({ name: 'c', startedAt, parentSpanId: parent.spanId, metadata: { a: 1 } });
    const { record, warn } = recordOf(traceOf({ spans: [child, parent], metadata: { k: 'v' }, output: 0 }));
    expect(warn.callCount).to.equal(0);
    expect(record).to.include({
      startedAt: startedAt.getTime(),
      endedAt: undefined,
      metadata: '{"k":"v"}',
      output: '0',
    });
    expect(record.spans[0]).to.include({ parentSpanId: parent.spanId, metadata: '{"a":1}', input: undefined });
    expect(record.spans[1]?.metadata).to.equal(undefined);
  });

  it('replaces a wrong id and lets the children follow', () => {
    const spans = [
      new SpanData({ spanId: 'child', parentSpanId: 'root', name: 'c', startedAt }),
      new SpanData({ spanId: 'root', name: 'r', startedAt }),
    ];
    const { record, warn } = recordOf(traceOf({ traceId: 'mine', spans }));
    expect(isId(record.traceId)).to.equal(true);
    expect(isId(record.spans[1]?.spanId)).to.equal(true);
    expect(record.spans[0]?.parentSpanId).to.equal(record.spans[1]?.spanId);
    expect(warn.called).to.equal(true);
  });

  it('keeps every 128-bit id but nil, however it is written', () => {
    const [trace, parent, child] = ['4bf92f3577b34da6a3ce929d0e0e4736', 'F'.repeat(32), `0${'1'.repeat(31)}`];
    const spans = [
      new SpanData({ spanId: child, parentSpanId: 'ffffffff-ffff-ffff-FFFF-ffffffffffff', name: 'c', startedAt }),
      new SpanData({ spanId: parent, name: 'p', startedAt }),
    ];
    const { record, warn } = recordOf(traceOf({ traceId: trace, spans }));
    expect(record.traceId).to.equal('4bf92f35-77b3-4da6-a3ce-929d0e0e4736');
    expect(record.spans.map((span) => [span.spanId, span.parentSpanId])).to.deep.equal([
      ['01111111-1111-1111-1111-111111111111', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
      ['ffffffff-ffff-ffff-ffff-ffffffffffff', undefined],
    ]);
    expect(warn.callCount).to.equal(0);
    const nil = recordOf(traceOf({ traceId: '0'.repeat(32) }));
    expect(isId(nil.record.traceId)).to.equal(true);
    expect(nil.warn.callCount).to.equal(1);
  });

  it('keeps two spans that share an id apart', () => {
    const spans = [1, 2].map((at) => new SpanData({ spanId: id, name: `s${at}`, startedAt }));
    const { record } = recordOf(traceOf({ spans }));
    expect(new Set(record.spans.map((span) => span.spanId)).size).to.equal(2);
    expect(record.spans[0]?.spanId).to.equal(id);
  });

  it('makes a span with an impossible parent a root, and keeps a parent sent elsewhere', () => {
    const spans = [
      new SpanData({ spanId: id, parentSpanId: id.toUpperCase(), name: 'own parent', startedAt }),
      new SpanData({ parentSpanId: 'nobody', name: 'lost', startedAt }),
      new SpanData({ parentSpanId: 'B1B2C3D4-e5f6-4890-abcd-ef1234567890', name: 'elsewhere', startedAt }),
    ];
    expect(recordOf(traceOf({ spans })).record.spans.map((span) => span.parentSpanId)).to.deep.equal([
      undefined,
      undefined,
      'b1b2c3d4-e5f6-4890-abcd-ef1234567890',
    ]);
  });

  it('repairs times the backend would refuse', () => {
    const wrong = new Date(Number.NaN);
    const spans = [
      new SpanData({ name: 'a', startedAt: wrong, endedAt }),
      new SpanData({ name: 'b', startedAt: new Date(8.64e15), endedAt: wrong, completionStartTime: wrong }),
      new SpanData({ name: 'c', startedAt: endedAt, endedAt: startedAt }),
    ];
    const { record } = recordOf(traceOf({ spans }));
    const [start, end] = [startedAt.getTime(), endedAt.getTime()];
    expect(record.spans.map((span) => [span.startedAt, span.endedAt])).to.deep.equal([
      [end, end],
      [start, undefined],
      [end, end],
    ]);
  });

  for (const [what, time] of Object.entries({
    'Go’s zero time': '0001-01-01T00:00:00Z',
    'a time before the year 1': new Date(-62_135_596_800_001),
    '.NET’s MaxValue': '9999-12-31T23:59:59.9999999Z',
    'the last time a Date holds': new Date(8.64e15),
    'an invalid Date': new Date(Number.NaN),
    'a time that is infinite': Number.POSITIVE_INFINITY,
  })) {
    it(`treats ${what} as not given, and says so`, () => {
      const given = time as Date; // callers without types give anything
      const spans = [new SpanData({ name: 's', startedAt: given, endedAt: given, completionStartTime: given })];
      const { record, warn } = recordOf(traceOf({ endedAt: given, spans }));
      expect(record.endedAt).to.equal(undefined);
      expect(record.spans[0]).to.deep.include({
        startedAt: startedAt.getTime(),
        endedAt: undefined,
        completionStartTime: undefined,
      });
      expect(warn.firstCall.args[1]).to.include('no date that can be stored, and taken for not given');
    });
  }

  it('keeps the first time that can be stored', () => {
    const { record, warn } = recordOf(traceOf({ startedAt: new Date('0001-01-01T00:00:00.001Z') }));
    expect(record.startedAt).to.equal(-62_135_596_799_999);
    expect(warn.callCount).to.equal(0);
  });

  it('cuts tags to 255 characters, whatever their size in bytes', () => {
    const { record, warn } = recordOf(traceOf({ tags: ['a', '😀'.repeat(3000)] }));
    expect(record.tags).to.deep.equal(['a', '😀'.repeat(255)]);
    expect(warn.callCount).to.equal(1);
  });

  it('caps counts and costs that the platform cannot add up', () => {
    const tokenUsage = { promptTokens: 2_147_483_647, completionTokens: 5 };
    const spans = [new SpanData({ name: 's', startedAt, tokenUsage, cost: { total: 1e308 } })];
    const { record, warn } = recordOf(traceOf({ spans }));
    expect(record.spans[0]).to.include({
      tokenUsage: '{"prompt_tokens":2147483647,"completion_tokens":0}',
      cost: '{"total":1000000000000}',
    });
    expect(warn.callCount).to.equal(2);
  });

  it('cuts names and labels, and uses a fallback for missing ones', () => {
    const spans = [new SpanData({ name: '', kind: 'llm' as 'LLM', model: 'm'.repeat(300), startedAt })];
    const { record, warn } = recordOf(
      traceOf({ name: 'n'.repeat(600), userId: '😀'.repeat(300), sessionId: '', spans }),
    );
    expect(record.name).to.have.lengthOf(512);
    expect([...(record.userId ?? '')]).to.have.lengthOf(255);
    expect(record.sessionId).to.equal(undefined);
    expect(record.spans[0]).to.include({ name: 'span', kind: 'LLM', model: 'm'.repeat(255) });
    expect(warn.callCount).to.equal(4);
  });

  it('P27 sends every field through the mask', () => {
    const secret = 'canary';
    const masking = createCapture({
      maxValueBytes: 10_000,
      mask: (value) => JSON.parse(JSON.stringify(value).replaceAll(secret, '***')),
      log: silentLog,
    });
    const all = { name: secret, input: [secret], output: secret, metadata: { secret } };
    const span = new SpanData({ ...all, model: secret, error: secret, modelParameters: { secret }, startedAt });
    const trace = traceOf({
      ...all,
      sessionId: secret,
      userId: secret,
      environment: secret,
      release: secret,
      tags: [secret],
      spans: [span],
    });
    expect(JSON.stringify(traceDataRecord(trace, masking, silentLog))).to.not.include(secret);
  });

  it('P11 makes a record of any value', () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('no');
        },
      },
    );
    const valid = (value: unknown): void => {
      const { record } = recordOf(value);
      expect(isId(record.traceId)).to.equal(true);
      for (const each of [record, ...record.spans]) {
        expect(each.name).to.have.length.within(1, 1024);
        expect(Number.isNaN(new Date(each.startedAt).getTime())).to.equal(false);
      }
    };
    for (const value of [undefined, null, 1, 'x', hostile, { spans: [hostile, null, 5], tags: [Symbol('t'), {}, 1] }])
      valid(value);
    const field = fc.anything();
    const span = fc.record(
      {
        spanId: field,
        parentSpanId: field,
        name: field,
        kind: field,
        status: field,
        startedAt: field,
        endedAt: field,
        error: field,
        tokenUsage: field,
        cost: field,
        metadata: field,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.record(
          {
            traceId: field,
            name: field,
            status: field,
            startedAt: field,
            tags: field,
            userId: field,
            spans: fc.oneof(field, fc.array(span)),
          },
          { requiredKeys: [] },
        ),
        valid,
      ),
      { numRuns: 500 },
    );
  });
});
