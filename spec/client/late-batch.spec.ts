import { expect } from 'chai';
import type sinon from 'sinon';
import { LateBatch } from '../../lib/client/sinks/late-batch.js';
import type { CapturedLateSpans, CapturedSpan } from '../../lib/model/records.js';
import { fakeTime } from '../support/fake-time.js';

describe('A batch of late spans', () => {
  let clock: sinon.SinonFakeTimers;
  let records: CapturedLateSpans[];
  let batch: LateBatch;
  beforeEach(() => {
    clock = fakeTime('setTimeout', 'clearTimeout');
    records = [];
    batch = new LateBatch((record) => records.push(record));
  });
  afterEach(() => clock.restore());

  const span = (spanId = 's', values: object = {}) => ({ spanId, name: spanId, ...values }) as CapturedSpan; // all that is read
  const many = (length: number) => Array.from({ length }, () => span());
  /** What was handed over since the last call. */
  const handed = () =>
    records.splice(0).map(({ traceId, spans }) => `${traceId}: ${spans.map(({ spanId }) => spanId)}`);

  it('P7 accepts any number of spans at once', () => {
    batch.add({ traceId: 't', spans: [span()] });
    batch.add({ traceId: 't', spans: many(200_000) });
    batch.handOver();
    expect(records.map(({ spans }) => spans.length)).to.deep.equal([200_001]);
  });

  it('is handed over once for each trace, in order, 50 ms after its first span', () => {
    batch.add({ traceId: 't', spans: [span('a')] });
    clock.tick(30);
    batch.add({ traceId: 'u', spans: [span('b')] });
    batch.add({ traceId: 't', spans: [span('c'), span('d')] });
    expect(clock.countTimers()).to.equal(1);
    clock.tick(19);
    expect(handed()).to.deep.equal([]);
    clock.tick(1);
    expect(handed()).to.deep.equal(['t: a,c,d', 'u: b']);
    expect(clock.countTimers()).to.equal(0);
    batch.add({ traceId: 't', spans: [span('e')] });
    clock.tick(50);
    expect(handed()).to.deep.equal(['t: e']);
  });

  it('leaves no timer behind if it is handed over early', () => {
    batch.add({ traceId: 't', spans: [span('a')] });
    batch.handOver();
    expect(clock.countTimers()).to.equal(0);
    batch.handOver();
    expect(handed()).to.deep.equal(['t: a']);
  });

  it('is handed over at once when a trace has the spans of one request', () => {
    batch.add({ traceId: 't', spans: many(1) });
    batch.add({ traceId: 't', spans: many(498) });
    batch.add({ traceId: 'u', spans: many(1) });
    expect(records).to.deep.equal([]);
    batch.add({ traceId: 't', spans: many(1) });
    expect(records.map(({ spans }) => spans.length)).to.deep.equal([500, 1]);
  });

  for (const field of ['input', 'output', 'metadata'])
    it(`is handed over at once when it has more than a million characters, such as of the ${field}`, () => {
      const long = (characters: number) => ({ [field]: 'x'.repeat(characters) });
      for (let round = 0; round < 2; round += 1) {
        batch.add({ traceId: 't', spans: [span('a', long(400_000)), span('b', long(300_000))] });
        batch.add({ traceId: 'u', spans: [span('c', long(300_000))] });
        expect(handed()).to.deep.equal([]);
        batch.add({ traceId: 'u', spans: [span('d', long(1))] });
        expect(handed()).to.deep.equal(['t: a,b', 'u: c,d']);
      }
    });

  it('says for each record whether the trace belongs to another process', () => {
    batch.add({ traceId: 't', spans: [span()], isRemote: true });
    batch.add({ traceId: 'u', spans: [span()], isRemote: false });
    batch.add({ traceId: 't', spans: [span()] });
    batch.handOver();
    expect(records.splice(0).map(({ isRemote }) => isRemote)).to.deep.equal([true, false]);
    batch.add({ traceId: 't', spans: [span()] });
    batch.handOver();
    expect(records.map(({ isRemote }) => isRemote)).to.deep.equal([false]);
  });
});
