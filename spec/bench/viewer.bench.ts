// Run: node --import tsx spec/bench/viewer.bench.ts
// How long the viewer takes with one trace of 5,000 spans, in a real Chromium against the real server: until the tree
// can be used, until a key press is answered, and how even the frames are while the tree scrolls.
import { bigTrace } from '../local/viewer/big-trace.js';
import { Viewer } from '../local/viewer/viewer.js';

const runs = 7;
const viewer = new Viewer();

/** Resolves after the frame in which the condition came true has been drawn; gives milliseconds since `from`. */
const drawn = (condition: string, from = '0') =>
  `new Promise((done) => {
    const look = () => (${condition}) ? requestAnimationFrame(() => done(performance.now() - (${from}))) : requestAnimationFrame(look);
    look();
  })`;

const scroll = `new Promise((done) => {
  const tree = document.querySelector('.tree');
  const frames = [];
  let before = performance.now();
  const step = (now) => {
    frames.push(now - before);
    before = now;
    tree.scrollTop += 700;
    if (frames.length < 180) requestAnimationFrame(step);
    else done(frames.slice(1));
  };
  requestAnimationFrame(step);
})`;

function line(name: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(0);
  console.log(
    `${name.padEnd(58)} median ${at(0.5).padStart(5)} ms   p95 ${at(0.95).padStart(5)} ms   most ${at(1).padStart(5)} ms`,
  );
}

await viewer.start();
try {
  const { trace, batches } = bigTrace(5000);
  const id = await viewer.send(trace);
  for (const batch of batches) await viewer.sendSpans(id, batch);
  const bytes = await fetch(`${viewer.url}/traces/${id}`, {
    headers: { 'X-API-Key': 'any', 'X-Project-Name': 'demo' },
  }).then(async (answer) => (await answer.arrayBuffer()).byteLength);
  console.log(`one trace of 5,000 spans, ${(bytes / 1e6).toFixed(1)} MB of JSON; ${runs} runs\n`);

  const small = await viewer.send(bigTrace(5).trace);
  const [tiny, cold, opened, key, folded, frames]: number[][] = [[], [], [], [], [], []];
  for (let run = 0; run < runs; run += 1) {
    const first = await viewer.open(`#/trace/${small}`);
    tiny?.push((await first.evaluate(drawn('document.querySelector(".row[aria-selected=true]")'))) as number);
    await viewer.closePages();
    const page = await viewer.open(`#/trace/${id}`);
    cold?.push((await page.evaluate(drawn('document.querySelector(".row[aria-selected=true]")'))) as number);
    await page.goto(`${viewer.url}/#/traces`);
    await page.locator('tbody tr').first().waitFor();
    const open = `(globalThis.at = performance.now(), location.hash = '#/trace/${id}')`;
    await page.evaluate(open);
    opened?.push(
      (await page.evaluate(drawn('document.querySelector(".row[aria-selected=true]")', 'globalThis.at'))) as number,
    );
    const press = (name: string) =>
      `(globalThis.at = performance.now(), document.querySelector('.tree').dispatchEvent(new KeyboardEvent('keydown', { key: '${name}', bubbles: true })))`;
    await page.evaluate(press('End'));
    key?.push(
      (await page.evaluate(
        drawn('document.querySelector(".detail h2")?.textContent === "step 4999"', 'globalThis.at'),
      )) as number,
    );
    await page.evaluate(press('-'));
    folded?.push(
      (await page.evaluate(drawn('document.querySelectorAll(".row").length > 20', 'globalThis.at'))) as number,
    );
    await page.evaluate(press('*'));
    await page.evaluate('document.querySelector(".tree").scrollTop = 0');
    frames?.push(...((await page.evaluate(scroll)) as number[]));
    await viewer.closePages();
  }
  line('the same page with a trace of 5 spans', tiny ?? []);
  line('page loaded from nothing, until the tree can be used', cold ?? []);
  line('opened from the list, until the tree can be used', opened ?? []);
  line('End pressed, until the last span and its details are drawn', key ?? []);
  line('everything closed', folded ?? []);
  line('frames while scrolling 25 rows a frame', frames ?? []);
} finally {
  await viewer.stop();
}
