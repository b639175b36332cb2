import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { bigTrace } from './big-trace.js';
import { useViewer } from './viewer.js';

const rowCount = (page: Page) => page.locator('.row').count();

describe('Viewer: a trace of 5,000 spans', () => {
  const viewer = useViewer();
  let id = '';

  before(async () => {
    const { trace, batches } = bigTrace(5000);
    id = await viewer.send(trace);
    for (const batch of batches) await viewer.sendSpans(id, batch);
  });

  it('has only the rows near the window in the document, and can scroll to all', async () => {
    const page = await viewer.open(`#/trace/${id}`);
    await page.locator('.row[aria-selected="true"]').waitFor();
    expect(await page.locator('.fact', { hasText: 'Spans' }).locator('dd').textContent()).to.equal('5,000');
    expect(await rowCount(page)).to.be.within(20, 80);
    expect(await page.evaluate('document.querySelector(".canvas").clientHeight / 28')).to.equal(5001);
    expect(await page.evaluate('document.querySelectorAll("*").length')).to.be.lessThan(1500);

    await page.keyboard.press('End');
    await page.locator('.row[aria-selected="true"]', { hasText: 'step 4999' }).waitFor();
    await page.locator('.detail h2', { hasText: 'step 4999' }).waitFor();
    expect(await rowCount(page)).to.be.within(20, 80);

    await page.evaluate('document.querySelector(".tree").scrollTop = 28 * 2500');
    await page.locator('.row', { hasText: 'step 2500' }).waitFor();
    // The selected row stays: it is what the focus is on.
    expect(await page.locator('.row[aria-selected="true"] .name').textContent()).to.equal('step 4999');
    expect(await rowCount(page)).to.be.within(20, 81);
  });

  it('is searched and folded as a whole', async () => {
    const page = await viewer.open(`#/trace/${id}`);
    await page.locator('.row[aria-selected="true"]').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('step 4321');
    await page.keyboard.press('Enter');
    await page.locator('.detail h2', { hasText: 'step 4321' }).waitFor();
    await page.getByRole('button', { name: 'Close all' }).click();
    expect(await page.evaluate('document.querySelector(".canvas").clientHeight / 28')).to.be.lessThan(1000);
    await page.getByRole('button', { name: 'Open all' }).click();
    expect(await page.evaluate('document.querySelector(".canvas").clientHeight / 28')).to.equal(5001);
  });

  it('may be one chain as deep as it is long', async () => {
    const { trace, batches } = bigTrace(3000, (at) => at - 1);
    const deep = await viewer.send(trace);
    for (const batch of batches) await viewer.sendSpans(deep, batch);
    const page = await viewer.open(`#/trace/${deep}`);
    await page.locator('.row[aria-selected="true"]').waitFor();
    await page.keyboard.press('End');
    await page.locator('.detail h2', { hasText: 'step 2999' }).waitFor();
  });
});
