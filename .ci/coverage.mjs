// Runs the specs under c8, and fails if a room below covers fewer statements than its share.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const leastPercent = { 'lib/engine': 95, 'lib/model': 95, 'lib/instrument': 95 };

rmSync(`${root}/coverage`, { recursive: true, force: true });
const run = spawnSync(
  process.execPath,
  [
    'node_modules/c8/bin/c8.js',
    // Only lib/ as specs load it, which is exact. Code in dist/ is not counted, because mapped back through a bundle's source
    // map, code that never ran looks covered. A file that is never loaded has only types, so there is no --all.
    '--include=lib/**',
    ...['--reporter=text', '--reporter=json-summary', '--reporter=lcovonly'],
    ...[
      process.execPath,
      'node_modules/mocha/bin/mocha.js',
      '--reporter=./.ci/dot-reporter.cjs',
      ...process.argv.slice(2),
    ],
  ],
  { cwd: root, stdio: 'inherit' },
);

const summary = JSON.parse(readFileSync(`${root}/coverage/coverage-summary.json`, 'utf8'));
let missed = run.status !== 0;
for (const [room, least] of Object.entries(leastPercent)) {
  let total = 0;
  let covered = 0;
  for (const [file, { statements }] of Object.entries(summary)) {
    if (!relative(root, file).split(sep).join('/').startsWith(`${room}/`)) continue;
    total += statements.total;
    covered += statements.covered;
  }
  const percent = total === 0 ? 0 : (100 * covered) / total;
  if (percent < least) missed = true;
  console.log(`${room}: ${percent.toFixed(1)} % of statements, at least ${least} % wanted`);
}
process.exit(missed ? 1 : 0);
