// Run: node --import tsx spec/bench/viewer.bench.ts [runs]
// How long the viewer takes with one trace of 5,000 spans, in a real Chromium against the real server: until the tree is
// drawn and answers a key, until other keys are answered, and how even the frames are while one scrolls through all of it.
import type { Page } from 'playwright-core';
import { bigTrace } from '../local/viewer/big-trace.js';
import { launchChromium, Viewer } from '../local/viewer/viewer.js';

const runs = Number(process.argv[2] ?? 5);
const viewer = new Viewer();

/** Resolves in the frame after the condition came true; gives milliseconds since `from`. */
const drawn = (condition: string, from = '0') =>
  `new Promise((done) => {
    const look = () => (${condition}) ? requestAnimationFrame(() => done(performance.now() - (${from}))) : requestAnimationFrame(look);
    look();
  })`;

/** Rows are drawn, and a press of the arrow key, given to whatever has the focus, moves the selection. */
const watchUntilUsable = `
  globalThis.usable = (from) => new Promise((done) => {
    let first;
    const look = () => {
      const row = document.querySelector('.row[aria-selected="true"]')?.id;
      if (row !== undefined && first === undefined) {
        first = row;
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
        requestAnimationFrame(look);
      } else if (row !== undefined && row !== first) requestAnimationFrame(() => done(performance.now() - from));
      else requestAnimationFrame(look);
    };
    look();
  });
  globalThis.usableSinceStart = usable(0);
`;

/** Notes the time between frames, and the tasks that took longer than 50 ms. */
const watchFrames = `{
  const seen = globalThis.seen = { gaps: [], longTasks: [], isOver: false };
  new PerformanceObserver((list) => seen.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask' });
  let before = performance.now();
  const look = (now) => {
    seen.gaps.push(now - before);
    before = now;
    if (!seen.isOver) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}`;

interface Frames {
  readonly gaps: number[];
  readonly longTasks: number[];
}

async function framesDuring(page: Page, scroll: () => Promise<void>): Promise<Frames> {
  await page.evaluate('document.querySelector(".tree").scrollTop = 0');
  await page.evaluate(watchFrames);
  await scroll();
  const arrived = drawn('document.querySelector(".tree").scrollTop > 28 * 4900');
  const late =
    'new Promise((_, fail) => setTimeout(() => fail(new Error("came only to " + document.querySelector(".tree").scrollTop + " of " + document.querySelector(".tree").scrollHeight)), 5000))';
  await page.evaluate(`Promise.race([${arrived}, ${late}])`);
  const { gaps, longTasks } = (await page.evaluate('(seen.isOver = true, seen)')) as Frames;
  return { gaps: gaps.slice(1), longTasks };
}

async function byWheel(page: Page): Promise<void> {
  await page.mouse.move(300, 500);
  for (let at = 0; at < 75; at += 1) await page.mouse.wheel(0, 2000);
}

async function byScrollbar(page: Page): Promise<void> {
  const box = await page.locator('.tree').boundingBox();
  if (box === null) throw new Error('there is no tree');
  const x = box.x + box.width - 4;
  await page.mouse.move(x, box.y + 18); // below the arrow, on the thumb
  await page.mouse.down();
  await page.mouse.move(x, box.y + box.height - 2, { steps: 150 });
  await page.mouse.up();
}

async function byKeyboard(page: Page): Promise<void> {
  await page.keyboard.press('Home');
  for (let at = 0; at < 240; at += 1) await page.keyboard.press('PageDown');
  await page.keyboard.press('End');
}

const ms = (times: readonly number[], share: number) =>
  ([...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0).toFixed(0);

function line(name: string, times: readonly number[], more = ''): void {
  const figures = `median ${ms(times, 0.5).padStart(5)} ms   p95 ${ms(times, 0.95).padStart(5)} ms   most ${ms(times, 1).padStart(5)} ms`;
  console.log(`${name.padEnd(50)} ${figures}${more}`);
}

const browser = await launchChromium({ ignoreDefaultArgs: ['--hide-scrollbars'] });
await viewer.start(browser);
try {
  const { trace, batches } = bigTrace(5000);
  const id = await viewer.send(trace);
  for (const batch of batches) await viewer.sendSpans(id, batch);
  const bytes = await fetch(`${viewer.url}/traces/${id}`, {
    headers: { 'X-API-Key': 'any', 'X-Project-Name': 'demo' },
  }).then(async (answer) => (await answer.arrayBuffer()).byteLength);
  console.log(`one trace of 5,000 spans, ${(bytes / 1e6).toFixed(1)} MB of JSON; ${runs} runs\n`);

  const small = await viewer.send(bigTrace(5).trace);
  const [tiny, cold, opened, end, folded]: [number[], number[], number[], number[], number[]] = [[], [], [], [], []];
  const ways = { wheel: byWheel, 'the scrollbar': byScrollbar, 'the keyboard': byKeyboard };
  const frames = new Map(Object.keys(ways).map((name) => [name, { gaps: [], longTasks: [] } as Frames]));
  const time = async (page: Page, what: string) => (await page.evaluate(what)) as number;
  for (let run = 0; run < runs; run += 1) {
    tiny.push(await time(await viewer.open(`#/trace/${small}`, {}, watchUntilUsable), 'usableSinceStart'));
    await viewer.closePages();
    const page = await viewer.open(`#/trace/${id}`, {}, watchUntilUsable);
    cold.push(await time(page, 'usableSinceStart'));
    await page.goto(`${viewer.url}/#/traces`);
    await page.locator('tbody tr').first().waitFor();
    opened.push(await time(page, `(location.hash = '#/trace/${id}', usable(performance.now()))`));
    const press = (name: string) =>
      `(globalThis.at = performance.now(), document.querySelector('.tree').dispatchEvent(new KeyboardEvent('keydown', { key: '${name}', bubbles: true })))`;
    await page.evaluate(press('End'));
    end.push(await time(page, drawn('document.querySelector(".detail h2")?.textContent === "step 4999"', 'at')));
    await page.evaluate(press('-'));
    folded.push(await time(page, drawn('document.querySelectorAll(".row").length > 20', 'at')));
    await page.evaluate(press('*'));
    for (const [name, scroll] of Object.entries(ways)) {
      const { gaps, longTasks } = await framesDuring(page, () => scroll(page));
      frames.get(name)?.gaps.push(...gaps);
      frames.get(name)?.longTasks.push(...longTasks);
    }
    await viewer.closePages();
  }
  line('cold, a trace of 5 spans, until usable', tiny);
  line('cold, until usable', cold);
  line('from the list, until usable', opened);
  line('End, until the last span and its details are drawn', end);
  line('everything closed', folded);
  for (const [name, { gaps, longTasks }] of frames) {
    const tasks = `   ${longTasks.length} tasks over 50 ms${longTasks.length === 0 ? '' : `, longest ${ms(longTasks, 1)} ms`}`;
    line(`between frames while scrolling by ${name}`, gaps, tasks);
  }
} finally {
  await viewer.stop();
  await browser.close();
}
