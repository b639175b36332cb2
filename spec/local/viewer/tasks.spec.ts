import { readFileSync } from 'node:fs';
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

describe('Viewer: answers take few clicks', () => {
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
      /(4\.20 s → 2\.10 s \(−50\u00a0%\)|2\.10 s → 4\.20 s \(\+100\u00a0%\))/,
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
    await clicks.on('button', 'Delete all of it');
    await clicks.on('button', 'Delete');
    await page.getByText('It cannot be brought back').waitFor();
    await clicks.on('button', 'Delete for good');
    await page.getByRole('link', { name: 'morning' }).first().waitFor();
    expect(clicks.number).to.equal(3);
    const { items } = await viewer.read('/local/projects');
    expect(items.map(({ name }) => name)).to.deep.equal(['demo']);
  });

  it('deletes a trace and a session, each after two questions, and keeps them after Cancel', async () => {
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

  it('2: the fourth turn of a session', async () => {
    for (let n = 1; n <= 5; n += 1) {
      const times = { started_at: iso(n * hour), ended_at: iso(n * hour + 1000) };
      await viewer.send(trace(`turn ${n}`, { ...times, session_id: 'long talk', input: 'line\n'.repeat(60) }));
    }
    const page = await viewer.open('#/sessions');
    const clicks = new Clicks(page);
    await clicks.on('link', 'long talk');
    await clicks.on('link', 'Turn 4');
    await page.waitForURL(/turn=4/);
    expect(clicks.number).to.equal(2);
    const place = "document.querySelector('#turn-4').getBoundingClientRect().top";
    expect(await page.evaluate(`${place} >= 0 && ${place} < innerHeight`)).to.equal(true);
    expect(await page.evaluate('document.activeElement.textContent')).to.include('turn 4');
    await page.reload();
    await page.locator('#turn-4 a.turn-link:focus').waitFor();
  });

  it('2: what two releases cost', async () => {
    const page = await viewer.open('#/traces');
    const clicks = new Clicks(page);
    await clicks.on('link', 'Steps');
    await clicks.on('link', 'Releases');
    await page.locator('tbody tr:nth-child(2)').waitFor();
    expect(await page.locator('tbody .name-cell').allTextContents()).to.have.members(['2.4', '2.5']);
    await page.getByRole('button', { name: 'Cost' }).waitFor();
    expect(clicks.number).to.equal(2);
  });

  it('saves a score given by hand, and includes it in a download', async () => {
    const id = await viewer.send(trace('judged'));
    const page = await viewer.open(`#/trace/${id}`);
    await page.getByRole('button', { name: 'Score', exact: true }).click();
    await page.getByLabel('Value').fill('0.5');
    await page.getByLabel('Note').fill('half right');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.score', { hasText: '0.5' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    const path = await download.path();
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    // One line a trace, as the command `import` reads it.
    expect(lines).to.have.lengthOf(1);
    const saved = JSON.parse(String(lines[0])) as { trace_id: string; scores: { value: string; reason: string }[] };
    expect([saved.trace_id, saved.scores[0]?.value, saved.scores[0]?.reason]).to.deep.equal([id, '0.5', 'half right']);
    await page.setInputFiles('#file', path);
    await page.waitForURL(/#\/file\//);
    await page.locator('.score', { hasText: '0.5' }).waitFor();
  });

  it('changes the theme with the first press, whatever the system has', async () => {
    for (const colorScheme of ['dark', 'light'] as const) {
      const page = await viewer.open('#/traces', { colorScheme });
      const colour = 'getComputedStyle(document.body).backgroundColor';
      const before = await page.evaluate(colour);
      await page.getByRole('button', { name: 'Theme: system' }).click();
      expect(await page.evaluate(colour)).to.not.equal(before);
    }
  });
});
