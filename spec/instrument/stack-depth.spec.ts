import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import sinon from 'sinon';
import { treeText } from '../../lib/client/sinks/tree-text.js';
import { SpanNode } from '../../lib/engine/span-node.js';
import { init, MemorySink, withSpan, withTrace } from '../../lib/index.js';

const run = promisify(execFile);
const entry = new URL('../../lib/index.ts', import.meta.url).href;

/** How deep code that calls itself through `call` gets, with the stack that Node gives. */
async function depthOf(call: string): Promise<number> {
  const program = `
    import { init, MemorySink, spanFunction, startTrace, withSpan, withTrace } from ${JSON.stringify(entry)};
    init({ sinks: [new MemorySink()] });
    let deepest = 0;
    try { withTrace('t', (t) => { ${call} }); } catch (error) { if (!(error instanceof RangeError)) throw error; }
    console.log(deepest);`;
  const { stdout } = await run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
  return Number(stdout);
}

describe('Code that calls itself (P32)', function () {
  this.timeout(60_000);
  const note = 'if (level > deepest) deepest = level;';
  const calls: Record<string, string> = {
    'withSpan()': `const go = (level) => { ${note} withSpan('s', () => go(level + 1)); }; go(1);`,
    'withTrace()': `const go = (level) => { ${note} withTrace('s', () => go(level + 1)); }; go(1);`,
    'spanFunction()': `const go = spanFunction((level) => { ${note} go(level + 1); }, { name: 's' }); go(1);`,
    't.withSpan()': `const go = (level) => { ${note} t.withSpan('s', () => go(level + 1)); }; go(1);`,
    's.withSpan()': `let level = 0; const go = (s) => { level += 1; ${note} s.withSpan('s', go); }; go(t);`,
    's.run()': `const go = (level) => { ${note} t.span('s').run(() => go(level + 1)); }; go(1);`,
  };
  for (const [name, call] of Object.entries(calls)) {
    it(`P32 gets at least 2,000 levels deep through ${name}`, async () => {
      expect(await depthOf(call)).to.be.at.least(2000);
    });
  }

  it('P12 gets its own error, also when none of the stack is left to record it with', () => {
    const memory = new MemorySink();
    init({ sinks: [memory] });
    const stub = sinon.stub(SpanNode.prototype, 'fail').throws(new SyntaxError('Stack overflow'));
    const own = new RangeError('Maximum call stack size exceeded');
    try {
      withTrace('t', () => {
        expect(() =>
          withSpan('s', () => {
            throw own;
          }),
        ).to.throw(own);
      });
    } finally {
      stub.restore();
    }
    expect(memory.traces[0]?.spans.map(({ name, endedAt }) => [name, endedAt instanceof Date])).to.deep.equal([
      ['s', true],
    ]);
  });

  it('P7 records and shows a trace of 2,500 levels', async () => {
    const memory = new MemorySink();
    init({ sinks: [memory] });
    const down = async (level: number): Promise<void> => {
      await null;
      if (level < 2500) await withSpan(`level ${level}`, () => down(level + 1));
    };
    await withTrace('t', () => down(0));
    const [trace] = memory.traces;
    expect(memory.tree().split('\n')).to.have.length(2501);
    const byId = new Map(trace?.spans.map((span) => [span.spanId, span]));
    for (const span of trace?.spans ?? []) {
      const parent = span.parentSpanId === undefined ? undefined : byId.get(span.parentSpanId)?.name;
      const level = Number(span.name.slice('level '.length));
      expect(parent).to.equal(level === 0 ? undefined : `level ${level - 1}`);
    }
    if (trace !== undefined) expect(treeText(trace, { details: true, colors: false })).to.include('level 2499');
  });
});
