import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { span, trace, useViewer } from './viewer.js';

const rows = (page: Page, count: number) =>
  page.locator(`tbody:not(:has(tr:nth-child(${count + 1}))) tr:nth-child(${count})`).waitFor();

describe('Viewer: the list of steps', () => {
  const viewer = useViewer();

  before(async () => {
    const call = (name: string, model: string) => span(name, 0, 10, { kind: 'LLM', model });
    await viewer.send(
      trace('calls', { spans: [call('one', 'Llama 3 70B'), call('two', 'gpt-5'), call('three', 'Llama')] }),
    );
  });

  it('keeps the search text when one goes to tools and models', async () => {
    const page = await viewer.open('#/steps');
    await rows(page, 3);
    await page.getByRole('searchbox').fill('model:gpt-5');
    await page.keyboard.press('Enter');
    await rows(page, 1);
    await page.getByRole('link', { name: 'Models' }).click();
    await page.waitForFunction(`location.hash === ${JSON.stringify('#/steps?q=model%3Agpt-5&by=model')}`);
    await rows(page, 1);
    expect(await page.locator('tbody .name-cell').textContent()).to.equal('gpt-5');
  });

  it('leads to the steps of a model whose name has spaces', async () => {
    const page = await viewer.open('#/steps');
    await rows(page, 3);
    await page.getByRole('link', { name: 'Llama 3 70B' }).click();
    await rows(page, 1);
    expect(await page.locator('tbody .name-cell a').textContent()).to.equal('one');
  });
});
