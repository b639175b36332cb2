import { expect } from 'chai';
import { defineMetadata, getOwnMetadata, getOwnMetadataKeys } from '../../lib/edge/metadata.js';

const loaded = Reflect as unknown as Record<string, unknown>;
const names = ['defineMetadata', 'getOwnMetadata', 'getOwnMetadataKeys'];

describe('Metadata of functions on an edge runtime', () => {
  let before: unknown[]; // other specs may load it
  const put = (functions: Record<string, unknown>) => void Object.assign(loaded, functions);
  beforeEach(() => {
    before = names.map((name) => loaded[name]);
    put(Object.fromEntries(names.map((name) => [name, undefined])));
  });
  afterEach(() => {
    for (const [index, name] of names.entries()) {
      if (before[index] === undefined) delete loaded[name];
      else loaded[name] = before[index];
    }
  });

  it('is kept by function and key if the program has no reflect-metadata', () => {
    const [fn, other] = [() => 1, () => 2];
    defineMetadata('a', undefined, fn);
    defineMetadata('b', 2, fn);
    expect(getOwnMetadataKeys(fn)).to.deep.equal(['a', 'b']);
    expect([getOwnMetadata('b', fn), getOwnMetadata('c', fn), getOwnMetadata('b', other)]).to.deep.equal([
      2,
      undefined,
      undefined,
    ]);
    expect(getOwnMetadataKeys(other)).to.deep.equal([]);
  });

  it("is the program's own if it has loaded reflect-metadata, also after the first use", () => {
    const fn = () => 1;
    defineMetadata('early', 1, fn);
    const theirs = new Map<unknown, unknown>([['roles', ['admin']]]);
    put({
      defineMetadata: (key: unknown, value: unknown) => void theirs.set(key, value),
      getOwnMetadata: (key: unknown) => theirs.get(key),
      getOwnMetadataKeys: () => [...theirs.keys()],
    });
    defineMetadata('late', 2, fn);
    expect(theirs.get('late')).to.equal(2);
    expect(getOwnMetadataKeys(fn)).to.deep.equal(['early', 'roles', 'late']);
    expect(['early', 'roles', 'late'].map((key) => getOwnMetadata(key, fn))).to.deep.equal([1, ['admin'], 2]);
  });
});
