import { expect } from 'chai';
import { isNullInCut } from '../../../lib/delivery/text/json.js';

describe('isNullInCut', () => {
  const isNull = (text: string) => isNullInCut(text, 'ended_at');

  it('finds a field of the object itself, in a whole text and in one that is cut', () => {
    const trace = { input: { a: ['"', '}', '\\', '{'] }, ended_at: null, spans: [{ x: 1 }] };
    for (const space of [0, 1]) {
      const text = JSON.stringify(trace, null, space);
      expect([text, text.slice(0, -9), text.slice(0, text.indexOf('spans'))].map(isNull)).to.deep.equal([
        true,
        true,
        true,
      ]);
    }
  });

  it('returns false if the field has a value, or is deeper, in a text or behind the cut', () => {
    const texts = [
      '{"ended_at":"2026-11-30T10:00:00Z","spans":[{"ended_at":null}]}',
      '{"input":{"ended_at":null},"output":["ended_at",null]}',
      '{"input":"\\"ended_at\\":null"}',
      '{"name":"ended_at","status":null}',
      '{"input":"a text that is cut',
      '{"input":"ends with a backslash\\',
      'no JSON at all',
      '',
    ];
    for (const text of texts) expect(isNull(text), text).to.equal(false);
  });
});
