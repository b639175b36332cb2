import { expect } from 'chai';
import { Pace } from '../../../lib/delivery/pace/pace.js';
import { defaultTiming } from '../../../lib/delivery/pace/timing.js';

const rate = (retryAfter?: number) => ({ cause: 'rate', retryAfterMs: retryAfter }) as const;
const fault = { cause: 'fault' } as const;
const steady = () => 0.5;
const none = { traces: 0, other: 0 };

describe('Pace', () => {
  const paceOf = () => new Pace(defaultTiming, 32, steady);

  it('P4 lets scores and late spans go while traces are limited, and the other way round', () => {
    for (const [limited, free] of [
      ['traces', 'other'],
      ['other', 'traces'],
    ] as const) {
      for (const trouble of [rate(60_000), rate(), { cause: 'quota' } as const]) {
        const pace = paceOf();
        pace.onSent(limited, 0);
        expect(pace.onFailure(limited, 10, trouble)).to.equal(true);
        expect(pace.holdOf(limited)).to.equal(trouble.cause);
        expect(pace.capacity(limited, 20, none)).to.equal(0);
        expect(pace.holdOf(free)).to.equal(undefined);
        expect(pace.nextAt(free)).to.equal(0);
        expect(pace.capacity(free, 20, none)).to.be.above(0);
      }
    }
  });
  it('holds every route while the backend cannot be reached, or refuses the key', () => {
    for (const cause of ['fault', 'blocked'] as const) {
      const pace = paceOf();
      for (let i = 0; i < 3; i += 1) pace.onFailure('traces', 0, { cause, isOfAll: true });
      for (const route of ['traces', 'other'] as const) {
        expect(pace.holdOf(route)).to.equal(cause);
        expect(pace.capacity(route, 10, none)).to.equal(0);
      }
      const at = pace.nextAt('other');
      expect(pace.capacity('other', at, none)).to.equal(1);
      expect(pace.capacity('other', at, { traces: 1, other: 0 }), 'one probe for all').to.equal(0);
    }
  });
  it('holds only the route whose requests fail with a 500', () => {
    const pace = paceOf();
    for (let i = 0; i < 3; i += 1) pace.onFailure('traces', 0, fault);
    expect(pace.capacity('traces', 10, none)).to.equal(0);
    expect(pace.capacity('other', 10, none)).to.be.above(0);
    pace.onAnswered('other');
    expect(pace.capacity('traces', 10, none), 'an answer to a score says nothing about traces').to.equal(0);
  });
  it('holds late spans when the spans of large traces are not stored yet, before any late span was sent', () => {
    const pace = paceOf();
    for (let i = 0; i < 3; i += 1) pace.onNotStored('other', 0, false);
    expect(pace.capacity('other', 1, none)).to.equal(0);
    expect(pace.capacity('traces', 1, none)).to.be.above(0);
  });
  it('P4 learns a limit from the requests before its first refusal', () => {
    const pace = paceOf();
    for (let i = 0; i < 20; i += 1) {
      pace.onSent('traces', i);
      pace.onAnswered('traces');
    }
    pace.onSent('traces', 20);
    pace.onFailure('traces', 20, rate());
    const probeAt = pace.nextAt('traces');
    pace.onSent('traces', probeAt);
    pace.onAnswered('traces');
    expect(pace.capacity('traces', probeAt, none), 'nine tenths of the 20, and one is used').to.equal(17);
  });
  it('allows both routes together no more items than the window', () => {
    const pace = paceOf();
    expect(pace.capacity('traces', 0, { traces: 10, other: 20 })).to.equal(2);
    expect(pace.capacity('traces', 0, { traces: 2, other: 30 })).to.equal(0);
  });
});
