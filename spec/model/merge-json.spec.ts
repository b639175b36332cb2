import { expect } from 'chai';
import { LaterObjects, mergeObjects } from '../../lib/model/merge-json.js';
import type { JsonText } from '../../lib/model/records.js';

const json = (text: string) => text as JsonText;

describe('mergeObjects()', () => {
  it('lets the second win, shallowly, and keeps the order of the first', () => {
    expect(mergeObjects(json('{"a":{"x":1},"b":2}'), json('{"c":3,"a":{"y":1}}'))).to.equal(
      '{"a":{"y":1},"b":2,"c":3}',
    );
  });

  it('treats a value that is no object as absent', () => {
    expect(mergeObjects(json('"masked"'), json('{"a":1}'))).to.equal('{"a":1}');
    expect(mergeObjects(json('{"a":1}'), json('[1]'))).to.equal('{"a":1}');
    expect(mergeObjects(undefined, json('{}'))).to.equal(undefined);
  });

  it('keeps a key named __proto__', () => {
    expect(mergeObjects(json('{"__proto__":1}'), json('{"a":2}'))).to.equal('{"__proto__":1,"a":2}');
  });
});

describe('LaterObjects', () => {
  it('returns the result of merging one after the other, however many and however long', () => {
    const texts = Array.from({ length: 3000 }, (_, index) =>
      json(JSON.stringify({ [`k${index % 700}`]: 'x'.repeat(index % 90) })),
    );
    const later = new LaterObjects();
    for (const text of texts) later.add(text);
    const expected = texts.reduce<JsonText | undefined>(mergeObjects, json('{"first":1}'));
    expect(later.mergedInto(json('{"first":1}'))).to.equal(expected);
  });

  it('keeps little more than twice the size of the result', () => {
    const stringify = JSON.stringify;
    let written = 0;
    JSON.stringify = ((...args: Parameters<typeof stringify>) => {
      const text = stringify(...args);
      written += text.length;
      return text;
    }) as typeof stringify;
    try {
      const later = new LaterObjects();
      for (let progress = 0; progress < 10_000; progress += 1) later.add(json(`{"progress":${progress}}`));
      expect(written).to.be.within(1, 1000); // merged now and then on the way
      expect(later.mergedInto(undefined)).to.equal('{"progress":9999}');
    } finally {
      JSON.stringify = stringify;
    }
  });
});
