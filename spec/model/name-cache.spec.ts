import { expect } from 'chai';
import { captureJson } from '../../lib/model/capture.js';
import { NameCache } from '../../lib/model/name-cache.js';
import { roomy } from './captured.js';

describe('NameCache', () => {
  const filled = (count: number) => {
    const cache = new NameCache<number>();
    for (let at = 0; at < count; at += 1) expect(cache.set(`name ${at}`, at)).to.equal(at);
    return cache;
  };

  it('remembers 512 names of at most 48 characters', () => {
    const cache = filled(513);
    expect([cache.get('name 0'), cache.get('name 511'), cache.get('name 512')]).to.deep.equal([0, 511, undefined]);
    const long = new NameCache<number>();
    long.set('n'.repeat(48), 1);
    long.set('n'.repeat(49), 2);
    expect([long.get('n'.repeat(48)), long.get('n'.repeat(49))]).to.deep.equal([1, undefined]);
  });

  it('P32 keeps them while thousands of others pass, and then begins anew', () => {
    const kept = filled(512 + 9999);
    expect([kept.get('name 0'), kept.get('name 10510')]).to.deep.equal([0, undefined]);
    const renewed = filled(512 + 10_000);
    expect([renewed.get('name 0'), renewed.get('name 10511')]).to.deep.equal([undefined, 10_511]);
  });

  it('P27 masks credentials, and nothing else, among the names of a large object, whatever came before', () => {
    const names = Array.from({ length: 25_000 }, (_, at) => (at % 100 === 7 ? `api_key_${at}_secret` : `id-${at}`));
    for (let round = 0; round < 2; round += 1) {
      const written = JSON.parse(captureJson(Object.fromEntries(names.map((name) => [name, 'v'])), roomy));
      for (const name of names) expect(written[name], name).to.equal(name.endsWith('secret') ? '[Masked]' : 'v');
    }
  });
});
