import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { at, span, trace, useViewer } from './viewer.js';

const said = (role: string, content: string) => ({ messages: [{ role, content }] });

describe('Viewer: a session', () => {
  const viewer = useViewer();

  it('is one conversation over its traces, in the order they began', async () => {
    const session = { session_id: 'chat 7/ä', user_id: 'mina' };
    const failed = span('charge', 5100, 5200, { kind: 'TOOL', status: 'ERROR', error: 'card declined' });
    await viewer.send(
      trace('turn', {
        ...session,
        started_at: at(5000),
        ended_at: at(6000),
        status: 'ERROR',
        input: said('user', 'Pay it.'),
        spans: [failed],
      }),
    );
    const first = await viewer.send(
      trace('turn', {
        ...session,
        input: said('user', 'Hello?'),
        output: said('assistant', 'Good day.'),
        spans: [span('a', 0, 5, { kind: 'LLM' })],
      }),
    );
    const page = await viewer.open('#/sessions');
    await page.getByRole('link', { name: 'chat 7/ä' }).click();
    await page.locator('.turn').nth(1).waitFor();
    const turns = await page.locator('.turn').all();
    const texts = await Promise.all(turns.map((turn) => turn.locator('.said, .error-box').allTextContents()));
    expect(texts).to.deep.equal([
      ['Hello?', 'Good day.'],
      ['Pay it.', '✕ Error in chargecard declined'],
    ]);
    expect(await page.locator('.fact').allTextContents()).to.include.members([
      'Traces2',
      'Usermina',
      'Time in traces2.00 s',
    ]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'turn' }).waitFor();
    expect(page.url()).to.include(first);
    await page.keyboard.press('Escape');
    await page.locator('.turn').first().waitFor();
  });
});

describe('Viewer: charts', () => {
  const viewer = useViewer();
  const hour = 3_600_000;

  it('count traces, errors, tokens and cost by hour, and what each model used', async () => {
    const now = Date.now();
    const time = (ms: number) => new Date(now - ms).toISOString();
    const usage = {
      kind: 'LLM',
      model: 'gpt-5-mini',
      token_usage: { prompt_tokens: 100, completion_tokens: 20 },
      cost: { total: 0.5 },
    };
    for (const [ago, status] of [
      [0.1, 'COMPLETED'],
      [2, 'ERROR'],
      [2.01, 'COMPLETED'],
    ] as const) {
      const times = { started_at: time(ago * hour), ended_at: time(ago * hour - 2000) };
      await viewer.send(trace('run', { status, ...times, spans: [span('ask', 0, 1, { ...usage, ...times })] }));
    }
    const big = { kind: 'LLM', model: 'big', cost: { total: 2 }, started_at: time(3 * hour), ended_at: time(3 * hour) };
    const several = ['a', 'b', 'c', 'd'].map((model) => span('ask', 0, 1, { ...big, model, cost: { total: 0.01 } }));
    const times = { started_at: time(3 * hour), ended_at: time(3 * hour - 1000) };
    await viewer.send(trace('by model', { ...times, spans: [span('ask', 0, 1, big), ...several] }), 'models');
    const page = await viewer.open('#/charts');
    const sums = page.locator('figure .sum');
    await sums.nth(4).waitFor();
    expect(await sums.allTextContents()).to.deep.equal([
      '3, 1 failed (33.3 %)',
      'slowest p99 2.00 s',
      '360',
      '360',
      '$1.50',
    ]);
    expect(await page.locator('.models tbody tr').allTextContents()).to.deep.equal(['gpt-5-mini3360$1.50']);
    await page.locator('figure').nth(2).getByText('As a table').click();
    const cells = page.locator('figure').nth(2).locator('tbody td');
    await cells.first().waitFor();
    expect(await cells.allTextContents()).to.satisfy((texts: string[]) => {
      return texts.map(Number).reduce((sum, cell) => sum + cell, 0) === 360;
    });
    await page.locator('figure').first().locator('.plot').hover();
    await page.locator('.tip:visible').first().waitFor();
    expect(await page.locator('.tip:visible').allTextContents()).to.have.lengthOf(1);
    await page.getByLabel('Project').selectOption('models');
    await sums.filter({ hasText: '$2.04' }).waitFor();
    expect(await page.locator('figure').last().locator('.legend').textContent()).to.match(/^big(.*)others$/);
    await page.getByLabel('Project').selectOption('demo');
    await page.getByLabel('Time shown').selectOption('1y');
    await page.waitForURL(/range=1y/);
    await page.locator('figure .sum', { hasText: '3, 1 failed' }).waitFor();
  });
});

describe('Viewer: charts of releases and environments', () => {
  const viewer = useViewer();

  before(async () => {
    const now = Date.now();
    const time = (ms: number) => new Date(now - ms).toISOString();
    const runs: [string, number, string][] = [
      ['2.4', 4000, 'COMPLETED'],
      ['2.4', 4000, 'ERROR'],
      ['2.5', 1000, 'COMPLETED'],
    ];
    for (const [at, [release, took, status]] of runs.entries()) {
      const times = { started_at: time(60_000 * (9 - at)), ended_at: time(60_000 * (9 - at) - took) };
      const ask = span('ask', 0, 1, {
        ...times,
        kind: 'LLM',
        token_usage: { prompt_tokens: took },
        cost: { total: took },
      });
      await viewer.send(trace('run', { ...times, status, release, environment: 'prod', spans: [ask] }));
    }
  });

  it('draw the last ones beside each other, with the totals of each', async () => {
    const page = await viewer.open('#/charts');
    await page.getByLabel('Compare').selectOption('By release');
    const charts = page.locator('figure');
    await charts.filter({ hasText: 'Latency p50' }).waitFor();
    expect(await charts.locator('.sum').allTextContents()).to.deep.equal([
      '2.5: 1, 2.4: 2',
      '2.5: 0 %, 2.4: 50 %',
      ...['2.5: 1.00 s, 2.4: 4.00 s', '2.5: 1.00 s, 2.4: 4.00 s'],
      '2.5: 1,000, 2.4: 4,000',
      '2.5: $1,000.00, 2.4: $4,000.00',
    ]);
    expect(page.url()).to.include('by=release');
    await page.reload();
    await charts.filter({ hasText: 'Latency p50' }).waitFor();
    await page.getByLabel('Compare').selectOption('By environment');
    await charts.first().locator('.sum', { hasText: 'prod: 3' }).waitFor();
    await page.getByLabel('Compare').selectOption('All together');
    await charts.first().locator('.sum', { hasText: '3, 1 failed' }).waitFor();
  });
});

describe('Viewer: theme and help', () => {
  const viewer = useViewer();
  const background = (page: Page) => page.evaluate('getComputedStyle(document.body).backgroundColor');

  it('follows the system, and remembers the choice of the switch', async () => {
    const page = await viewer.open('', { colorScheme: 'light' });
    const light = await background(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await background(page);
    expect(dark).not.to.equal(light);
    await page.getByRole('button', { name: 'Theme: system' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    expect(await background(page)).to.equal(light);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    expect(await background(page)).to.equal(light);
  });

  it('lists its keys with ?, and closes the dialog with Escape', async () => {
    const page = await viewer.open();
    await page.locator('main > *').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });
});

describe('Viewer: trace files', () => {
  const viewer = useViewer();

  it('saves a trace, and shows a saved one without storing it', async () => {
    const id = await viewer.send(trace('kept', { spans: [span('one', 0, 5), span('two', 5, 9)] }));
    const page = await viewer.open(`#/trace/${id}`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).to.equal(`trace-${id}.json`);
    const saved = JSON.parse(await readFile(await download.path(), 'utf8'));
    saved.name = 'from a file';
    const file = (name: string, text: string) => ({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
    const field = page.locator('#file');
    await field.setInputFiles(file('one.json', JSON.stringify(saved)));
    await page.getByRole('heading', { level: 1, name: 'from a file' }).waitFor();
    expect(await page.locator('.row .name').allTextContents()).to.deep.equal(['from a file', 'one', 'two']);

    await field.setInputFiles(
      file(
        'two.jsonl',
        `${JSON.stringify({ ...saved, name: 'first line' })}\n${JSON.stringify({ name: 'bare', started_at: at(0) })}\n`,
      ),
    );
    await page.getByRole('link', { name: 'bare' }).click();
    await page.getByRole('heading', { level: 1, name: 'bare' }).waitFor();

    await field.setInputFiles(file('bad.json', '{"not": "a trace"}'));
    await page.getByText('bad.json: there is no trace in it.').waitFor();
    await page.goto(`${viewer.url}/#/traces`);
    await page.locator('tbody tr').first().waitFor();
    expect(await page.locator('tbody tr').count()).to.equal(1);
  });
});
