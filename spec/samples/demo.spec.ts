import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Ending, launch } from '../../samples/launch.js';

const demo = fileURLToPath(new URL('../../samples/demo/main.ts', import.meta.url));
const run = (...args: string[]) => launch(demo, {}, { args });

/** The lines of the printed tree, from the trace's line to the score. */
function printedTree(stdout: string): string[] {
  const lines = stdout.split('\n');
  return lines.slice(
    lines.findIndex((line) => line.startsWith('docs-support ')),
    lines.findIndex((line) => line.startsWith('score ')),
  );
}

describe('Demo', () => {
  let first: Ending;
  before(async () => {
    first = await run();
  });

  it('records a whole agent run that arrives complete and valid', () => {
    const { code, stdout, stderr } = first;
    expect(stderr).to.equal('');
    expect(code).to.equal(0);
    const [, got, sent] = /^received (\d+) of (\d+), all valid against the contract$/m.exec(stdout) ?? [];
    expect(got).to.equal(sent);

    const [head = '', ...spans] = printedTree(stdout);
    expect(head).to.match(/ tokens {2}\$0[.]\d+ {2}session demo-session {2}user demo-user {2}tags demo, docs$/);
    expect(spans).to.have.lengthOf.at.least(12);
    const kinds = ['AGENT', 'CHAIN', 'RETRIEVER', 'TOOL', 'EMBEDDING', 'LLM'];
    expect(kinds.filter((kind) => spans.some((line) => line.includes(` ${kind} `)))).to.deep.equal(kinds);
  });

  it('prints the address of the trace in the viewer, and ends by itself without a terminal', () => {
    const { stdout, signal } = first;
    expect(signal).to.equal(null);
    expect(stdout).to.match(/^viewer {2}http:\/\/127[.]0[.]0[.]1:\d+\/#\/trace\/[0-9a-f-]{36}[?]project=docs-demo$/m);
    expect(stdout).to.match(/in a terminal it stays open/);
  });

  it('shows the handled failure in its own span only', () => {
    const spans = printedTree(first.stdout).slice(1);
    expect(spans.filter((line) => line.includes('ERROR'))).to.have.lengthOf(1);
    expect(spans.find((line) => line.includes('ERROR'))).to.match(/^ {3}├─ readReleaseNotes TOOL .* ERROR /);
  });

  it('keeps the branches of the fan-out apart', () => {
    const lines = printedTree(first.stdout);
    const researches = lines.flatMap((line, at) => (line.includes(' research CHAIN') ? [at] : []));
    expect(researches).to.have.lengthOf.above(1);
    for (const at of researches) {
      const below = lines.slice(at + 1, at + 5).map((line) => line.replace(/^[ │]*[├└]─ (\S+ \S+).*$/, '$1'));
      expect(below).to.deep.equal([
        'search-guide RETRIEVER',
        'search-reference RETRIEVER',
        'search-project RETRIEVER',
        'rerank EMBEDDING',
      ]);
    }
  });

  it('answers another question from the files', async () => {
    const { code, stdout } = await run('how do I mask secrets?');
    expect(code).to.equal(0);
    expect(stdout).to.match(/^question {2}how do I mask secrets\?$/m);
    expect(stdout).to.match(/\[1\] .*(lib|README|docs)/);
    expect(stdout.split('\ndocs-support ')[0]).to.match(/mask/i);
  });

  it('says so when the documentation has no answer', async () => {
    const { code, stdout } = await run('xylophone zeppelin');
    expect(code).to.equal(0);
    expect(stdout).to.include('The documentation says nothing about that.');
    expect(stdout).to.match(/^score coverage = 0 /m);
    expect(printedTree(stdout).slice(1)).to.have.lengthOf.at.least(12);
  });

  it('writes no colours without a terminal', () => {
    const escapeCharacter = String.fromCharCode(27);
    expect(first.stdout).not.to.include(escapeCharacter);
  });
});
