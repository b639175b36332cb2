import { expect } from 'chai';
import type { Counts } from '../../lib/calls/call-adapter.js';
import { count, counts, inclusiveCounts, laterUsage, sum } from '../../lib/calls/counts.js';

/** The counts that are there, under short names. */
function short(found: Counts | undefined): unknown {
  if (found === undefined) return undefined;
  const names = { prompt_tokens: 'in', completion_tokens: 'out', total_tokens: 'all' } as const;
  const given = Object.entries(found).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [names[name as 'prompt_tokens'] ?? name, value]));
}

describe('Token counts of a provider', () => {
  it('are kept as sent, except for a total below its parts, details that are 0, and invalid counts', () => {
    const rows: readonly (readonly [given: Parameters<typeof counts>[0], expected: unknown])[] = [
      [
        { prompt: 10, completion: 2 },
        { in: 10, out: 2, all: 12 },
      ],
      [
        { prompt: '10', completion: 2.4, total: 20 },
        { in: 10, out: 2, all: 20 },
      ],
      [
        { prompt: 10, completion: 2, total: 11 },
        { in: 10, out: 2, all: 12 },
      ],
      [
        { prompt: 0, completion: 0, total: 0 },
        { in: 0, out: 0, all: 0 },
      ],
      [{ prompt: 10, completion: undefined }, { in: 10 }],
      [{ prompt: undefined, completion: null, total: 12 }, { all: 12 }],
      [
        { prompt: 10, completion: undefined, total: 3 },
        { in: 10, all: 3 },
      ],
      [{ prompt: '', completion: 'many', total: Number.NaN }, undefined],
      [
        { prompt: 10, completion: 2, reasoning: 0, cacheRead: 4, cacheCreation: '1', more: { audio: 3, none: 0 } },
        { in: 10, out: 2, all: 12, cache_read_tokens: 4, cache_creation_tokens: 1, audio: 3 },
      ],
    ];
    expect(rows.map(([given]) => short(counts(given)))).to.deep.equal(rows.map(([, expected]) => expected));
  });

  it('include cached tokens and reasoning that a provider counts separately', () => {
    const rows: readonly (readonly [
      what: string,
      given: readonly [
        prompt: number,
        cached: number,
        completion: number,
        reasoning: number,
        total: number | undefined,
      ],
      expected: readonly [prompt: number, completion: number],
    ])[] = [
      ['within, by the total', [100, 40, 20, 5, 120], [100, 20]],
      ['within, as far as can be told', [100, 40, 20, 5, undefined], [100, 20]],
      ['the cache beside, by the total', [100, 40, 20, 5, 160], [140, 20]],
      ['the cache beside, because it is more', [10, 90, 20, 5, undefined], [100, 20]],
      ['the reasoning beside, by the total', [100, 40, 20, 5, 125], [100, 25]],
      ['the reasoning beside, because it is more', [100, 40, 5, 8, undefined], [100, 13]],
      ['both beside, by the total', [100, 40, 20, 5, 165], [140, 25]],
      ['both beside, because they are more', [10, 40, 5, 8, undefined], [50, 13]],
      ['of two that fit, the reasoning', [100, 5, 20, 5, 125], [100, 25]],
      ['neither: the total has something else', [100, 40, 20, 5, 130], [100, 20]],
      ['nothing cached, and no reasoning', [100, 0, 20, 0, 130], [100, 20]],
      ['all of the prompt from the cache', [40, 40, 20, 0, undefined], [40, 20]],
      ['only reasoning', [100, 0, 5, 5, undefined], [100, 5]],
    ];
    const found = rows.map(([what, [prompt, cached, completion, reasoning, total], _]) => {
      const [read, created] = [Math.ceil(cached / 2), Math.floor(cached / 2)];
      const made = inclusiveCounts({ prompt, completion, reasoning, total, cacheRead: read, cacheCreation: created });
      return [what, [made?.prompt_tokens, made?.completion_tokens]];
    });
    expect(found).to.deep.equal(rows.map(([what, , expected]) => [what, expected]));
    expect(short(inclusiveCounts({ prompt: undefined, completion: 3, cacheRead: 9 }))).to.deep.equal({
      ...{ out: 3, cache_read_tokens: 9 },
    });
  });

  it('are those of the last chunk that has them, except for zeros at the end', () => {
    const first = { input_tokens: 100, output_tokens: 1 };
    expect(laterUsage(undefined, first)).to.deep.equal(first);
    expect(laterUsage(first, { output_tokens: 7, input_tokens: 0 })).to.deep.equal({ ...first, output_tokens: 7 });
    expect(laterUsage(first, { output_tokens: null, more: 0 })).to.deep.equal({ ...first, more: 0 });
    const split = { input_tokens: 0, cache_read_input_tokens: 100, output_tokens: 0 };
    expect(laterUsage(first, split)).to.deep.equal({ ...split, output_tokens: 1 });
    const same = { input_tokens: 5, cache_read_input_tokens: 100 };
    expect(laterUsage(same, { ...same, input_tokens: 0 }), 'nothing more came from the cache').to.deep.equal(same);
  });

  it('add up to undefined if the first is unknown, and skip other unknown ones', () => {
    expect(sum(undefined, 3)).to.equal(undefined);
    expect(sum(1, undefined, '2', 'x', 3.4)).to.equal(6);
    const odd = ['', 'x', null, true, Number.POSITIVE_INFINITY];
    expect(['7', 1.6, ...odd].map(count)).to.deep.equal([7, 2, ...odd.map(() => undefined)]);
  });
});
