import { expect } from 'chai';
import {
  init,
  MemorySink,
  shutdown,
  span,
  startTrace,
  trace,
  traceFunction,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import { listenToStderr } from '../support/stderr.js';

const reply = { messages: [{ role: 'assistant', content: 'Hi' }] };
const turn = { messages: [{ role: 'user', content: 'Hello' }, ...reply.messages] };

describe('The result of a callback', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  afterEach(() => shutdown({ timeoutMs: 0 }));

  const spanOutputs = () => memory.traces.flatMap(({ spans }) => spans.map(({ output }) => output));
  const traceOutputs = () => memory.traces.map(({ output }) => output);

  it('is not recorded by default', async () => {
    await withTrace('t', { captureOutput: false }, async () => {
      withSpan('s', () => 1);
      withSpan('s', {}, () => 1);
      await withSpan('s', { captureOutput: undefined }, async () => 1);
      return turn;
    });
    expect([...spanOutputs(), ...traceOutputs()]).to.deep.equal([undefined, undefined, undefined, undefined]);
  });

  it('is the output with captureOutput: a value or the value of a promise, nothing after a failure', async () => {
    const given = { found: 3 };
    await withTrace('t', { captureOutput: true }, async (t) => {
      expect(withSpan('s', { captureOutput: true }, () => given)).to.equal(given);
      await withSpan('s', { captureOutput: true }, async () => given);
      await t.withSpan('s', { captureOutput: (value: typeof given) => value.found }, async (s) => {
        s.withSpan('s', { captureOutput: true }, () => 'inner');
        return given;
      });
      const failing = async () => withSpan('s', { captureOutput: true }, () => Promise.reject(new Error('no')));
      await failing().catch(() => {});
      return turn;
    });
    expect(spanOutputs()).to.deep.equal([given, given, 3, 'inner', undefined]);
    expect(traceOutputs()).to.deep.equal([reply]); // of a trace the last message, as for decorators
  });

  it('is the output with captureOutput: generators and streams by their chunks, each once', async () => {
    async function* words() {
      yield* ['a', 'b'];
    }
    const options = { captureOutput: true } as const;
    await withTrace('t', options, async () => {
      const read: unknown[] = [];
      for await (const word of withSpan('s', options, words)) read.push(word);
      const sync = withSpan('s', options, function* () {
        yield 1;
        yield 2;
      });
      read.push(...sync);
      const stream = withSpan('s', options, () => ReadableStream.from(['x', 'y']));
      for await (const word of stream) read.push(word);
      const reduced = withSpan('s', { ...options, reduce: (chunks: string[]) => chunks.join('') }, words);
      for await (const word of reduced) read.push(word);
      expect(read).to.deep.equal(['a', 'b', 1, 2, 'x', 'y', 'a', 'b']);
    });
    expect(spanOutputs()).to.deep.equal([['a', 'b'], [1, 2], ['x', 'y'], 'ab']);
  });

  it('keeps the output of setOutput() if there is no result to record', () => {
    withTrace('t', { captureOutput: true }, (t) => {
      withSpan('s', { captureOutput: true }, (s) => void s.setOutput('told'));
      t.setOutput(reply);
    });
    expect([...spanOutputs(), ...traceOutputs()]).to.deep.equal(['told', reply]);
  });

  it('P11 harms nobody when the user’s function or options throw', () => {
    const said = listenToStderr();
    const hostile = {
      get captureOutput(): boolean {
        throw new Error('secret');
      },
    };
    const fail = () => {
      throw new Error('secret');
    };
    expect(withTrace('t', { captureOutput: fail }, () => withSpan('s', hostile, () => 7))).to.equal(7);
    said.restore();
    expect(spanOutputs()).to.deep.equal([undefined]);
    expect(said.lines.map(String)).to.have.length(1);
    expect(String(said.lines[0])).to.match(/captureOutput or reduce threw an Error; the output is left out/);
  });
});

describe('A traced function in a trace that has nothing else', () => {
  class Agent {
    @trace
    run(): void {
      this.step();
    }
    @span
    step(): void {}
    @trace({ nested: 'span' })
    part(): void {}
  }

  const line = /^\[pandaprobe\] debug: the trace outer has no spans: .*nested: 'span'/;

  /** The lines of a run in debug mode that name the option. */
  function said(run: () => void, debug = true): string[] {
    const memory = new MemorySink();
    init({ sinks: [memory], debug });
    const heard = listenToStderr();
    try {
      run();
    } finally {
      heard.restore();
    }
    return heard.lines.map(String).filter((text) => text.includes('nested'));
  }
  afterEach(() => shutdown({ timeoutMs: 0 }));

  const traced = traceFunction(() => {}, { name: 'inner' });
  const empty: Record<string, () => void> = {
    'a decorated method': () => withTrace('outer', () => new Agent().run()),
    'a wrapped function': () => withTrace('outer', () => traced()),
    'two of them, in a handle': () => {
      using _ = startTrace('outer');
      traced();
      new Agent().run();
    },
  };
  for (const [title, run] of Object.entries(empty)) {
    it(`is reported in one debug line that names the option: ${title}`, () => {
      const lines = said(run);
      expect(lines).to.have.length(1);
      expect(lines[0]).to.match(line);
      expect(said(run, false)).to.deep.equal([]);
    });
  }

  it('is not reported if the outer trace has spans, or nothing in it', () => {
    expect(said(() => withTrace('outer', () => withSpan('s', () => new Agent().run())))).to.deep.equal([]);
    expect(said(() => withTrace('outer', () => new Agent().part()))).to.deep.equal([]);
    expect(said(() => withTrace('outer', () => {}))).to.deep.equal([]);
  });
});
