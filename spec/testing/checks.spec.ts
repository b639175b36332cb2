import { expect } from 'chai';
import { MemorySink, type SpanView, type TraceView } from '../../lib/index.js';
import { matchers } from '../../lib/testing/testing.js';

const startedAt = new Date(0);
/** A trace with these spans, each of them below the one before if `parentSpanId` names it. */
function traceWith(spans: readonly Partial<SpanView>[], more: Partial<TraceView> = {}): TraceView {
  const span = { parentSpanId: undefined, name: 'search', kind: 'TOOL', status: 'OK', startedAt, metadata: {} };
  return {
    ...{ traceId: 't', name: 'agent', status: 'COMPLETED', startedAt, metadata: {} },
    ...more,
    spans: spans.map((each, at) => ({ spanId: `s${at}`, ...span, ...each })),
  } as unknown as TraceView; // the checks read no more than this
}

const calling = (...inputs: readonly unknown[]): TraceView => traceWith(inputs.map((input) => ({ input })));

type Name = keyof typeof matchers;
const check = (recorded: unknown, name: Name, ...args: unknown[]) => matchers[name](recorded, ...(args as never[]));
const said = (recorded: unknown, name: Name, ...args: unknown[]) => check(recorded, name, ...args).message();

/** As `expect.any(String)` of Jest and Vitest. */
const any = (type: string) => ({
  asymmetricMatch: (given: unknown) => typeof given === type,
  toAsymmetricMatcher: () => `Any<${type}>`,
});

describe('toHaveCalledTool()', () => {
  const inputs: readonly (readonly [wanted: unknown, given: unknown, fits: boolean])[] = [
    ['a', 'a', true],
    ['a', 'b', false],
    [1, '1', false],
    [null, null, true],
    [null, undefined, false],
    [null, {}, false],
    [{}, null, false],
    [{}, 'text', false],
    [{ a: 1 }, { a: 1, b: 2 }, true],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: undefined }, {}, false],
    [{ toString: any('function') }, {}, false],
    [{ a: { b: 1 } }, { a: { b: 1, c: 2 } }, true],
    [{ a: { b: 1 } }, { a: null }, false],
    [[1, 2], [1, 2], true],
    [[1, 2], [2, 1], false],
    [[1], [1, 2], false],
    [[1, 2], [1], false],
    [[], {}, false],
    [[], 'text', false],
    [[{ a: 1 }], [{ a: 1, b: 2 }], true],
    [any('string'), 'a', true],
    [any('string'), 1, false],
    [[any('string'), 2], ['a', 2], true],
    [[any('string'), 2], ['a', 3], false],
    [[any('string')], ['a', 'b'], false],
    [{ messages: [{ role: 'user', content: any('string') }] }, { messages: [{ role: 'user', content: 'a' }] }, true],
    [{ messages: [{ role: 'user', content: any('string') }] }, { messages: [{ role: 'user', content: 1 }] }, false],
    [[[any('number')]], [[1]], true],
  ];
  for (const [wanted, given, fits] of inputs) {
    const shown = JSON.stringify(wanted, (_, value) => value?.toAsymmetricMatcher?.() ?? value);
    it(`${fits ? 'finds' : 'does not find'} ${shown} in ${JSON.stringify(given)}`, () => {
      expect(check(calling(given), 'toHaveCalledTool', 'search', { input: wanted }).pass).to.equal(fits);
    });
  }

  it('counts the calls', () => {
    const twice = calling(1, 2);
    const passes = [0, 1, 2, 3].map((times) => check(twice, 'toHaveCalledTool', 'search', { times }).pass);
    expect(passes).to.deep.equal([false, false, true, false]);
    expect(check(twice, 'toHaveCalledTool', 'search', { times: 1, input: 2 }).pass).to.equal(true);
  });

  it('reports the expected call, and all actual calls', () => {
    const long = 'x'.repeat(98);
    const run = traceWith([
      { input: { query: 'q' } },
      { input: undefined },
      { name: 'pay', input: long },
      { name: 'pay', input: `${long}x` },
      { name: 'ask', kind: 'LLM' },
    ]);
    expect(said(run, 'toHaveCalledTool', 'buy', { times: 2, input: { id: any('number') } })).to.equal(
      `expected the run to have called the tool "buy" 2 times with {"id":"Any<number>"}, but it called search({"query":"q"}), search(), pay("${long}"), pay("${long}…)`,
    );
    expect(said(run, 'toHaveCalledTool', 'pay')).to.match(/^expected the run not to have called the tool "pay", but/);
    expect(said(traceWith([]), 'toHaveCalledTool', 'buy')).to.match(/, but it called no tool$/);
  });

  it('shows a matcher without a text of its own as a text', () => {
    const own = { asymmetricMatch: () => false, toString: () => 'Mine' };
    expect(said(calling(1), 'toHaveCalledTool', 'search', { input: own })).to.include('with "Mine", but');
  });
});

describe('toHaveNoErrors()', () => {
  it('finds errors of traces and spans, and reports each with its text', () => {
    const run = traceWith([{ status: 'ERROR', error: 'no luck' }, { name: 'pay', status: 'ERROR' }, {}], {
      status: 'ERROR',
      metadata: { error: 'gave up' },
    });
    expect(said(run, 'toHaveNoErrors')).to.equal(
      'expected the run to have no errors, but trace agent: gave up; search: no luck; pay: ERROR',
    );
    expect(said(traceWith([], { status: 'ERROR' }), 'toHaveNoErrors')).to.match(/, but trace agent: ERROR$/);
    expect(said(traceWith([{}]), 'toHaveNoErrors')).to.equal('expected the run not to have no errors, but it has none');
  });
});

describe('toHaveTree()', () => {
  const run = traceWith([{}, { parentSpanId: 's0', name: 'fetch' }]);
  const tree = 'agent\n└─ search TOOL\n   └─ fetch TOOL';

  it('accepts a tree with any indentation, and empty lines around it', () => {
    for (const [before, after] of [
      ['', ''],
      ['\n\n', '\n  '],
    ])
      for (const indent of ['', '  ', '\t\t'])
        expect(
          check(run, 'toHaveTree', `${before}${tree.replace(/^/gm, indent)}${after}`).pass,
          JSON.stringify([before, indent]),
        ).to.equal(true);
    expect(check(run, 'toHaveTree', tree.replace('   └─ fetch', '  └─ fetch')).pass).to.equal(false);
  });

  it('reports both trees, and passes them on for a comparison', () => {
    const result = check(run, 'toHaveTree', 'agent\n\n└─ pay TOOL');
    expect(result).to.include({ pass: false, actual: tree, expected: 'agent\n\n└─ pay TOOL' });
    expect(result.message()).to.equal(`expected the run to have the tree\n\nagent\n\n└─ pay TOOL\n, but \n${tree}`);
  });

  it('compares all trees of a sink, one below the other', () => {
    const sink = new MemorySink();
    Object.defineProperty(sink, 'traces', { value: [run, traceWith([])] });
    expect(check(sink, 'toHaveTree', `${tree}\nagent`).pass).to.equal(true);
  });
});

describe('toCostLessThan() and toUseTokensAtMost()', () => {
  const model = { kind: 'LLM' as const, name: 'ask' };

  it('add up all spans, and report the sum without binary rounding errors', () => {
    const run = traceWith([
      { ...model, cost: { total: 0.1 }, tokenUsage: { prompt_tokens: 4, completion_tokens: 1 } },
      { ...model, cost: { total: 0.2 }, tokenUsage: { total_tokens: 5, prompt_tokens: 5 } },
      {},
    ]);
    expect(said(run, 'toCostLessThan', 0.3)).to.equal('expected the run to cost less than $0.3, but it cost $0.3');
    expect(said(run, 'toUseTokensAtMost', 9)).to.equal('expected the run to use at most 9 tokens, but it used 10');
    expect(check(run, 'toUseTokensAtMost', 10).pass).to.equal(true);
  });

  it('read a cost from any span above, and token usage from the call alone', () => {
    const above = { name: 'turn', kind: 'AGENT' as const, cost: { total: 1 }, tokenUsage: { total_tokens: 1 } };
    const between = { parentSpanId: 's0', kind: 'CHAIN' as const };
    const run = traceWith([above, between, { ...model, parentSpanId: 's1' }]);
    expect(check(run, 'toCostLessThan', 2).pass).to.equal(true);
    expect(() => check(run, 'toUseTokensAtMost', 2)).to.throw('the sum is not known: there is no token usage of ask');
  });

  it('name each unknown model call once, and end even if spans are their own ancestors', () => {
    const run = traceWith([
      { ...model, parentSpanId: 's1' },
      { ...model, parentSpanId: 's0' },
      { ...model, name: 'sum up' },
    ]);
    expect(() => check(run, 'toCostLessThan', 2)).to.throw('the sum is not known: there is no cost of ask, sum up');
  });

  for (const name of ['toCostLessThan', 'toUseTokensAtMost'] as const)
    for (const wrong of [-1, Number.NaN, '1', undefined])
      it(`${name} refuses ${String(wrong)} of the type ${typeof wrong}`, () => {
        expect(() => check(traceWith([]), name, wrong)).to.throw(
          TypeError,
          `${name}: expected a number from 0, got ${String(wrong)}`,
        );
      });

  it('take 0', () => {
    expect(check(traceWith([]), 'toUseTokensAtMost', 0).pass).to.equal(true);
    expect(check(traceWith([]), 'toCostLessThan', 0).pass).to.equal(false);
  });
});

describe('Every matcher', () => {
  for (const [shown, given] of [
    ['null', null],
    ['object', {}],
    ['string', 'a run'],
    ['undefined', undefined],
  ])
    it(`reports that it was given ${shown}`, () => {
      for (const name of Object.keys(matchers) as Name[])
        expect(() => check(given, name, name === 'toHaveTree' ? '' : 1), name).to.throw(
          TypeError,
          `expected a run of recordRun(), a trace or a MemorySink, got ${shown}`,
        );
    });
});
