// Run: npm run pictures
// Draws the pictures of docs/images from made-up runs, in a real Chromium against the real server.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { demoRuns } from './demo-runs.js';
import { launchChromium, Viewer } from './viewer.js';

const folder = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const project = 'bamboo-support';

/** Waits until everything is drawn and nothing moves. */
async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate('document.fonts.ready');
  await page.screenshot({ path: `${folder}${name}.png`, animations: 'disabled', caret: 'hide' });
  console.log(`docs/images/${name}.png`);
}

async function showResearch(page: Page): Promise<void> {
  await page.goto(`${viewer.url}/#/traces?project=${project}&q=research`);
  await page.locator('tbody tr', { hasText: 'li.chen' }).first().locator('a').first().click();
  await page.locator('.row', { hasText: 'write-answer' }).click();
  await page.locator('.detail h2', { hasText: 'write-answer' }).waitFor();
  await page.locator('.tree').focus();
  await page.mouse.move(5, 5);
}

const viewer = new Viewer();
await mkdir(folder, { recursive: true });
const browser = await launchChromium();
await viewer.start(browser);
try {
  for (const run of demoRuns(Date.now())) await viewer.send(run, project);
  const size = { viewport: { width: 1360, height: 800 } };
  const page = await viewer.open(`#/traces?project=${project}`, { ...size, colorScheme: 'dark' });
  await page.locator('tbody tr').nth(20).waitFor();
  await page.locator('#live', { hasText: 'live' }).waitFor();
  await picture(page, 'list');
  await showResearch(page);
  await picture(page, 'trace');
  await page.goto(`${viewer.url}/#/session/chat-2048`);
  await page.locator('.turn').nth(2).waitFor();
  await picture(page, 'session');
  await page.setViewportSize({ width: 1360, height: 1010 });
  await page.goto(`${viewer.url}/#/charts?range=3d`);
  await page.locator('.models tbody tr').first().waitFor();
  await picture(page, 'charts');

  const light = await viewer.open(`#/traces?project=${project}`, { ...size, colorScheme: 'light' });
  await light.locator('tbody tr').nth(20).waitFor();
  await showResearch(light);
  await picture(light, 'trace-light');
  await viewer.closePages();
} finally {
  await viewer.stop();
  await browser.close();
}
