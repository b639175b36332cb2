// Run: npm run build && npx tsx spec/bench/import.ts
// What loading the main entry costs: fresh processes, alternating between none, import and require.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rounds = 21;

const loads = {
  'node:http only': "await import('node:http')",
  'import, ESM': "await import('pandaprobe-ts')",
  'require, CommonJS': "(await import('node:module')).createRequire(process.cwd() + '/x.js')('pandaprobe-ts')",
  'axios, for comparison': "await import('axios')",
};

/** Milliseconds and bytes of heap that the load takes in a process of its own. */
function measure(load: string): { ms: number; bytes: number } {
  const code = `
    globalThis.gc();
    const heap = process.memoryUsage().heapUsed;
    const start = performance.now();
    ${load};
    const ms = performance.now() - start;
    globalThis.gc();
    console.log(JSON.stringify({ ms, bytes: process.memoryUsage().heapUsed - heap }));`;
  const args = ['--expose-gc', '--input-type=module', '-e', code];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }));
}

const measured = new Map<string, { ms: number; bytes: number }[]>();
for (let round = 0; round < rounds; round += 1) {
  for (const [name, load] of Object.entries(loads)) measured.set(name, [...(measured.get(name) ?? []), measure(load)]);
}

const at = (values: readonly number[], part: number) => values[Math.round((values.length - 1) * part)] ?? Number.NaN;
for (const [name, runs] of measured) {
  const ms = runs.map((run) => run.ms).sort((a, b) => a - b);
  const mb = runs.map((run) => run.bytes / 1e6).sort((a, b) => a - b);
  const times = [0.5, 0, 1].map((part) => at(ms, part).toFixed(1).padStart(6));
  console.log(
    `${name.padEnd(22)} median ${times[0]} ms  min ${times[1]}  max ${times[2]}   heap ${at(mb, 0.5).toFixed(2)} MB`,
  );
}
