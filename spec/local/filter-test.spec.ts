import { expect } from 'chai';
import type { ApiTrace } from '../../lib/local/commands/api.js';
import { traceFits } from '../../lib/local/commands/filter-test.js';
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
    it(`does not find ${word}, which is no name, input, output, metadata or error`, () => {
      expect(traceFits(whole, readFilterText(word, new Issues()))).to.equal(false);
    });
});
