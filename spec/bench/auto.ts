// Run: npm run build && npx tsx spec/bench/auto.ts [the file of another's hook]
// What `--import pandaprobe-ts/auto` adds to the start of a program that loads none of the known packages, beside an empty file:
// fresh processes in turns, by the user's and the system's time, which a busy machine changes less than the clock.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rounds = 25;
const folder = mkdtempSync(join(tmpdir(), 'auto-bench-'));
try {
  writeFileSync(join(folder, 'empty.mjs'), '');
  const empty = pathToFileURL(join(folder, 'empty.mjs')).href;
  // Another's hook, to compare with: its file in a folder beside, which this project does not install.
  const other = process.argv[2] === undefined ? {} : { "the other's hook": pathToFileURL(process.argv[2]).href };
  const loads = { 'an empty file': empty, 'pandaprobe-ts/auto': 'pandaprobe-ts/auto', ...other };
  const report = 'const { user, system } = process.cpuUsage(); console.log(performance.now(), (user + system) / 1000)';

  const measured = new Map<string, { wall: number; cpu: number }[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, load] of Object.entries(loads)) {
      const args = ['--import', load, '--input-type=module', '-e', report];
      const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
      const [wall = Number.NaN, cpu = Number.NaN] = stdout.split(' ').map(Number);
      measured.set(name, [...(measured.get(name) ?? []), { wall, cpu }]);
    }
  }
  for (const [name, runs] of measured) {
    const median = (of: 'wall' | 'cpu') =>
      runs.map((run) => run[of]).toSorted((a, b) => a - b)[rounds >> 1] ?? Number.NaN;
    const least = (of: 'wall' | 'cpu') => Math.min(...runs.map((run) => run[of]));
    const [wall, cpu] = (['wall', 'cpu'] as const).map(
      (of) => `${median(of).toFixed(1)} ms (least ${least(of).toFixed(1)})`,
    );
    console.log(`${name.padEnd(20)} until the program runs: ${wall}, of the processor: ${cpu}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
