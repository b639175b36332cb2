// Run: npm run build && node --import tsx spec/bench/bulk.bench.ts [traces] [runs]
// How long `import` and `export` of many traces take, each as a process of its own beside a server with a file; and what
// the processors did for it. Half of the traces have six spans with messages, half three small ones; each tenth has a score.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuOf } from './processes.js';

const cli = fileURLToPath(new URL('../../dist/esm/cli.js', import.meta.url));
const traces = Number(process.argv[2] ?? 3000);
const runs = Number(process.argv[3] ?? 5);
const prompt = 'He said "hello", then went on about the weather for a while. '.repeat(6);
const messages = {
  input: { messages: [{ role: 'user', content: prompt }] },
  output: { messages: [{ role: 'assistant', content: prompt }] },
};
const usage = { model: 'gpt-5.4', token_usage: { prompt_tokens: 120, completion_tokens: 40 }, cost: { total: 0.001 } };

function id(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

function trace(n: number): object {
  const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + n * 1000 + ms).toISOString();
  const isLarge = n % 2 === 0;
  const spans = Array.from({ length: isLarge ? 6 : 3 }, (_, place) => ({
    ...{ span_id: id(n * 10 + place), parent_span_id: place === 0 ? null : id(n * 10), name: `step-${place}` },
    ...{
      kind: place % 2 === 0 ? 'LLM' : 'TOOL',
      status: 'OK',
      started_at: at(place * 10),
      ended_at: at(place * 10 + 9),
    },
    ...(isLarge ? messages : { input: { text: `of ${n}` } }),
    ...(place % 2 === 0 ? usage : {}),
  }));
  const score = { name: 'good', value: '1', data_type: 'NUMERIC', source: 'PROGRAMMATIC', reason: null, metadata: {} };
  return {
    ...{
      project: 'bulk',
      trace_id: id(n),
      name: `agent-${n % 97}`,
      status: 'COMPLETED',
      started_at: at(0),
      ended_at: at(99),
    },
    ...{ session_id: `session-${n % 500}`, user_id: `user-${n % 80}`, tags: [`tag-${n % 12}`], ...messages, spans },
    ...(n % 10 === 0 ? { scores: [score] } : {}),
  };
}

async function run(args: readonly string[], server: ChildProcess) {
  const [startedAt, serverBefore, ownBefore] = [performance.now(), cpuOf(server), childrenMs()];
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}`);
  return { ms: performance.now() - startedAt, serverMs: cpuOf(server) - serverBefore, ownMs: childrenMs() - ownBefore };
}

/** Processor time of the children that have ended. */
function childrenMs(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {
    return Number.NaN;
  }
}

const folder = await mkdtemp(join(tmpdir(), 'bulk-bench-'));
try {
  const file = join(folder, 'traces.jsonl');
  await writeFile(file, Array.from({ length: traces }, (_, n) => `${JSON.stringify(trace(n))}\n`).join(''));
  console.log(`Node ${process.versions.node}, ${traces} traces, ${((await stat(file)).size / 1e6).toFixed(1)} MB`);
  for (let at = 0; at < runs; at += 1) {
    const server = spawn(
      process.execPath,
      [cli, 'local', '--json', '--port', '0', '--file', join(folder, `${at}.db`)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const line = await new Promise<string>((resolve) => server.stdout?.once('data', (data) => resolve(String(data))));
    const { url } = JSON.parse(line) as { url: string };
    const where = ['--endpoint', url, '--project', 'bulk'];
    for (const args of [
      ['import', file, ...where],
      ['import', file, ...where],
      ['export', '--out', join(folder, 'out.jsonl'), ...where],
    ]) {
      const { ms, serverMs, ownMs } = await run(args, server);
      const load = loadavg()[0]?.toFixed(1);
      console.log(
        `${String(args[0]).padEnd(8)} ${ms.toFixed(0).padStart(6)} ms   processor: command ${ownMs} ms, server ${serverMs} ms   load ${load}`,
      );
    }
    server.kill('SIGINT');
    await new Promise((resolve) => server.once('exit', resolve));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
