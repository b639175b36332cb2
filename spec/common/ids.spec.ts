import { expect } from 'chai';
import { isId, newId } from '../../lib/common/ids.js';

describe('newId', () => {
  it('gives a different UUID version 4 in lower case each time', () => {
    const ids = Array.from({ length: 1000 }, newId);
    expect(new Set(ids).size).to.equal(1000);
    for (const id of ids) expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('isId', () => {
  it('accepts UUIDs in either case', () => {
    expect(isId(newId())).to.equal(true);
    expect(isId('A1B2C3D4-E5F6-4890-ABCD-EF1234567890')).to.equal(true);
  });

  it('refuses everything else', () => {
    for (const value of ['', 'abc', 'a1b2c3d4e5f64890abcdef1234567890', 5, null, undefined, {}, [newId()]]) {
      expect(isId(value)).to.equal(false);
    }
  });
});
