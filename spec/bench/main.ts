import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { prepareFolders } from './folders.js';
import { peerNamed, peers } from './peers/index.js';
import { startSink } from './processes.js';
import type { Figures } from './programs/program.js';
import { type Row, tableText } from './table.js';
import { type Workload, workloads } from './workloads.js';

/*
 * npm run bench                                    all tables
 * npm run bench -- w1 w2 --peers ours,otel --runs 5
 *   --count n     turns, calls or rounds of each run instead of the workload's own number
 *   --json file   every single figure, too
 *
 * Repetitions are interleaved: each round runs every peer once, every second round in the opposite order, so that a
 * machine that becomes slower or faster does so for all of them.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: 'string' },
    runs: { type: 'string' },
    count: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});
const chosen = positionals.length === 0 ? Object.keys(workloads) : positionals;
const names = values.peers?.split(',') ?? Object.keys(peers);
for (const name of names) peerNamed(name);

const { sink, stop } = await startSink(await prepareFolders(names));
const all: Record<string, readonly Row[]> = {};
try {
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}\n`);
  for (const name of chosen) {
    const workload = workloads[name];
    if (workload === undefined)
      throw new Error(`expected a workload (${Object.keys(workloads).join(', ')}), got ${name}`);
    const rows = await measure(name, workload);
    all[name] = rows;
    console.log(tableText(workload, rows));
  }
} finally {
  stop();
}
if (values.json !== undefined) await writeFile(values.json, JSON.stringify(all, null, 1));

async function measure(name: string, workload: Workload): Promise<readonly Row[]> {
  const rows: Row[] = names.flatMap((peer) => workload.variants(peer).map((variant) => ({ peer, variant, runs: [] })));
  const runs = Number(values.runs ?? workload.defaultRuns);
  for (let run = 0; run < runs; run += 1) {
    for (const row of run % 2 === 0 ? rows : rows.toReversed()) {
      await sink.mode('ok');
      await sink.reset();
      const result = await workload.measure(row, sink, values.count);
      const label = `${name} run ${run + 1}: ${row.peer} ${row.variant}`;
      if (typeof result !== 'string') row.runs.push(result);
      console.error(`${label} ${typeof result === 'string' ? result : figuresText(result)}`);
    }
  }
  return rows;
}

function figuresText(figures: Figures): string {
  return Object.entries(figures)
    .map(([key, value]) => `${key} ${value.toFixed(2)}`)
    .join(', ');
}
