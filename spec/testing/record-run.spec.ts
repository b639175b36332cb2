import * as chai from 'chai';
import { score } from '../../lib/client/global-calls.js';
import { getClient, init } from '../../lib/client/global-client.js';
import { MemorySink } from '../../lib/client/sinks/memory-sink.js';
import { startTrace, withSpan, withTrace } from '../../lib/instrument/context.js';
import { session } from '../../lib/instrument/sessions.js';
import { type AgentAssertions, chaiMatchers, matchers, recordRun, treeSnapshot } from '../../lib/testing/testing.js';

declare global {
  namespace Chai {
    interface Assertion extends AgentAssertions {}
  }
}

const { expect } = chai;
const failure = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

function agent(question: string, fails = false) {
  return withTrace('agent', async () => {
    await withSpan('search', { kind: 'TOOL' }, async (s) => {
      s.setInput({ query: question, page: { size: 10, from: 0 } });
      if (fails) s.setError('no luck');
    });
    await withSpan('generate', { kind: 'LLM', model: 'gpt-5.4' }, async (s) => {
      s.setTokenUsage({ promptTokens: 100, completionTokens: 20 }).setCost({ total: 0.002 });
    });
    return `answer to ${question}`;
  });
}

describe('recordRun()', () => {
  before(() => chai.use(chaiMatchers));

  it('returns the value and the traces of one call, and restores the client', async () => {
    const mine = new MemorySink();
    const before = init({ sinks: [mine] });
    const run = await recordRun(() => agent('q'));
    expect(run.value).to.equal('answer to q');
    expect(run.tree()).to.equal('agent\n├─ search TOOL\n└─ generate LLM gpt-5.4');
    expect(run.traces).to.deep.equal([run.trace]);
    expect(getClient()).to.equal(before);
    expect(mine.traces).to.deep.equal([]);
    await agent('mine');
    expect(mine.traces).to.have.lengthOf(1);
    await before.shutdown();
  });

  it('keeps concurrent runs apart, and does not include a trace around it', async () => {
    const runs = await Promise.all(['a', 'b', 'c'].map((name) => recordRun(() => withTrace(name, async () => name))));
    expect(runs.map((run) => run.tree())).to.deep.equal(['a', 'b', 'c']);
    const outer = await recordRun(() => withTrace('outer', async () => (await recordRun(() => agent('q'))).tree()));
    expect(outer.value).to.include('agent\n');
    expect(outer.tree()).to.equal('outer\nagent\n├─ search TOOL\n└─ generate LLM gpt-5.4');
  });

  it('rethrows the error of the call, or keeps it', async () => {
    const error = new Error('no luck');
    const fail = () => withTrace('agent', () => Promise.reject(error));
    expect(await recordRun(fail).catch((thrown: unknown) => thrown)).to.equal(error);
    const run = await recordRun(fail, { keepError: true });
    expect(run.error).to.equal(error);
    expect(run.tree()).to.equal('agent ERROR');
  });

  it('throws when no trace was recorded', async () => {
    expect((await recordRun(() => 1).catch((thrown: unknown) => thrown)) as Error).to.match(/no trace was started/);
    const cause = new Error('no key');
    const throws = () => Promise.reject(cause);
    const early = await recordRun(throws, { keepError: true }).catch((thrown: unknown) => thrown);
    expect(early).to.match(/no trace was started.* It threw: no key$/);
    expect(early).to.have.property('cause', cause);
    const open = () => void startTrace('open');
    expect((await recordRun(open).catch((thrown: unknown) => thrown)) as Error).to.match(/none has ended/);
    const given = 'no function' as unknown as () => void;
    expect((await recordRun(given).catch((thrown: unknown) => thrown)) as Error).to.match(/expected a function/);
  });

  it('keeps a client that the call has made with init()', async () => {
    const mine = new MemorySink();
    const run = recordRun(async () => {
      const made = init({ sinks: [mine] });
      await agent('q');
      return made;
    });
    expect((await run.catch((thrown: unknown) => thrown)) as Error).to.match(/none has ended/);
    expect(mine.traces).to.have.lengthOf(1);
    await agent('q');
    expect(mine.traces).to.have.lengthOf(2);
    await getClient().shutdown();
  });

  it('adds nothing to an outer trace, and keeps its session', async () => {
    const mine = new MemorySink();
    const client = init({ sinks: [mine] });
    await withTrace('outer', () =>
      session('s-1', async () => {
        expect((await recordRun(() => withSpan('x', () => 1)).catch((thrown: unknown) => thrown)) as Error).to.match(
          /no trace was started/,
        );
        const run = await recordRun(() => agent('q'));
        expect(run.trace.sessionId).to.equal('s-1');
      }),
    );
    expect(mine.traces.map(treeSnapshot)).to.deep.equal(['outer']);
    await client.shutdown();
  });

  it('returns the scores of its own traces', async () => {
    const scored = (name: string) => () =>
      withTrace(name, async (trace) => {
        score(trace.traceId, name, 1);
      });
    const runs = await Promise.all(['a', 'b'].map((name) => recordRun(scored(name))));
    expect(runs.map(({ scores }) => scores.map(({ name }) => name))).to.deep.equal([['a'], ['b']]);
  });

  it('has a tree of any number of spans', async () => {
    const { trace } = await recordRun(() => agent('q'));
    const [first] = trace.spans;
    if (first === undefined) throw new Error('there is no span');
    const below = { ...first, parentSpanId: first.spanId };
    const spans = [first, ...Array.from({ length: 200_000 }, (_, at) => ({ ...below, spanId: `s${at}` }))];
    expect(treeSnapshot({ ...trace, spans }).split('\n')).to.have.length(200_002);
  });

  describe('the matchers', () => {
    it('pass for true expectations, in chai and in the form of Jest and Vitest', async () => {
      const run = await recordRun(() => agent('q'));
      for (const recorded of [run, run.trace]) {
        expect(recorded).to.haveTree(`
          agent
          ├─ search TOOL
          └─ generate LLM gpt-5.4
        `);
        expect(recorded).to.haveCalledTool('search');
        expect(recorded).to.haveCalledTool('search', { times: 1, input: { page: { size: 10 } } });
        expect(recorded).to.not.haveCalledTool('search', { input: { query: 'other' } });
        expect(recorded).to.not.haveCalledTool('generate');
        expect(recorded).to.haveCalledTool('pay', { times: 0 });
        expect(recorded).to.costLessThan(0.0021).and.not.costLessThan(0.002);
        expect(recorded).to.useTokensAtMost(120).and.not.useTokensAtMost(119);
        expect(recorded).to.haveNoErrors();
        expect(matchers.toHaveNoErrors(recorded).pass).to.equal(true);
        expect(matchers.toUseTokensAtMost(recorded, ...([1] as never[])).pass).to.equal(false);
      }
      expect(treeSnapshot(run.trace)).to.equal(run.tree());
    });

    it('accept asymmetric matchers of Jest and Vitest', async () => {
      const run = await recordRun(() => agent('q'));
      // As `expect.any(Number)` and the like.
      const any = (type: string) => ({
        asymmetricMatch: (given: unknown) => typeof given === type,
        toAsymmetricMatcher: () => `Any<${type}>`,
      });
      expect(run).to.haveCalledTool('search', { input: { query: any('string'), page: { size: any('number') } } });
      expect(run).to.haveCalledTool('search', { input: any('object') });
      expect(run).to.not.haveCalledTool('search', { input: { query: [any('string')] } });
      expect(failure(() => expect(run).to.haveCalledTool('search', { input: { query: any('number') } }))).to.include(
        'to have called the tool "search" with {"query":"Any<number>"}, but',
      );
    });

    it('report the actual value of a false expectation', async () => {
      const run = await recordRun(() => agent('q', true));
      expect(run).to.not.haveNoErrors();
      expect(failure(() => expect(run).to.haveNoErrors())).to.include('to have no errors, but search: no luck');
      expect(failure(() => expect(run).to.haveCalledTool('pay'))).to.include(
        'to have called the tool "pay", but it called search({"query":"q","page":{"size":10,"from":0}})',
      );
      expect(failure(() => expect(run).to.costLessThan(0.001))).to.include('but it cost $0.002');
      expect(failure(() => expect(run).to.useTokensAtMost(1))).to.include('but it used 120');
      expect(failure(() => expect(run).to.haveTree('agent'))).to.include('├─ search TOOL ERROR');
      expect(failure(() => expect(run).to.not.haveCalledTool('search'))).to.include('not to have called');
      expect(matchers.toHaveTree(run, ...(['agent'] as never[]))).to.include({ pass: false, expected: 'agent' });
    });

    it('throw if the sum is not known', async () => {
      const run = await recordRun(() => withTrace('agent', () => withSpan('ask', { kind: 'LLM' }, () => 1)));
      for (const not of [false, true]) {
        const to = () => (not ? expect(run).to.not : expect(run).to);
        expect(failure(() => to().costLessThan(1))).to.equal('the sum is not known: there is no cost of ask');
        expect(failure(() => to().useTokensAtMost(1))).to.equal('the sum is not known: there is no token usage of ask');
      }
      expect(failure(() => expect(run).to.costLessThan(Number.NaN))).to.include('expected a number');
      expect(failure(() => expect(3).to.haveNoErrors())).to.include('expected a run of recordRun()');
      const tools = await recordRun(() => withTrace('agent', () => 1));
      expect(tools).to.costLessThan(0.01);
    });

    it('use the cost of the span above, and the total of tokens if only that is known', async () => {
      const run = await recordRun(() =>
        withTrace('agent', () =>
          withSpan('turn', { kind: 'AGENT' }, (turn) => {
            turn.setCost({ total: 0.02 });
            return withSpan('ask', { kind: 'LLM' }, () => 1);
          }),
        ),
      );
      expect(run).to.costLessThan(0.03).and.not.costLessThan(0.02);
      const counting = (tokenUsage: Record<string, number>) => ({
        ...run.trace,
        spans: run.trace.spans.map((span) => ({ ...span, tokenUsage })),
      });
      expect(counting({ total_tokens: 50 })).to.not.useTokensAtMost(99);
      expect(counting({ total_tokens: 50 })).to.useTokensAtMost(100);
      expect(failure(() => expect(counting({ prompt_tokens: 5 })).to.useTokensAtMost(100))).to.include(
        'the sum is not known',
      );
    });
  });
});
