import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { at, span, trace, useViewer } from './viewer.js';

const said = (role: string, content: string) => ({ messages: [{ role, content }] });
/** What the browser has marked. */
const marked = (page: Page) => page.evaluate('[...new Set([...(CSS.highlights.get("found") ?? [])].map(String))]');

describe('Viewer: any word can be found', () => {
  const viewer = useViewer();
  let id = '';

  before(async () => {
    const agent = span('agent', 0, 900, { kind: 'AGENT', metadata: { plan: { carrier: 'Swift Parcels' } } });
    const below = { parent_span_id: agent.span_id };
    id = await viewer.send(
      trace('support', {
        input: said('user', 'Is the Überraschung still there?'),
        spans: [
          agent,
          span('ask', 10, 20, { ...below, kind: 'LLM', output: said('assistant', 'Your "gift"\nis packed.') }),
          span('look', 30, 40, { ...below, kind: 'TOOL', input: { order: 4711 }, output: { state: 'packed' } }),
          span('charge', 50, 60, { ...below, kind: 'TOOL', status: 'ERROR', error: 'card declined' }),
        ],
      }),
    );
    for (const [turn, word] of ['lamp', 'chair', 'lamp'].entries()) {
      await viewer.send(
        trace(`turn ${turn + 1}`, {
          ...{ session_id: 'shop', started_at: at(turn * 1000), ended_at: at(turn * 1000 + 500) },
          input: said('user', `Turn ${turn + 1}`),
          spans: [span('look', turn * 1000, turn * 1000 + 9, { kind: 'TOOL', output: { found: word } })],
        }),
      );
    }
  });

  it('in a trace: in inputs, outputs, metadata, errors and names', async () => {
    const page = await viewer.open(`#/trace/${id}`);
    const field = page.getByRole('searchbox', { name: 'Find a step by any word in it' });
    const told = page.locator('.finder .told');
    await page.locator('.row', { hasText: 'charge' }).waitFor();
    const found = async (words: string) => {
      await field.fill(words);
      return told.textContent();
    };
    expect(await found('packed')).to.equal('2');
    expect(await found('"gift"')).to.equal('1');
    expect(await found('4711')).to.equal('1');
    expect(await found('swift parcels')).to.equal('1');
    expect(await found('carrier')).to.equal('1');
    expect(await found('declined')).to.equal('1');
    expect(await found('überraschung')).to.equal('1'); // the trace itself
    expect(await found('nowhere')).to.equal('none');
  });

  it('in a trace: and is marked in its text', async () => {
    const page = await viewer.open(`#/trace/${id}`);
    const field = page.getByRole('searchbox', { name: 'Find a step by any word in it' });
    await page.locator('.row', { hasText: 'charge' }).waitFor();
    await field.fill('packed');
    await field.press('Enter');
    await page.locator('.detail h2', { hasText: 'ask' }).waitFor();
    expect(await marked(page)).to.deep.equal(['packed']);
    await field.press('Enter');
    await page.locator('.detail h2', { hasText: 'look' }).waitFor();
    expect(await marked(page)).to.deep.equal(['packed']);
    await field.fill('');
    expect(await marked(page)).to.deep.equal([]);
  });

  it('in a session: only the turns that have it are shown, also by a filter, and the address says so', async () => {
    const page = await viewer.open('#/session/shop');
    await page.locator('.turn').nth(2).waitFor();
    const field = page.getByRole('searchbox', { name: 'Search this session' });
    const left = () => page.locator('.turn:visible .turn-number').allTextContents();
    await field.fill('lamp');
    await page.getByText('2 of 3 turns').waitFor();
    expect(await left()).to.deep.equal(['1', '3']);
    expect(page.url()).to.include('q=lamp');
    await page.reload();
    await page.getByText('2 of 3 turns').waitFor();
    await field.fill('kind:tool chair');
    await page.getByText('1 of 3 turns').waitFor();
    expect(await left()).to.deep.equal(['2']);
    await field.fill('');
    await page.locator('.turn:visible').nth(2).waitFor();
    // A link to a turn shows it, whatever is searched for.
    await field.fill('chair');
    await page.getByText('1 of 3 turns').waitFor();
    await page.getByRole('link', { name: 'Turn 3' }).click();
    await page.locator('#turn-3').waitFor();
  });
});
