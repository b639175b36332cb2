import { expect } from 'chai';
import type { ApiSpan } from '../../lib/local/api/api.js';
import { childrenOf, stepsOf } from '../../lib/local/text/tree.js';

/** Spans by the id of each and of its parent. */
function spansOf(parents: Readonly<Record<string, string | null>>): ApiSpan[] {
  return Object.entries(parents).map(([span_id, parent_span_id]) => ({ span_id, parent_span_id }) as ApiSpan); // the fields that are read
}

function idsBelow(spans: readonly ApiSpan[]): Readonly<Record<string, readonly string[]>> {
  const children = [...childrenOf(spans)].map(([parent, below]) => [parent, below.map(({ span_id }) => span_id)]);
  return Object.fromEntries(children);
}

describe('The tree of a trace', () => {
  it('has spans without a parent, or with a missing one, at the top', () => {
    const found = idsBelow(spansOf({ a: null, b: 'a', c: 'gone', d: 'b' }));
    expect(found).to.deep.equal({ undefined: ['a', 'c'], a: ['b'], b: ['d'] });
  });

  it('has spans that are their own ancestors at the top, and those below them', () => {
    const found = idsBelow(spansOf({ a: null, b: 'c', c: 'b', d: 'c', e: 'e', f: 'a' }));
    expect(found).to.deep.equal({ undefined: ['a', 'b', 'c', 'd', 'e'], a: ['f'] });
  });

  it('takes little time for a chain of 20,000 spans', () => {
    const ids = Array.from({ length: 20_000 }, (_, at) => `s${at}`);
    const chain = Object.fromEntries(ids.map((id, at) => [id, ids[at - 1] ?? null]));
    const start = performance.now();
    const found = childrenOf(spansOf(chain));
    expect(found.size).to.equal(20_000);
    expect(performance.now() - start).to.be.lessThan(2000);
  }).timeout(120_000);

  it('may have 300,000 spans below one', () => {
    const ids = Array.from({ length: 300_000 }, (_, at) => `s${at}`);
    const spans = spansOf(Object.fromEntries(ids.map((id, at) => [id, at === 0 ? null : 's0'])));
    expect([...stepsOf(spans)]).to.have.lengthOf(300_000);
  }).timeout(60_000);
});
