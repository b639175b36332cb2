// Runs the specs under c8 and holds each room below to its share of covered statements.
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
    // Only lib/ as specs load it, which is exact. What runs in dist/ is not counted: led back through the source map of a
    // bundle, code that never ran looks covered. A file that is never loaded holds only types, so there is no --all.
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
