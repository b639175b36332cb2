// Run: npm run build && npx tsx spec/bench/exit.ts
// What tracing adds to the end of a process: from the last line of the program until the process is gone, less the same
// without tracing. Median and worst of several runs.
import { spawn } from 'node:child_process';
import { startReceiver } from '../support/receiver.js';

const runs = 9;
const exitTimeoutMs = 1000;
const receiver = await startReceiver();

const record = (count: number, before = '') => `
  import { withTrace, withSpan, flush } from 'pandaprobe-ts';
  const text = 'x'.repeat(500);
  ${before}
  for (let i = 0; i < ${count}; i += 1) withTrace('agent', { input: text }, () => withSpan('step', () => text));`;
const programs: readonly {
  readonly title: string;
  readonly code: string;
  readonly url?: string;
  readonly most?: number;
}[] = [
  { title: 'bare', code: '' },
  { title: '100 queued, healthy', code: record(100), most: 500 },
  {
    title: '100 queued, unreachable',
    code: record(100),
    url: 'http://127.0.0.1:9',
    most: exitTimeoutMs + 500,
  },
  { title: '100 queued, never answers', code: `${record(100)}`, url: 'hang', most: exitTimeoutMs + 500 },
  { title: 'nothing queued, nothing ever recorded', code: `import { init } from 'pandaprobe-ts'; init();`, most: 5 },
  { title: 'nothing queued, all was flushed', code: `${record(10)}\n  await flush();`, most: 5 },
];

function once(code: string, url: string, isHanging: boolean): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `${code}\nprocess.stdout.write(String(performance.timeOrigin + performance.now())); process.exit(0);`,
    ],
    {
      env: {
        PATH: process.env.PATH ?? '',
        PANDAPROBE_ENDPOINT: url,
        PANDAPROBE_API_KEY: 'sk_pp_exit',
        PANDAPROBE_PROJECT_NAME: 'exit',
        PANDAPROBE_EXIT_TIMEOUT: String((url === receiver.url && !isHanging ? 5000 : exitTimeoutMs) / 1000),
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  let goneAt = 0;
  child.on('exit', () => {
    goneAt = performance.timeOrigin + performance.now();
  });
  return new Promise((resolve) => {
    child.on('close', () => resolve(goneAt - Number(stdout)));
  });
}

let bare = 0;
let isMissed = false;
for (const { title, code, url = receiver.url, most } of programs) {
  const times: number[] = [];
  receiver.behave = () => (url === 'hang' ? 'hang' : undefined);
  for (let i = 0; i < runs; i += 1) times.push(await once(code, url === 'hang' ? receiver.url : url, url === 'hang'));
  times.sort((a, b) => a - b);
  const median = times[runs >> 1] ?? 0;
  if (most === undefined) bare = median;
  const added = median - bare;
  isMissed ||= most !== undefined && added > most;
  const bar = most === undefined ? '' : `, bar ${most}`;
  console.log(`${title}: +${added.toFixed(1)} ms (worst +${((times.at(-1) ?? 0) - bare).toFixed(1)}${bar})`);
}
await receiver.close();
process.exit(isMissed ? 1 : 0);
