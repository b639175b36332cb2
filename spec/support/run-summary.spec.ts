import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A clock that the fixtures advance themselves, so that the output does not depend on real time. */
const clock = `
  let now = 0;
  performance.now = () => now;
  globalThis.takeSeconds = (seconds) => { now += 1000 * seconds; };`;

/** Nth file: takes n seconds, half of them in a hook. */
const file = (n: number) => `
  describe('file ${n}', () => {
    before(() => takeSeconds(${n} / 2));
    describe('inside', () => it('takes time', () => takeSeconds(${n} / 2)));
  });`;

const flaky = `
  let tries = 0;
  describe('the flaky one', function () {
    this.retries(2);
    it('passes at last', () => { if (tries++ < 2) throw new Error('not yet ' + tries + '\\nmore'); });
    it('passes at once', () => {});
  });`;

const failing = `
  describe('the failing one', function () {
    this.retries(1);
    it('never passes', () => { throw new Error('no'); });
  });`;

describe('The summary of a run', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'run-summary-'));
    await writeFile(join(folder, 'clock.cjs'), clock);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Runs mocha on these files, by name, in a process of its own. */
  async function run(files: Readonly<Record<string, string>>, reporter: string) {
    const paths = Object.keys(files).map((name) => join(folder, name));
    await Promise.all(Object.entries(files).map(([name, source]) => writeFile(join(folder, name), source)));
    const counts = join(folder, 'counts.json');
    const mocha = [join(root, 'node_modules/mocha/bin/mocha.js'), '--no-config', '--no-color'];
    const args = [...mocha, '--require', join(folder, 'clock.cjs'), '--reporter', join(root, reporter), ...paths];
    const env = { ...process.env, TEST_COUNTS: counts, SECONDS_TO_END: '0.1' };
    const { code, stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env }).then(
      (printed) => ({ code: 0, stdout: printed.stdout }),
      (error: { code: number; stdout: string }) => error, // a mocha that fails still prints
    );
    return { code, stdout, lines: stdout.split('\n').map((line) => line.trim()), counts };
  }

  for (const reporter of ['.ci/reporter.cjs', '.ci/dot-reporter.cjs']) {
    it(`names each retried test, how often and for what, behind the counts (${reporter})`, async () => {
      const { code, lines } = await run({ 'flaky.cjs': flaky, 'one.cjs': file(1) }, reporter);
      expect(code).to.equal(0);
      const retried = lines.indexOf('1 retried:');
      expect(lines.findIndex((line) => /^3 passing/.test(line))).to.be.within(0, retried);
      expect(lines.slice(retried).filter((line) => line !== '')[1]).to.equal(
        'the flaky one passes at last (flaky.cjs): 2 times, first for: not yet 1',
      );
    });
  }

  it('names a retried test that failed in the end, and leaves the exit code and the counts as they are', async () => {
    const { code, lines, counts } = await run({ 'failing.cjs': failing, 'flaky.cjs': flaky }, '.ci/reporter.cjs');
    expect(code).to.equal(1);
    expect(lines).to.include.members(['1 failing', '2 retried:']);
    expect(lines).to.include('the failing one never passes (failing.cjs): once, first for: no');
    const { failures, ...numbers } = JSON.parse(await readFile(counts, 'utf8'));
    expect(numbers).to.deep.equal({ passed: 2, failed: 1, skipped: 0, retried: 2 });
    expect(failures).to.have.length(1);
    expect(failures[0]).to.include({ title: 'the failing one never passes', file: 'failing.cjs' });
    expect(failures[0].error).to.match(/^Error: no\n\s+at /);
  });

  it('ends a process that something keeps alive, names it, and fails', async () => {
    const { code, stdout } = await run(
      { 'open.cjs': `${file(1)}; setInterval(() => {}, 1000);` },
      '.ci/dot-reporter.cjs',
    );
    expect(code).to.equal(1);
    expect(stdout).to.match(/1 passing/);
    expect(stdout).to.match(/did not end 0\.1 s after its last test\. Open: .*Timeout/);
  });

  it('prints the ten slowest files, slowest first, with their hooks', async () => {
    const files = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`${n + 1}.cjs`, file(n + 1)]));
    const { lines } = await run(files, '.ci/reporter.cjs');
    const from = lines.indexOf('Slowest spec files:');
    expect(lines.slice(from + 1).filter((line) => line !== '')).to.deep.equal(
      [12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((n) => `${n}.0 s  ${n}.cjs`),
    );
  });

  it('does not mention retries if there were none, nor the slowest of a single file', async () => {
    const { stdout } = await run({ 'one.cjs': file(1) }, '.ci/reporter.cjs');
    expect(stdout).to.match(/1 passing/);
    expect(stdout).to.not.match(/retried|Slowest/);
  });

  it('is part of every way to run the specs', async () => {
    const { reporter } = JSON.parse(await readFile(join(root, '.mocharc.json'), 'utf8'));
    expect(reporter).to.equal('./.ci/dot-reporter.cjs');
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(scripts.test).to.match(/--reporter \.\/\.ci\/reporter\.cjs/);
    const texts = ['.ci/run', '.ci/coverage.mjs', '.ci/trials.mjs'].map((path) => readFile(join(root, path), 'utf8'));
    for (const text of await Promise.all(texts))
      expect(text).to.match(/--reporter[ =]\.\/\.ci\/(?:dot-)?reporter\.cjs/);
  });
});
