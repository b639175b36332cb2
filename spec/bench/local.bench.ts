// Run: npm run build && node --import tsx spec/bench/local.bench.ts [seconds] [traces in the file for the read times]
// Load: 2,000 traces a second of six spans each from two client processes, which need processor time as well: what the
// server took of it is told apart. Then how long reads take with 100,000 traces.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuOf } from './processes.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const seconds = Number(process.argv[2] ?? 30);
const wanted = Number(process.argv[3] ?? 100_000);
const headers = { 'X-API-Key': 'k', 'X-Project-Name': 'load' };

async function start(
  file: string,
): Promise<{ readonly child: ChildProcess; readonly url: string; readonly engine: string }> {
  const child = spawn(
    process.execPath,
    [join(root, 'dist/esm/cli.js'), 'local', '--json', '--port', '0', '--file', file],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const line = await new Promise<string>((resolve) => child.stdout?.once('data', (data) => resolve(String(data))));
  return { child, ...(JSON.parse(line) as { url: string; engine: string }) }; // the command's own line
}

async function load(url: string, rate: number, forSeconds: number, days: number) {
  const args = [
    '--import',
    'tsx',
    join(root, 'spec/bench/local-load.ts'),
    url,
    String(rate),
    String(forSeconds),
    String(days),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Record<'made' | 'acknowledged' | 'failed' | 'tookMs' | 'cpuMs', number>;
}

/** Resident memory in MB, where the system tells. */
function memoryOf(child: ChildProcess): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

async function total(url: string): Promise<number> {
  const answer = await fetch(`${url}/traces?limit=1`, { headers });
  return ((await answer.json()) as { total: number }).total;
}

/** How many traces are not searched yet. */
async function indexing(url: string): Promise<number> {
  const answer = await fetch(`${url}/local/traces?limit=1`, { headers });
  return ((await answer.json()) as { indexing: number }).indexing;
}

/** Best and middle of some runs, and what the server's processor did for one, which other programs hardly change. In milliseconds. */
async function time(url: string, path: string, server: ChildProcess): Promise<string> {
  const times: number[] = [];
  const runs = 11;
  const cpuBefore = cpuOf(server);
  for (let run = 0; run < runs; run += 1) {
    const startedAt = performance.now();
    const answer = await fetch(url + path, { headers });
    await answer.arrayBuffer();
    times.push(performance.now() - startedAt);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  }
  const processor = (cpuOf(server) - cpuBefore) / runs;
  times.sort((a, b) => a - b);
  const [best, middle, own] = [times[0], times[Math.floor(runs / 2)], processor].map((ms) =>
    ms?.toFixed(1).padStart(7),
  );
  return `best ${best} ms   middle ${middle} ms   processor ${own} ms`;
}

const folder = await mkdtemp(join(tmpdir(), 'local-bench-'));
const file = join(folder, 'traces.db');
const { child, url, engine } = await start(file);
try {
  console.log(`Node ${process.versions.node}, ${engine}`);
  const memory: number[] = [];
  const watch = setInterval(() => memory.push(memoryOf(child)), 1000);
  const [loadBefore, cpuBefore] = [loadavg()[0] ?? 0, cpuOf(child)];
  const clients = await Promise.all([load(url, 1000, seconds, 0), load(url, 1000, seconds, 0)]);
  clearInterval(watch);
  const serverMs = cpuOf(child) - cpuBefore;
  const sum = (pick: (client: (typeof clients)[number]) => number) =>
    clients.reduce((all, each) => all + pick(each), 0);
  const tookMs = Math.max(...clients.map((each) => each.tookMs));
  const [made, acknowledged, stored] = [sum((each) => each.made), sum((each) => each.acknowledged), await total(url)];
  console.log(`sent ${made}, acknowledged ${acknowledged}, stored ${stored}, lost ${acknowledged - stored}`);
  console.log(`in ${(tookMs / 1000).toFixed(1)} s: ${Math.round((made / tookMs) * 1000)} traces a second`);
  const perTrace = (ms: number) => `${(ms / made).toFixed(3)} ms`;
  const clientMs = sum((each) => each.cpuMs);
  console.log(`processor time of a trace: server ${perTrace(serverMs)}, clients ${perTrace(clientMs)}`);
  console.log(`load of the machine: ${loadBefore.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`);
  const at = (share: number) => memory[Math.floor((memory.length - 1) * share)]?.toFixed(0);
  console.log(`memory after a third ${at(0.33)} MB, at the end ${at(1)} MB, most ${Math.max(...memory).toFixed(0)} MB`);

  const missing = wanted - stored;
  if (missing > 0) await Promise.all([load(url, 3000, missing / 6000, 30), load(url, 3000, missing / 6000, 30)]);
  // What is searched is taken in after the answers.
  const indexingAt = performance.now();
  while ((await indexing(url)) > 0) await new Promise((resolve) => setTimeout(resolve, 500));
  console.log(`\nindexed ${((performance.now() - indexingAt) / 1000).toFixed(0)} s after the last answer`);
  console.log(`${await total(url)} traces, file ${((await stat(file)).size / 1e6).toFixed(0)} MB`);
  const month = new Date(Date.now() - 31 * 86_400_000).toISOString();
  const times = `started_after=${month}&started_before=${new Date().toISOString()}`;
  const reads = {
    'list, newest': '/traces',
    'list, page 1000': '/traces?offset=50000',
    'list by latency': '/traces?sort_by=latency',
    'list by name': '/traces?sort_by=name&sort_order=asc',
    'filter: status': '/traces?status=ERROR',
    'filter: user': '/traces?user_id=user-7',
    'filter: session': '/traces?session_id=session-7',
    'filter: tag': '/traces?tags=tag-3',
    'filter: tag and status': '/traces?tags=tag-3&status=ERROR',
    'filter: last day': `/traces?started_after=${new Date(Date.now() - 86_400_000).toISOString()}`,
    'search: common name': '/traces?name=Support',
    'search: rare name': '/traces?name=agent-96',
    'search: no such name': '/traces?name=zzzz',
    'search, by latency': '/traces?name=support&sort_by=latency',
    'words: in every trace': '/local/traces?filter=weather',
    'words: a phrase': '/local/traces?filter=%22about+the+weather%22',
    'words: rare': '/local/traces?filter=user-799',
    'words: in none': '/local/traces?filter=zzzz',
    'filter: kind and model': '/local/traces?filter=kind:llm+model:gpt-5*',
    'filter: four keys': '/local/traces?filter=kind:llm+status:error+duration:%3E30ms+weather',
    'list by tokens': '/local/traces?sort_by=tokens',
    'steps, newest': '/local/steps',
    'steps: slowest LLM, a day': `/local/steps?filter=kind:llm&sort_by=latency&started_after=${new Date(Date.now() - 86_400_000).toISOString()}`,
    'steps: slowest LLM, all': '/local/steps?filter=kind:llm&sort_by=latency',
    'tools of a week': `/local/steps/groups?by=tool&started_after=${new Date(Date.now() - 7 * 86_400_000).toISOString()}`,
    'models of a week': `/local/steps/groups?by=model&started_after=${new Date(Date.now() - 7 * 86_400_000).toISOString()}`,
    'models of a month': '/local/steps/groups?by=model',
    'releases over a month': `/local/traces/buckets?by=release&granularity=day&${times}`,
    sessions: '/sessions',
    'sessions by cost': '/sessions?sort_by=cost',
    users: '/traces/users',
    'analytics: volume': `/traces/analytics?metric=volume&${times}`,
    'analytics: tokens': `/traces/analytics?metric=tokens&${times}`,
    'analytics: models': `/traces/analytics?metric=models&${times}`,
    'session analytics': `/sessions/analytics?${times}`,
  };
  for (const [what, path] of Object.entries(reads)) console.log(`${what.padEnd(24)} ${await time(url, path, child)}`);
} finally {
  child.kill('SIGINT');
  await new Promise((resolve) => child.once('exit', resolve));
  await rm(folder, { recursive: true, force: true });
}
