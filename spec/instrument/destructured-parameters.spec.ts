import { expect } from 'chai';
import { init, MemorySink, span, spanFunction, traceFunction, withTrace } from '../../lib/index.js';
import { onlyTrace, spansOf } from './recorded.js';

interface Search {
  readonly question: string;
  readonly k?: number;
}

describe('Destructured parameters', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });

  /** What is recorded as the input of `fn` when it is called with `args`. */
  function inputOf(fn: (...args: never[]) => unknown, ...args: unknown[]): unknown {
    withTrace('t', () => {
      try {
        spanFunction(fn)(...(args as never[]));
      } catch {
        // What cannot be destructured is recorded all the same.
      }
    });
    return spansOf(memory).at(-1)?.input;
  }

  it('are recorded by the names in the pattern', async () => {
    traceFunction(({ question, k = 5 }: Search) => question.repeat(k), { name: 'search' })({ question: 'why?' });
    expect(onlyTrace(memory).input).to.deep.equal({ question: 'why?' });
    class Agent {
      @span async *search({ question, k = 5 }: Search, [first]: string[], user = 'Ann') {
        yield [question, k, first, user];
      }
    }
    await withTrace('t', async () => {
      for await (const _ of new Agent().search({ question: 'why?', k: 3 }, ['a', 'b'], 'Bob'));
    });
    expect(spansOf(memory).at(-1)?.input).to.deep.equal({ question: 'why?', k: 3, first: 'a', user: 'Bob' });
  });

  it('are recorded with their rest element, and nested patterns whole', () => {
    const fn = ({ user: { id }, k: limit = 5, ...rest }: { user: { id: number; name: string }; k?: number; a?: 1 }) => [
      id,
      limit,
      rest,
    ];
    expect(inputOf(fn, { user: { id: 7, name: 'Ann' }, a: 1 })).to.deep.equal({
      user: { id: 7, name: 'Ann' },
      rest: { a: 1 },
    });
    expect(inputOf(([first, , ...others]: number[]) => [first, others], [1, 2, 3, 4])).to.deep.equal({
      first: 1,
      others: [3, 4],
    });
  });

  it('are arg0 if the pattern has no name, or the argument has another form', () => {
    const key = 'a';
    expect(inputOf(({ [key]: b }: { a: number }) => b, { a: 1 })).to.deep.equal({ arg0: { a: 1 } });
    expect(inputOf(([{ id }]: [{ id: number }]) => id, [{ id: 1 }])).to.deep.equal({ arg0: [{ id: 1 }] });
    expect(inputOf(({ length }: { length: number }) => length, 'text')).to.deep.equal({ arg0: 'text' });
    expect(inputOf(([first]: Iterable<number>) => first, new Set([1]))).to.deep.equal({ arg0: [1] });
    expect(inputOf(({ a }: { a: number }) => a, null)).to.deep.equal({ arg0: null });
  });

  it('never take each other\u2019s names', () => {
    const fn = ({ id: one }: { id: number }, { id: two }: { id: number }) => one + two;
    expect(inputOf(fn, { id: 1 }, { id: 2 })).to.deep.equal({ id: 1, arg1: { id: 2 } });
  });

  it('P13 are read once for the record', () => {
    let reads = 0;
    const given = {
      get question() {
        reads += 1;
        return 'why?';
      },
    };
    expect(inputOf((_given: Search) => 1, given)).to.have.nested.property('_given.question', 'why?');
    const before = reads;
    expect(inputOf(({ question }: Search) => question, given)).to.deep.equal({ question: 'why?' });
    expect(reads - before).to.equal(2); // the function reads it, too
  });
});
