// Run: npm run build && node --import tsx spec/bench/live.bench.ts [runs]
// How soon a reader sees what a program does: four steps of 1.5 s, a local server, the viewer in Chromium. From the moment the
// program says so until it stands on the page, by the clock of this machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { launchChromium, Viewer } from '../local/viewer/viewer.js';

const program = fileURLToPath(new URL('../local/viewer/live-steps.mjs', import.meta.url));
const runs = Number(process.argv[2] ?? 3);
const [steps, stepMs] = [4, 1500];

/** Notes in the page when each thing is first seen. */
const watch = `
  window.seen = {};
  const note = (what) => { window.seen[what] ??= Date.now(); };
  const look = () => {
    for (const row of document.querySelectorAll('tbody tr, .trace-head'))
      if (row.textContent.includes('running')) note('running');
    for (const row of document.querySelectorAll('.row')) {
      const name = row.querySelector('.name')?.textContent ?? '';
      if (/\\d/.test(row.querySelector('.took')?.textContent ?? '')) note(name);
    }
  };
  addEventListener('DOMContentLoaded', () =>
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true }));
`;

const viewer = new Viewer();
const browser = await launchChromium();
await viewer.start(browser);
try {
  for (let run = 1; run <= runs; run += 1) {
    const page = await viewer.open('#/traces', {}, watch);
    await page.locator('#live', { hasText: 'live' }).waitFor();
    const name = `live agent ${run}`;
    const child = spawn(process.execPath, [program, String(steps), name], {
      env: {
        ...process.env,
        ...{ PANDAPROBE_ENDPOINT: viewer.url, PANDAPROBE_API_KEY: 'any', PANDAPROBE_PROJECT_NAME: 'demo' },
        PANDAPROBE_LIVE: 'true',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const done = new Map<string, number>();
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { what, at } = JSON.parse(line) as { what: string; at: number };
      done.set(what, at);
    });
    const ended = once(child, 'close');
    await page.getByRole('link', { name }).first().click();
    for (let step = 0; step < steps; step += 1) {
      await sleep(stepMs);
      child.stdin.write('\n');
    }
    await ended;
    await page.locator('.trace-head .status', { hasText: 'completed' }).waitFor();
    const seen = (await page.evaluate('window.seen')) as Record<string, number>;
    const took = [...done].map(([what, at]) => `${what} ${(seen[what] ?? Number.NaN) - at} ms`);
    console.log(`run ${run}, load ${loadavg()[0]?.toFixed(1)}: seen after: ${took.join(', ')}`);
    await viewer.closePages();
  }
} finally {
  await viewer.stop();
  await browser.close();
}
