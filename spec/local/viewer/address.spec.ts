import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { trace, useViewer } from './viewer.js';

describe('Viewer: a project that the address names before it has a trace', () => {
  const viewer = useViewer();

  it('is shown until its first trace comes, whatever else comes', async () => {
    const own = `mine ${randomUUID()}`;
    await viewer.send(trace('first of another'), 'another');
    const page = await viewer.open(`#/traces?project=${encodeURIComponent(own)}`);
    await page.getByText('No traces yet').waitFor();
    await page.locator('#live', { hasText: 'live' }).waitFor();
    await viewer.send(trace('first of a third'), `third ${randomUUID()}`);
    await page.waitForTimeout(1000);
    expect(await page.getByLabel('Project', { exact: true }).inputValue()).to.equal(own);
    await viewer.send(trace('mine at last'), own);
    await page.getByRole('link', { name: 'mine at last' }).waitFor();
  });
});
