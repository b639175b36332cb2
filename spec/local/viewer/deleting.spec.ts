import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { trace, useViewer } from './viewer.js';

const rows = (page: Page, count: number) =>
  page.locator(`tbody:not(:has(tr:nth-child(${count + 1}))) tr:nth-child(${count})`).waitFor();
const hash = (page: Page) => new URL(page.url()).hash;

describe('Viewer: a page of a list that no longer exists', () => {
  const viewer = useViewer();

  it('becomes the last page', async () => {
    for (let each = 0; each < 51; each += 1) await viewer.send(trace(`run ${each}`));
    const page = await viewer.open('#/traces?offset=50');
    await rows(page, 1);
    await page.locator('tbody a').first().click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    for (const label of ['Delete', 'Delete for good'])
      await page.locator('dialog').getByRole('button', { name: label, exact: true }).click();
    await rows(page, 50);
    expect([hash(page), await page.locator('.pager span').textContent()]).to.deep.equal(['#/traces', '1–50 of 50']);
    const beyond = await viewer.open('#/traces?offset=5000&q=run');
    await rows(beyond, 50);
  });
});

describe('Viewer: a double click', () => {
  const viewer = useViewer();

  it('counts as one answer to the question whether to delete', async () => {
    const page = await viewer.open(`#/trace/${await viewer.send(trace('kept'))}`);
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.locator('dialog').getByRole('button', { name: 'Delete', exact: true }).dblclick();
    await page.getByRole('button', { name: 'Delete for good' }).waitFor();
    await page.waitForTimeout(300);
    await page.getByRole('button', { name: 'Keep it' }).click();
    expect((await viewer.read('/traces')).items).to.have.lengthOf(1);
  });

  it('saves a score once, and does not save an invalid one', async () => {
    const id = await viewer.send(trace('scored'));
    const page = await viewer.open(`#/trace/${id}`);
    await page.route('**/evaluations/trace-scores', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await route.continue();
    });
    await page.getByRole('button', { name: 'Score', exact: true }).click();
    viewer.forgive(); // the browser reports the 422
    await page.getByLabel('Value').fill('5');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('NUMERIC score must be between 0 and 1').waitFor();
    await page.getByLabel('Value').fill('0.5');
    await page.getByRole('button', { name: 'Save' }).dblclick();
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.waitForTimeout(500);
    expect((await viewer.read(`/evaluations/trace-scores?trace_id=${id}`)).items).to.have.lengthOf(1);
  });
});
