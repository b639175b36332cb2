import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { at, span, trace, useViewer } from './viewer.js';

const names = (page: Page) => page.locator('tbody tr .name-cell > a:first-child').allTextContents();
const rows = (page: Page, count: number) =>
  page.locator(`tbody:not(:has(tr:nth-child(${count + 1}))) tr:nth-child(${count})`).waitFor();

describe('Viewer: the list of traces', () => {
  const viewer = useViewer();

  before(async () => {
    const usage = { token_usage: { prompt_tokens: 1200, completion_tokens: 34 }, cost: { total: 0.0042 } };
    const more = { session_id: 'chat-7', user_id: 'mina', tags: ['prod', 'vip'] };
    await viewer.send(
      trace('plan trip', { ...more, ended_at: at(2500), spans: [span('ask', 0, 900, { kind: 'LLM', ...usage })] }),
    );
    await viewer.send(
      trace('book hotel', { status: 'ERROR', started_at: at(-60_000), ended_at: at(-59_000), user_id: 'jonas' }),
    );
    await viewer.send(trace('plan dinner', { started_at: at(-120_000), ended_at: at(-119_500), tags: ['prod'] }));
    for (let each = 0; each < 60; each += 1) {
      await viewer.send(trace(`run ${each}`, { started_at: at(each * 1000), ended_at: at(each * 1000 + 10) }), 'many');
    }
  });

  it('shows status, name, tags, duration, spans, tokens, cost, session and user of each', async () => {
    const page = await viewer.open();
    await rows(page, 3);
    const cells = await page.locator('tbody tr').first().locator('td').allTextContents();
    cells.splice(2, 1); // the day it started, in the zone of the machine
    expect(cells).to.deep.equal([
      '✓ completed',
      'plan tripprodvip',
      '2.50 s',
      '1',
      '1,234',
      '$0.0042',
      'chat-7',
      'mina',
    ]);
    expect(await page.locator('tbody tr:nth-child(2) td').first().textContent()).to.equal('✕ error');
  });

  it('keeps the status filter in the address', async () => {
    const page = await viewer.open();
    await page.getByLabel('Status').selectOption('ERROR');
    await rows(page, 1);
    expect(new URL(page.url()).hash).to.equal('#/traces?status=ERROR');
    await page.reload();
    await rows(page, 1);
    expect(await names(page)).to.deep.equal(['book hotel']);
    expect(await page.getByLabel('Status').inputValue()).to.equal('ERROR');
  });

  it('searches the names while one types, and says when nothing matches', async () => {
    const page = await viewer.open();
    await rows(page, 3);
    await page.keyboard.press('/');
    await page.keyboard.type('PLAN');
    await rows(page, 2);
    expect(await names(page)).to.deep.equal(['plan trip', 'plan dinner']);
    expect(new URL(page.url()).hash).to.equal('#/traces?q=PLAN');
    await page.keyboard.type('et');
    await page.getByText('No trace fits').waitFor();
    await page.getByText('Show all traces').click();
    await rows(page, 3);
  });

  it('turns user:, tag: and status: of the search into filters, each of which can be removed', async () => {
    const page = await viewer.open();
    await page.getByRole('searchbox').fill('trip user:mina tag:vip');
    await page.keyboard.press('Enter');
    await rows(page, 1);
    expect(new URL(page.url()).hash).to.equal('#/traces?q=trip&user=mina&tag=vip');
    await page.getByRole('searchbox').fill('');
    await page.getByLabel('Remove user mina').click();
    await page.getByLabel('Remove tag vip').click();
    await rows(page, 3);
    await page.locator('tbody .tag', { hasText: 'vip' }).click();
    await rows(page, 1);
  });

  it('sorts by the column whose head is pressed', async () => {
    const page = await viewer.open();
    await rows(page, 3);
    await page.getByRole('button', { name: 'Duration' }).click();
    await page.locator('th[aria-sort="descending"]', { hasText: 'Duration' }).waitFor();
    expect(await names(page)).to.deep.equal(['plan trip', 'book hotel', 'plan dinner']);
    await page.getByRole('button', { name: 'Duration' }).click();
    await page.locator('th[aria-sort="ascending"]', { hasText: 'Duration' }).waitFor();
    expect(await names(page)).to.deep.equal(['plan dinner', 'book hotel', 'plan trip']);
  });

  it('walks rows with the arrow keys, opens with Enter, and comes back to the same filter with Escape', async () => {
    const page = await viewer.open('#/traces?q=plan');
    await rows(page, 2);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'plan dinner' }).waitFor();
    await page.keyboard.press('Escape');
    await rows(page, 2);
    expect(new URL(page.url()).hash).to.equal('#/traces?q=plan');
    expect(await page.evaluate('document.activeElement.textContent')).to.equal('plan dinner');
  });

  it('opens a trace whose id is searched for', async () => {
    const id = await viewer.send(trace('by id'), 'other');
    const page = await viewer.open();
    await page.getByLabel('Project').selectOption('other');
    await rows(page, 1);
    await page.getByRole('searchbox').fill(id);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'by id' }).waitFor();
  });

  it('turns pages, and remembers the project', async () => {
    const page = await viewer.open();
    await page.getByLabel('Project').selectOption('many');
    await rows(page, 50);
    expect(await page.locator('.pager span').textContent()).to.equal('1–50 of 60');
    await page.keyboard.press('n');
    await rows(page, 10);
    expect((await names(page)).at(-1)).to.equal('run 0');
    await page.reload();
    await rows(page, 10);
    expect(await page.getByLabel('Project').inputValue()).to.equal('many');
    await page.keyboard.press('p');
    await rows(page, 50);
  });

  it('lists sessions, and filters them', async () => {
    const page = await viewer.open('#/sessions');
    await rows(page, 1);
    expect(await names(page)).to.deep.equal(['chat-7']);
    await page.getByLabel('with errors only').check();
    await page.getByText('No session fits').waitFor();
  });
});

describe('Viewer: a server that is empty', () => {
  const viewer = useViewer();

  it('says how to point an agent at it, and shows the first trace when it arrives', async () => {
    const page = await viewer.open();
    await page.getByText('No traces yet').waitFor();
    await page.getByText(`export PANDAPROBE_ENDPOINT=${viewer.url}`).waitFor();
    await page.locator('#live', { hasText: 'live' }).waitFor();
    await viewer.send(trace('first of all'), 'my-agent');
    await page.getByRole('link', { name: 'first of all' }).waitFor();
    expect(await page.getByLabel('Project').inputValue()).to.equal('my-agent');
  });

  it('explains sessions and charts as well', async () => {
    const page = await viewer.open('#/sessions');
    await page.getByText('No sessions yet').waitFor();
    await page.goto(`${viewer.url}/#/nowhere`);
    await page.getByText('There is no such page').waitFor();
    await page.goto(`${viewer.url}/#/charts`);
    await page.getByRole('heading', { name: 'Latency' }).waitFor();
  });
});
