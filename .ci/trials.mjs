// Runs the trials (*.trial.ts): the packed package in projects with other people's packages, which are installed into a folder
// outside of this one and kept there. Names given as arguments pick some: `node .ci/trials.mjs jest beside`. Trials that take
// many minutes run only when they are named.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const picked = process.argv.slice(2);
const long = ['collector', 'edge-next', 'peers'];
const trials = readdirSync(join(root, 'spec'), { recursive: true })
  .filter((path) => path.endsWith('.trial.ts') && !path.includes('node_modules') && isAsked(path))
  .map((path) => join('spec', path))
  .sort();

function isAsked(path) {
  const isIn = (names) => names.some((name) => path.includes(name));
  return picked.length === 0 ? !isIn(long) : isIn(picked);
}

const mocha = ['node_modules/mocha/bin/mocha.js', '--no-config', '--timeout=600000', '--reporter=./.ci/reporter.cjs'];
const run = spawnSync(process.execPath, ['--import=tsx', ...mocha, ...trials], { cwd: root, stdio: 'inherit' });
process.exit(run.status ?? 1);
