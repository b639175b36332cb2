// Run: npm run build && npx tsx spec/bench/outage.ts [turns]
// The backend is down, or takes connections and never answers, for a whole run at full speed: resident memory over the same
// program without tracing, lines on stderr, and whether the counts add up.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startReceiver } from '../support/receiver.js';

interface Outcome {
  readonly rss: number;
  readonly seconds: number;
  readonly stats?: {
    created: number;
    delivered: number;
    failed: number;
    pending: number;
    droppedByReason: Record<string, number>;
  };
  readonly lines: string[];
  readonly wholeSeconds: number;
}

const turns = Number(process.argv[2] ?? 100_000);
const mostBytes = 120e6;
const program = fileURLToPath(new URL('outage-program.mjs', import.meta.url));

function run(mode: string, endpoint: string, env: Record<string, string> = {}): Promise<Outcome> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [program, mode, String(turns)], {
    env: {
      PATH: process.env.PATH ?? '',
      PANDAPROBE_ENDPOINT: endpoint,
      PANDAPROBE_API_KEY: 'sk_pp_outage',
      PANDAPROBE_PROJECT_NAME: 'outage',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => {
    child.on('close', () => {
      const wholeSeconds = (performance.now() - startedAt) / 1000;
      resolve({ ...JSON.parse(stdout), lines: stderr.split('\n').filter((line) => line !== ''), wholeSeconds });
    });
  });
}

const receiver = await startReceiver({ behave: () => 'hang' });
const spool = mkdtempSync(join(tmpdir(), 'outage-'));
const bare = await run('bare', receiver.url);
console.log(`${turns} turns of 6 spans\nbare: ${(bare.rss / 1e6).toFixed(0)} MB, ${bare.seconds.toFixed(1)} s`);
let isMissed = false;
for (const [title, endpoint, env] of [
  ['never answers', receiver.url, {}],
  ['refuses connections', 'http://127.0.0.1:9', {}],
  ['refuses connections, with a spool', 'http://127.0.0.1:9', { PANDAPROBE_SPOOL_DIR: spool }],
] as const) {
  const { rss, seconds, stats, lines, wholeSeconds } = await run('traced', endpoint, env);
  const { created = 0, delivered = 0, failed = 0, pending = 0, droppedByReason = {} } = stats ?? {};
  const lost = Object.values(droppedByReason).reduce((sum, count) => sum + count, 0);
  const isSum = created === turns && created === delivered + failed + pending + lost;
  isMissed ||= rss - bare.rss > mostBytes || !isSum;
  console.log(
    `${title}: +${((rss - bare.rss) / 1e6).toFixed(0)} MB (bar 120), ${seconds.toFixed(1)} s recording, ${(wholeSeconds - seconds).toFixed(1)} s around it; ` +
      `created ${created} = delivered ${delivered} + failed ${failed} + pending ${pending} + dropped ${JSON.stringify(droppedByReason)}: ${isSum}; ${lines.length} lines`,
  );
  for (const line of lines) console.log(`  ${line}`);
}
rmSync(spool, { recursive: true, force: true });
await receiver.close();
process.exit(isMissed ? 1 : 0);
