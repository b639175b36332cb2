import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { root, runNode } from '../support/user-project.js';

/** The paths in a part of a text that fit, each once and sorted. */
function pathsIn(text: string, path: RegExp): string[] {
  return [...new Set([...text.matchAll(path)].map(([, found]) => found ?? ''))].toSorted();
}

/** The text from `start` to `end`. */
function between(text: string, start: string, end: string): string {
  const [, after = ''] = text.split(start);
  return after.split(end)[0] ?? '';
}

describe('The journey of a trace', () => {
  const page = readFileSync(join(root, 'docs/internals/architecture.md'), 'utf8');
  let measured: string;

  before(async function () {
    this.timeout(60_000);
    measured = await runNode(['--import', 'tsx', 'spec/bench/journey.ts']);
  });

  it('passes to the queue through the files that the page lists', () => {
    const listed = between(page, 'From `t.end()` to the queue:', 'From `flush()`');
    const passed = between(measured, 't.end() to the queue', 'flush to acknowledgement');
    expect(pathsIn(listed, /`([\w/-]+\.ts)`/g)).to.deep.equal(pathsIn(passed, /^ {2}([\w/-]+\.ts):/gm));
  });

  it('passes to the acknowledgement through the files that the page lists', () => {
    const listed = between(page, 'From `flush()` to the acknowledgement', '### Recording');
    const passed = between(measured, 'flush to acknowledgement', '\n\n');
    expect(pathsIn(listed, /`([\w/-]+\.ts)`/g)).to.deep.equal(pathsIn(passed, /^ {2}([\w/-]+\.ts):/gm));
  });
});
