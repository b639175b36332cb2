import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { trace, useViewer } from './viewer.js';

const rows = (page: Page, count: number) =>
  page.locator(`tbody:not(:has(tr:nth-child(${count + 1}))) tr:nth-child(${count})`).waitFor();
const hash = (page: Page) => new URL(page.url()).hash;

describe('Viewer: the text in the search box', () => {
  const viewer = useViewer();

  before(async () => {
    await viewer.send(trace('of Ann', { user_id: 'Ann Smith', session_id: 'chat 7' }));
    await viewer.send(trace('of Bob', { user_id: 'bob', status: 'ERROR' }));
    await viewer.send(trace('of Bo', { user_id: 'bo' }));
  });

  async function typed(text: string): Promise<Page> {
    const page = await viewer.open();
    await rows(page, 3);
    await page.getByRole('searchbox').fill(text);
    await page.keyboard.press('Enter');
    return page;
  }

  it('may have a value in quotes, and the status of a successful run', async () => {
    const page = await typed('of user:"Ann Smith" session:"chat 7"');
    await rows(page, 1);
    expect(hash(page)).to.equal('#/traces?q=of&user=Ann+Smith&session=chat+7');
    const well = await typed('status:ok');
    await rows(well, 2);
    expect(hash(well)).to.equal('#/traces?status=COMPLETED');
    expect(await well.getByLabel('Status').inputValue()).to.equal('COMPLETED');
  });

  it('stays there if no filter can express it', async () => {
    const pattern = await typed('user:bo*');
    await rows(pattern, 2);
    expect(hash(pattern)).to.equal('#/traces?q=user%3Abo*');
    const both = await typed('user:bo user:bob');
    await rows(both, 2);
    viewer.forgive(); // the browser reports the 422
    const unknown = await typed('status:nope');
    await unknown.getByText('status:nope is not known').waitFor();
    await rows(unknown, 3);
  });

  it('may be the name of a part of every object', async () => {
    const page = await viewer.open();
    await rows(page, 3);
    for (const text of ['constructor:x', '__proto__:x', 'toString:']) await page.getByRole('searchbox').fill(text);
    await page.getByText('No trace fits').waitFor();
  });
});
