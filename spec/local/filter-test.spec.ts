import { expect } from 'chai';
import type { ApiTrace } from '../../lib/local/api/api.js';
import { traceFits } from '../../lib/local/search/filter-test.js';
import { readFilterText } from '../../lib/local/wire/filter-text.js';
import { Issues } from '../../lib/local/wire/issues.js';
import { id, span, trace } from '../support/local-server.js';

describe('The search of a server that has none', () => {
  const call = span(2, {
    ...{ kind: 'TOOL', status: 'OK', model: 'gpt-5.4', error: 'card declined', output: null },
    ...{ input: { order: 4711 }, metadata: { attempt: 'second' } },
  });
  const whole = trace(1, {
    ...{ name: 'Support', status: 'ERROR', session_id: 'chat-7', user_id: 'ana', tags: ['vip'] },
    ...{ input: { messages: ['where is it?'] }, output: 'lost', metadata: { plan: 'pro' }, spans: [call] },
  }) as ApiTrace; // the fields that are read

  for (const word of [
    'support',
    'chat-7',
    'ana',
    'where',
    'lost',
    'pro',
    'span-2',
    'gpt',
    'declined',
    '4711',
    'second',
  ])
    it(`finds ${word}`, () => {
      expect(traceFits(whole, readFilterText(word, new Issues()))).to.equal(true);
    });

  // As on a local server, which indexes none of these.
  for (const word of ['2026', 'tool', 'error', 'vip', 'order', id(1)])
    it(`does not find ${word}, which is not in a name, input, output, metadata or error`, () => {
      expect(traceFits(whole, readFilterText(word, new Issues()))).to.equal(false);
    });
});

describe('A user or a session, for a server that has no search', () => {
  it('is found by its whole id with the same case, as on a local server, or by a pattern', () => {
    const whole = trace(1, { tags: [], spans: [], user_id: 'ana', session_id: 'chat-7' }) as ApiTrace; // the fields that are read
    const fits = (text: string) => traceFits(whole, readFilterText(text, new Issues()));
    for (const text of ['user:ana', 'user:Bo user:ana', 'user:A*', 'session:chat-7', 'session:CHAT*'])
      expect(fits(text), text).to.equal(true);
    for (const text of ['user:Ana', 'user:an', 'user:B*', 'session:Chat-7', 'session:chat'])
      expect(fits(text), text).to.equal(false);
  });
});

describe('Limits of one key, for a server that has no search', () => {
  it('must all be met', () => {
    const whole = trace(1, { tags: [], spans: [], total_tokens: 6000 }) as ApiTrace; // the fields that are read
    const fits = (text: string) => traceFits(whole, readFilterText(text, new Issues()));
    expect(['tokens:>5k tokens:<7k', 'tokens:>5k tokens:<6k', 'tokens:<5k tokens:>1k'].map(fits)).to.deep.equal([
      true,
      false,
      false,
    ]);
  });
});

describe('A limit in a filter', () => {
  const fault = (text: string) => {
    const issues = new Issues();
    const { limits } = readFilterText(text, issues);
    return issues.list.length > 0 ? 'refused' : Object.values(limits)[0]?.[0]?.value;
  };

  it('may have units of time for durations only, and thousands for other numbers only', () => {
    expect(
      ['duration:>2s', 'duration:1m', 'duration:>300', 'tokens:>5k', 'cost:>=0.1', 'spans:<20'].map(fault),
    ).to.deep.equal([2000, 60_000, 300, 5000, 0.1, 20]);
    expect(['tokens:>1m', 'tokens:>2s', 'spans:<1h', 'duration:>2k'].map(fault)).to.deep.equal(
      Array(4).fill('refused'),
    );
  });
});
