import { expect } from 'chai';
import { retryAfterMs } from '../../../lib/delivery/pandaprobe/classify-response.js';
import { startDelivery, traceRecord } from '../../support/delivery.js';
import { rateLimited, startReceiver } from '../../support/receiver.js';

const now = Date.UTC(2026, 10, 28, 12);
const date = (ms: number) => new Date(now + ms).toUTCString();

describe('retryAfterMs()', () => {
  const kept: [string, number][] = [
    ['1', 1000],
    [' 30 ', 30_000],
    [date(30_000), 30_000],
    ['999999999999', 3_600_000],
    ['1e300', 3_600_000],
    [date(1e12), 3_600_000],
  ];
  for (const [header, ms] of kept) {
    it(`obeys ${JSON.stringify(header)}`, () => expect(retryAfterMs(header, now)).to.equal(ms));
  }
  it('returns undefined without a header', () => expect(retryAfterMs(undefined, now)).to.equal(undefined));
  const useless = [
    '0',
    '-1',
    '-0',
    '0.001',
    '1e-9',
    date(0),
    date(-30_000),
    date(500),
    '',
    ' ',
    'soon',
    'NaN',
    'Infinity',
  ];
  for (const header of useless) {
    it(`leaves ${JSON.stringify(header)} to the back-off`, () => expect(retryAfterMs(header, now)).to.equal(undefined));
  }
});

describe('Delivery, told to come again at once', () => {
  const past = new Date(Date.now() - 30_000).toUTCString();
  for (const status of [429, 503]) {
    for (const value of ['0', '-1', '0.001', past]) {
      it(`P4 backs off all the same (${status}, Retry-After: ${value})`, async () => {
        await using receiver = await startReceiver();
        receiver.behave = () =>
          receiver.requests.length <= 5 ? { status, headers: { 'Retry-After': value } } : undefined;
        const { delivery } = startDelivery(receiver.url, { timing: { backOffMs: 60, maxBackOffMs: 240 } });
        delivery.trace(traceRecord());
        expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
        const gaps = receiver.requests.slice(1).map(({ at }, i) => at - (receiver.requests[i]?.at ?? 0));
        expect(gaps).to.have.length(5);
        // The back-off is spread by a quarter. A flush may ask for a probe earlier, yet not at once.
        for (const gap of gaps) expect(gap, gaps.join()).to.be.at.least(15);
        await delivery.shutdown();
      });
    }
  }

  it('P4 delivers 1,000 traces at 100 a window with at most 10 % more requests (Retry-After: 0)', async () => {
    const limited = rateLimited(100, 400);
    await using receiver = await startReceiver({
      behave: (request) => {
        const what = limited(request);
        return typeof what === 'object' ? { ...what, headers: { 'Retry-After': '0' } } : what;
      },
    });
    const { delivery } = startDelivery(receiver.url, { timing: { backOffMs: 20, maxBackOffMs: 200 } });
    for (let i = 0; i < 1000; i += 1) delivery.trace(traceRecord());
    expect(await delivery.flush()).to.include({ ok: true, delivered: 1000 });
    expect(receiver.count('POST /traces')).to.be.at.most(1100);
    await delivery.shutdown();
  });
});
