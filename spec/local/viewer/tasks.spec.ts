import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Fields, span, trace, useViewer } from './viewer.js';

/** Counts what a reader presses. */
class Clicks {
  number = 0;
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async on(role: 'link' | 'button', name: string | RegExp): Promise<void> {
    this.number += 1;
    await this.page.getByRole(role, { name, exact: true }).first().click();
  }
}

const hour = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();

describe('Viewer: what one wants to know takes few clicks', () => {
  const viewer = useViewer();

  before(async () => {
    const noon = new Date().setHours(0, 0, 0, 0) - 12 * hour;
    const at = (start: number, ms: number) => ({ started_at: iso(start), ended_at: iso(start + ms) });
    const llm = (name: string, start: number, ms: number, more: Fields = {}): Fields =>
      span(name, 0, 0, { kind: 'LLM', model: 'gpt-5-mini', ...at(start, ms), ...more });
    const tool = (name: string, start: number, status: string): Fields =>
      span(name, 0, 0, { kind: 'TOOL', status, ...at(start, 50) });
    const tools = [...Array(10).keys()].map((n) => tool('search', noon + n, n === 0 ? 'ERROR' : 'OK'));
    const runs: [string, string, Fields[]][] = [
      [
        'morning',
        '2.4',
        [llm('slow', noon, 4200, { input: 'Where is the parcel?' }), llm('quick', noon, 300), ...tools],
      ],
      ['morning', '2.5', [llm('slow', noon, 2100, { input: 'Where is the letter?' }), tool('charge', noon, 'ERROR')]],
      ['today', '2.5', [llm('slowest of all', Date.now() - 1000, 900)]],
    ];
    for (const [name, release, spans] of runs) {
      await viewer.send(trace(name, { ...at(noon, 5000), release, session_id: 'chat 1', spans }));
    }
    await viewer.send(trace('in the way'), 'to delete');
  });

  it('2: the slowest LLM call of yesterday', async () => {
    const page = await viewer.open('#/traces');
    const clicks = new Clicks(page);
    await clicks.on('link', 'Steps');
    await clicks.on('link', 'Slowest LLM calls yesterday');
    const first = page.locator('tbody tr').first();
    await first.getByText('4.20 s').waitFor();
    expect(await first.locator('.name-cell a').textContent()).to.equal('slow');
    expect(await page.locator('tbody tr').count()).to.equal(3);
    expect(clicks.number).to.equal(2);
    expect(page.url()).to.include('since=yesterday');
  });

  it('2: which tool fails most', async () => {
    const page = await viewer.open('#/traces');
    const clicks = new Clicks(page);
    await clicks.on('link', 'Steps');
    await clicks.on('link', 'Tools that fail most');
    await page.locator('tbody tr', { hasText: '100.0 % (1)' }).waitFor();
    expect(await page.locator('tbody tr .name-cell').allTextContents()).to.deep.equal(['charge', 'search']);
    expect(clicks.number).to.equal(2);
    // And from there to its calls.
    await page.getByRole('link', { name: 'search' }).click();
    await page.locator('tbody tr:nth-child(10)').waitFor();
  });

  it('1 and typing: a word that went into a model', async () => {
    const page = await viewer.open('#/traces');
    await page.getByRole('searchbox').click();
    await page.keyboard.type('letter');
    await page.locator('tbody:not(:has(tr:nth-child(2))) tr', { hasText: 'morning' }).waitFor();
    expect(page.url()).to.include('q=letter');
  });

  it('3: what differs between two runs', async () => {
    const page = await viewer.open('#/traces');
    const clicks = new Clicks(page);
    await clicks.on('link', 'morning');
    await clicks.on('link', 'Compare');
    await clicks.on('link', /morning/);
    await page.getByRole('heading', { name: 'Compare', exact: true }).waitFor();
    expect(clicks.number).to.equal(3);
    expect(await page.locator('tbody tr[data-only]').count()).to.be.greaterThan(9);
    await page.getByRole('button', { name: 'slow' }).click();
    await page.locator('.diff del').first().waitFor();
    const said = [await page.locator('.diff del').textContent(), await page.locator('.diff ins').textContent()];
    expect(said.sort()).to.deep.equal(['letter', 'parcel']);
    const row = page.locator('tr', { has: page.getByRole('button', { name: 'slow' }) });
    expect(await row.locator('td').nth(1).textContent()).to.match(
      /(4\.20 s → 2\.10 s \(−50 %\)|2\.10 s → 4\.20 s \(\+100 %\))/,
    );
    // The address is all it takes to see it again.
    await page.reload();
    await page.locator('.diff del').first().waitFor();
  });

  it('3: to delete a project, which asks twice', async () => {
    const page = await viewer.open('#/traces');
    await page.getByLabel('Project', { exact: true }).selectOption('to delete');
    await page.getByRole('link', { name: 'in the way' }).waitFor();
    const clicks = new Clicks(page);
    await clicks.on('button', 'Delete this project');
    await clicks.on('button', 'Delete');
    await page.getByText('It cannot be brought back').waitFor();
    await clicks.on('button', 'Delete for good');
    await page.getByRole('link', { name: 'morning' }).first().waitFor();
    expect(clicks.number).to.equal(3);
    const { items } = await viewer.read('/local/projects');
    expect(items.map(({ name }) => name)).to.deep.equal(['demo']);
  });

  it('deletes a trace and a session, each after two questions, and keeps them when one thinks better of it', async () => {
    const id = await viewer.send(trace('unwanted', { session_id: 'a/b' }));
    const page = await viewer.open(`#/trace/${id}`);
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.goto(`${viewer.url}/#/session/a%2Fb`);
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    await page.waitForURL(/#\/sessions$/);
    const { items } = await viewer.read('/traces');
    expect(items.map(({ name }) => name)).to.not.include('unwanted');
  });
});
