import { expect } from 'chai';
import fc from 'fast-check';
import { formatTime, parseTime } from '../../lib/local/wire/time.js';

describe('Local server, times', () => {
  it('read the same in the usual form as in any other', () => {
    const moment = fc.date({
      min: new Date('0001-01-01'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    const micros = fc.integer({ min: 0, max: 999 });
    fc.assert(
      fc.property(moment, micros, (date, more) => {
        const millis = date.toISOString();
        const long = millis.replace('Z', `${String(more).padStart(3, '0')}Z`);
        for (const text of [millis, long])
          expect(parseTime(text), text).to.equal(parseTime(text.replace('Z', '+00:00')));
        expect(parseTime(millis)).to.equal(Math.min(date.getTime() * 1000, 253_402_300_799_999_970));
      }),
    );
  });

  for (const text of [
    '2026-02-30T10:00:00.000Z',
    '2026-13-01T10:00:00.000Z',
    '2026-03-29T24:00:00.000Z',
    '2026-03-29T10:60:00.000Z',
    '2026-03-29T10:00:60.000Z',
    '2026-03-29T10:00:00.0x0Z',
    '2026-03-29T10:00:-1.000Z',
    '2026-03-29T10:00x00.000Z',
    '0000-03-29T10:00:00.000Z',
    '                       Z',
  ]) {
    it(`does not accept ${text}, before or after a valid one`, () => {
      expect(parseTime(text)).to.equal(undefined);
      expect(formatTime(parseTime('2026-03-29T10:00:59.999999Z') ?? 0)).to.equal('2026-03-29T10:00:59.999999+00:00');
      expect(parseTime(text)).to.equal(undefined);
    });
  }
});
