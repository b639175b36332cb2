import crypto, { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { createClock } from '../../lib/common/clock.js';
import { newId, parseId } from '../../lib/common/ids.js';

describe('newId', () => {
  it('gives a different UUID version 4 in lower case each time', () => {
    const ids = Array.from({ length: 1000 }, newId);
    expect(new Set(ids).size).to.equal(1000);
    for (const id of ids) expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('newId, with ids that are drawn ahead,', () => {
  /** The next ids, of those that are made from random bytes which are drawn now. */
  function idsFrom(clock: { anchorAt(now: number): number; now(): number }, start: () => void): [string, boolean] {
    const { randomFillSync } = crypto;
    let isDrawn = false;
    crypto.randomFillSync = ((bytes: Uint8Array) => {
      isDrawn = true;
      return randomFillSync.call(crypto, bytes);
    }) as typeof randomFillSync;
    try {
      start();
      clock.anchorAt(clock.now());
      return [newId(), isDrawn];
    } finally {
      crypto.randomFillSync = randomFillSync;
    }
  }

  it('draws anew when the clock was set, as when a snapshot is started', () => {
    const state = { wall: 1_000_000, monotonic: 5000 };
    const clock = createClock(
      () => state.wall,
      () => state.monotonic,
    );
    newId();
    expect(idsFrom(clock, () => {})[1]).to.equal(false);
    const starts: Record<string, () => void> = {
      'of a virtual machine': () => {
        state.wall += 60_000;
        state.monotonic += 10;
      },
      'of a process, whose clock begins anew': () => {
        state.wall += 60_000;
        state.monotonic = 30;
      },
    };
    for (const [title, start] of Object.entries(starts)) expect(idsFrom(clock, start)[1], title).to.equal(true);
  });
});

describe('parseId', () => {
  const taken: Record<string, string> = {
    'a UUID of version 4': 'a1b2c3d4-e5f6-4890-abcd-ef1234567890',
    'a UUID of version 7': '01890a5d-ac96-774b-bcce-b302099a8057',
    'an id of no version': 'a1b2c3d4-e5f6-0890-1bcd-ef1234567890',
    'the largest id': 'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'the smallest id': '00000000-0000-0000-0000-000000000001',
  };
  for (const [what, id] of Object.entries(taken)) {
    it(`takes ${what}, in either case, with and without hyphens`, () => {
      for (const given of [id, id.toUpperCase(), id.replaceAll('-', ''), id.replaceAll('-', '').toUpperCase()])
        expect(parseId(given)).to.equal(id);
    });
  }

  it('takes its own ids, and 1,000 random ones of OpenTelemetry', () => {
    for (let i = 0; i < 1000; i += 1) {
      const own = newId();
      expect(parseId(own)).to.equal(own);
      const trace = randomBytes(16).toString('hex');
      expect(parseId(trace)?.replaceAll('-', '')).to.equal(trace);
    }
  });

  const nil = '00000000-0000-0000-0000-000000000000';
  const refused = [
    ...['', 'abc', nil, nil.replaceAll('-', ''), 'a1b2c3d4e5f64890', 'a1b2c3d4e5f6-4890-abcd-ef1234567890'],
    ...['{a1b2c3d4-e5f6-4890-abcd-ef1234567890}', 'a1b2c3d4-e5f6-4890-abcd-ef1234567890\n', 'g'.repeat(32)],
    ...[5, null, undefined, {}, [newId()]],
  ];
  for (const value of refused) {
    it(`refuses ${JSON.stringify(value)?.slice(0, 50)}`, () => {
      expect(parseId(value)).to.equal(undefined);
    });
  }
});
