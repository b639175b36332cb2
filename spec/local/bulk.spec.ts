import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  endOf,
  id,
  root,
  runCli,
  span,
  spawnCli,
  spawnServer,
  temporaryFolder,
  trace,
} from '../support/local-server.js';

/** How long 3,000 take is measured by spec/bench/bulk.bench.ts. */
const traces = 1000;

describe('Import and export of 1,000 traces', () => {
  it('moves all of them with spans and scores, and prints its progress in a terminal, but not in a pipe', async function () {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'traces.jsonl');
    const spans = (n: number) => [1, 2, 3].map((at) => span(n * 10 + at, { input: { text: `of ${n}` } }));
    const scores = [
      { name: 'good', value: '1', data_type: 'NUMERIC', source: 'PROGRAMMATIC', reason: null, metadata: {} },
    ];
    const start = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
    const given = Array.from({ length: traces }, (_, n) =>
      trace(n, { project: 'bulk', started_at: start(n), spans: spans(n), ...(n % 10 === 0 ? { scores } : {}) }),
    );
    writeFileSync(file, given.map((each) => `${JSON.stringify(each)}\n`).join(''));
    const { child, url } = await spawnServer(['--memory']);
    try {
      const at = ['--endpoint', url, '--project', 'bulk'];
      const imported = await runCli(['import', file, ...at]);
      expect(imported).to.deep.equal({ code: 0, out: '', err: '1,000 traces imported into project bulk\n' });
      const exported = await runCli(['export', ...at]);
      expect([exported.code, exported.err]).to.deep.equal([0, '1,000 traces of project bulk exported\n']);
      const lines = exported.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.map((line) => line.trace_id)).to.deep.equal(given.map((_, n) => id(n)));
      expect(lines.every((line) => line.spans.length === 3)).to.equal(true);
      expect(lines.filter((line) => line.scores.length === 1)).to.have.lengthOf(traces / 10);
      if (!hasScript()) this.skip();
      const few = 500;
      const copy = join(folder.path, 'copy.jsonl');
      const part = join(folder.path, 'part.jsonl');
      const wholeLines = (text: string) => text.split('\n').slice(0, few).join('\n');
      writeFileSync(part, wholeLines(readFileSync(file, 'utf8')));
      for (const [args, said] of [
        [`import ${part}`, /\r[\d,]+ traces imported/],
        [`export --out ${copy} --before ${start(few)}`, /\r[\d,]+ of 500 traces exported/],
      ] as const) {
        // A terminal, as script(1) makes one.
        const line = `${process.execPath} ${root}dist/esm/cli.js ${args} --endpoint ${url} --project bulk`;
        const shown = execFileSync('script', ['-qec', line, '/dev/null'], {
          encoding: 'utf8',
          env: { PATH: process.env.PATH, NO_COLOR: '1' },
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        expect(shown).to.match(said);
        const last = shown
          .trimEnd()
          .split(/[\r\n]+/)
          .at(-1);
        expect(last).to.match(/^500 traces .*(?:imported into|exported)/);
      }
      expect(readFileSync(copy, 'utf8').trimEnd()).to.equal(wholeLines(exported.out));
    } finally {
      child.kill('SIGINT');
      await endOf(child);
    }
  });

  it('says how many were exported when it is stopped', async () => {
    const { child, url } = await spawnServer(['--memory']);
    try {
      const input = Array.from({ length: 1000 }, (_, n) => `${JSON.stringify(trace(n))}\n`).join('');
      const at = ['--endpoint', url, '--project', 'bulk'];
      await runCli(['import', ...at], input);
      const exporting = spawnCli(['export', ...at]);
      const ended = endOf(exporting);
      exporting.stdout?.once('data', () => exporting.kill('SIGINT'));
      const { code, out, err } = await ended;
      // It may be done before the signal comes.
      if (code === 0) expect(out.trimEnd().split('\n')).to.have.lengthOf(1000);
      else expect(code).to.equal(130);
      if (code !== 0) expect(err).to.match(/^pandaprobe-ts: stopped before it was done: [\d,]+ traces exported\n$/);
    } finally {
      child.kill('SIGINT');
      await endOf(child);
    }
  });
});

function hasScript(): boolean {
  try {
    // util-linux's; those of other systems take other options.
    return execFileSync('script', ['--version'], { encoding: 'utf8', stdio: 'pipe' }).includes('util-linux');
  } catch {
    return false;
  }
}
