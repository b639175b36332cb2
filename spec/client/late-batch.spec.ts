import { expect } from 'chai';
import { LateBatch } from '../../lib/client/sinks/late-batch.js';
import type { CapturedLateSpans, CapturedSpan } from '../../lib/model/records.js';

describe('A batch of late spans', () => {
  it('P7 takes any number of spans at once', () => {
    const records: CapturedLateSpans[] = [];
    const batch = new LateBatch((record) => records.push(record));
    const span = { spanId: 's', name: 's' } as CapturedSpan;
    batch.add({ traceId: 't', spans: [span] });
    batch.add({ traceId: 't', spans: Array.from({ length: 200_000 }, () => span) });
    batch.handOver();
    expect(records.map(({ spans }) => spans.length)).to.deep.equal([200_001]);
  });
});
