import { expect } from 'chai';
import type { TransportAnswer } from '../../../lib/delivery/http/transport.js';
import { classify, type Outcome, type RequestKind } from '../../../lib/delivery/pandaprobe/classify-response.js';

const traceId = '5f0e8f10-3c2a-4b0a-9a55-6a0b6d1f7a01';
const now = Date.UTC(2026, 10, 28, 12);

function answer(status: number, body: unknown, retryAfter?: string): TransportAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    kind: 'answer',
    status,
    retryAfter,
    contentType: 'application/json',
    text,
    bytes: Buffer.from(text),
    ending: 'whole',
    requestId: 'r-1',
  };
}

function read(call: RequestKind, what: TransportAnswer): Outcome {
  return classify({ call, traceId }, what, now, (text) => text);
}

describe('classify()', () => {
  describe('of a 429', () => {
    const quotas = [
      { detail: "You've reached the traces limit for your plan (100 a month). Upgrade to continue." },
      { detail: "You've reached the traces limit" },
      { detail: 'Monthly quota exceeded' },
      { detail: 'Trace allowance of this organisation: 100' },
      { error: 'You have used up your credits' },
    ];
    for (const body of quotas) {
      it(`sees a quota in ${JSON.stringify(body)}, and gives its text`, () => {
        const verdict = read('trace', answer(429, body));
        expect(verdict).to.include({ kind: 'retry', cause: 'quota', status: 429 });
        expect(verdict).to.have.property('detail').that.includes(Object.values(body)[0]);
      });
    }
    const rates = [
      { error: 'Rate limit exceeded: 100 per 1 minute' },
      { detail: 'Rate limit exceeded: 100 per 1 minute' },
      { detail: 'Too Many Requests' },
      { detail: 'Request was throttled. Expected available in 30 seconds.' },
      { error: 'limit' },
      '<html>429 Too Many Requests</html>',
      '',
      '[]',
    ];
    for (const body of rates) {
      it(`sees a rate limit in ${JSON.stringify(body)}`, () => {
        expect(read('trace', answer(429, body))).to.include({ kind: 'retry', cause: 'rate' });
      });
    }
  });

  it('sees a quota in a 402', () => {
    expect(read('trace', answer(402, { detail: 'Payment required' }))).to.include({ cause: 'quota' });
  });
});
