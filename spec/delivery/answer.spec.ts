import { expect } from 'chai';
import { type Answer, judge } from '../../lib/delivery/answer.js';

const now = Date.UTC(2026, 10, 28, 12);

function answer(status: number, body: unknown, retryAfter?: string): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'answer', status, retryAfter, text, requestId: 'r-1' };
}

describe('judge()', () => {
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
        const verdict = judge('trace', answer(429, body), now);
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
        expect(judge('trace', answer(429, body), now)).to.include({ kind: 'retry', cause: 'rate' });
      });
    }
  });

  it('sees a quota in a 402', () => {
    expect(judge('trace', answer(402, { detail: 'Payment required' }), now)).to.include({ cause: 'quota' });
  });
});
