// Run: npm run bench:chaos [-- seconds]
// 20,000 traces, a backend that does everything wrong that a backend can, and three restarts, one of them by kill -9: what
// finished before a kill must be there in the end, once, with its tree. Two minutes at most; exit code 1 when it is not.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Behaviour,
  type ReceivedRequest,
  type StoredTrace,
  startReceiver,
  unprocessable,
} from '../support/receiver.js';

const total = 20_000;
const limitMs = Number(process.argv[2] ?? 120) * 1000;
const startedAt = performance.now();
const elapsed = () => `${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s`;

/** Most faults of one trace. If an item fails again and again while others pass, a sender may rightly give it up. */
const maxFaults = 3;
const faults = new Map<string, number>();
const complained = new Set<string>();
const counts = new Map<string, number>();

type Mood = 'well' | 'hangs' | 'cuts' | '429' | '429 with Retry-After' | '503' | '500' | 'refuses';
const moods: readonly Mood[] = [
  'hangs',
  '429',
  'cuts',
  '503',
  'refuses',
  '429 with Retry-After',
  '500',
  'cuts',
  '503',
  'refuses',
];
let mood: Mood = 'well';

/** Faults of single requests while the backend is otherwise well. */
const singles: readonly [name: string, behaviour: Behaviour][] = [
  ['cut', 'cut'],
  ['cut after storing', 'cut-after'],
  ['hang', 'hang'],
  ['500', { status: 500, body: { detail: 'Internal server error' } }],
  ['413', { status: 413, body: { detail: 'Request Entity Too Large' } }],
  ['422', unprocessable('body -> spans -> 0 -> model')],
];

function behave(request: ReceivedRequest): Behaviour | undefined {
  if (mood !== 'well') return count(`${mood}, all`, general[mood]);
  if (Math.random() > 0.02) return undefined;
  const body = request.body as { trace_id?: string; spans?: readonly unknown[] };
  const id = body?.trace_id ?? request.path.split('/')[2] ?? '';
  if ((faults.get(id) ?? 0) >= maxFaults) return undefined;
  const [name, behaviour] = singles[Math.floor(Math.random() * singles.length)] ?? ['cut', 'cut'];
  // Only a trace with several spans can be split, or be wrong in one part.
  if ((name === '413' || name === '422') && (body?.spans?.length ?? 0) < 2) return undefined;
  // No backend complains again about a field that was removed.
  if (name === '422' && complained.has(id)) return undefined;
  if (name === '422') complained.add(id);
  faults.set(id, (faults.get(id) ?? 0) + 1);
  return count(name, behaviour);
}

const general: Readonly<Record<Exclude<Mood, 'well'>, Behaviour>> = {
  hangs: 'hang',
  cuts: 'cut',
  429: { status: 429, body: { error: 'Rate limit exceeded: 100 per 1 minute' } },
  '429 with Retry-After': { status: 429, headers: { 'Retry-After': '1' } },
  503: { status: 503 },
  500: { status: 500, body: { detail: 'Internal server error' } },
  refuses: 'cut',
};

function count<T>(name: string, value: T): T {
  counts.set(name, (counts.get(name) ?? 0) + 1);
  return value;
}

const receiver = await startReceiver({ behave, storeAfterMs: 30 });
const work = mkdtempSync(join(tmpdir(), 'chaos-'));
const numbers = join(work, 'finished');
let isOver = false;
let isListening = true;

async function changeMoods(): Promise<void> {
  for (let turn = 0; !isOver; turn += 1) {
    await wait(3000 + Math.random() * 2000);
    if (isOver) return;
    mood = moods[turn % moods.length] ?? 'well';
    if (mood === 'refuses') {
      count('connections refused', undefined);
      isListening = false;
      await receiver.refuse();
    }
    await wait(150 + Math.random() * 350);
    mood = 'well';
    if (!isListening) await receiver.listen();
    isListening = true;
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** Runs a part of the program; `kill`: kills it by a signal when this many traces have finished in total. */
async function run(
  part: number,
  then: 'stay' | 'exit',
  kill?: { readonly signal: NodeJS.Signals; readonly atFinished: number },
) {
  const from = (total / 4) * part;
  const to = part < 3 ? from + total / 4 : from + total - finished().length; // what the kill has kept from being recorded
  const program = fileURLToPath(new URL('chaos-program.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, String(from), String(to), '6000', numbers, then], {
    env: {
      ...process.env,
      PANDAPROBE_ENDPOINT: receiver.url,
      PANDAPROBE_API_KEY: 'sk_pp_chaos',
      PANDAPROBE_PROJECT_NAME: 'chaos',
      PANDAPROBE_SPOOL_DIR: join(work, 'spool'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    last = text.trim().split('\n').at(-1) ?? last;
  });
  const ended = new Promise<string>((resolve) =>
    child.on('close', (code, signal) => resolve(signal ?? `exit ${code}`)),
  );
  if (kill !== undefined) {
    while (finished().length < kill.atFinished) await wait(50);
    child.kill(kill.signal);
  }
  if (kill === undefined && then === 'stay') {
    while (
      !(last === 'pending 0' && arrived() >= finished().length) &&
      performance.now() - startedAt < limitMs - 5000
    ) {
      await wait(500);
    }
    child.kill('SIGTERM');
  }
  const how = await ended;
  console.log(
    `${elapsed()}  part ${part + 1} of 4 ended by ${how}: ${finished().length} finished, ${arrived()} arrived`,
  );
}

const finished = () => (existsSync(numbers) ? readFileSync(numbers, 'utf8') : '').split('\n').slice(0, -1).map(Number);
/** Traces acknowledged so far. */
function arrived(): number {
  const accepted = receiver.requests.filter(({ call, status }) => call === 'POST /traces' && status === 202);
  return new Set(accepted.map(({ body }) => (body as { trace_id: string }).trace_id)).size;
}

void changeMoods();
await run(0, 'stay', { signal: 'SIGKILL', atFinished: 3000 });
await run(1, 'exit');
await run(2, 'stay', { signal: 'SIGTERM', atFinished: 12_000 });
await run(3, 'stay');
isOver = true;

/** The parent of each span, unordered, because spans of the same microsecond have no order. */
function shape({ spans }: StoredTrace): string {
  const names = new Map(spans.map((span) => [span.span_id, span.name]));
  const lines = spans.map(
    ({ name, parent_span_id: parent }) => `${name} < ${parent ? (names.get(parent) ?? '?') : 'root'}`,
  );
  return lines.sort().join('\n');
}

function expected(number: number): string {
  const steps = Array.from({ length: number % 500 === 0 ? 700 : 2 }, (_, i) => `step ${i} < root`);
  return ['plan < root', 'look up < plan', ...steps].sort().join('\n');
}

const stored = new Map<string, number>();
const broken: string[] = [];
const scores = new Map<string, number>();
for (const trace of receiver.traces) {
  stored.set(trace.name, (stored.get(trace.name) ?? 0) + 1);
  scores.set(trace.name, trace.scores.length);
  if (shape(trace) !== expected(Number(trace.name.slice(1)))) broken.push(trace.name);
}
const all = finished();
const missing = all.filter((number) => !stored.has(`t${number}`));
const repeated = [...stored].filter(([, times]) => times > 1);
// A trace is noted after its score, so a kill in between may leave one score too many, but none too few.
const scored = all.filter((number) => number % 10 === 0);
const wrongScores = scored.filter((number) => scores.get(`t${number}`) !== 1);
const posts = receiver.requests.filter(({ call, status }) => call === 'POST /traces' && status === 202).length;
console.log(`${elapsed()}  faults: ${[...counts].map(([name, times]) => `${name} ${times}`).join(', ')}`);
console.log(
  `${elapsed()}  ${receiver.requests.length} requests; POST /traces accepted ${posts} times for ${stored.size} traces`,
);
console.log(
  `finished ${all.length}, arrived ${stored.size}, missing ${missing.length}, twice ${repeated.length}, broken trees ${broken.length}`,
);
console.log(`scores ${scored.length}, not exactly once ${wrongScores.length}`);
if (missing.length > 0) console.log('missing:', missing.slice(0, 20).join(' '));
if (broken.length > 0) console.log('broken:', broken.slice(0, 5).join(' '));
if (wrongScores.length > 0)
  console.log(
    'scores:',
    wrongScores
      .slice(0, 20)
      .map((number) => `t${number}: ${scores.get(`t${number}`)}`)
      .join(' '),
  );
rmSync(work, { recursive: true, force: true });
await receiver.close();
process.exit(missing.length + repeated.length + broken.length + wrongScores.length === 0 ? 0 : 1);
