import { expect } from 'chai';
import {
  bind,
  Client,
  getClient,
  getCurrentTrace,
  HttpSink,
  init,
  MemorySink,
  span,
  spanFunction,
  startTrace,
  trace,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import { startReceiver } from '../support/receiver.js';
import { turns } from '../support/recording.js';

describe('Spans that are opened after their trace has ended (P7)', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  afterEach(() => getClient().shutdown());
  const tree = () => memory.tree();

  it('P7 may be opened in callbacks of bind()', () => {
    const jobs: (() => unknown)[] = [];
    withTrace('import', () => {
      for (const name of ['row 1', 'row 2']) jobs.push(bind(() => withSpan(name, () => 'stored')));
    });
    expect(tree()).to.equal('import');
    for (const job of jobs) expect(job()).to.equal('stored');
    expect(tree()).to.equal('import\n├─ row 1 OTHER\n└─ row 2 OTHER');
  });

  it('P7 are below the callback that started the work, with their error and children', async () => {
    let background: Promise<unknown> = Promise.resolve();
    await withTrace('request', () =>
      withSpan('answer', () => {
        background = turns(2).then(() =>
          withSpan('save', async () => {
            await turns();
            withSpan('write', () => {});
            throw new Error('db down');
          }).catch(() => {}),
        );
        return 'answered';
      }),
    );
    await background;
    expect(tree()).to.equal('request\n└─ answer OTHER\n   └─ save OTHER ERROR\n      └─ write OTHER');
    expect(memory.traces[0]?.spans.find(({ name }) => name === 'save')).to.include({
      status: 'ERROR',
      error: 'db down',
    });
  });

  it('P7 are below the callback that started the work, also while the trace is open', async () => {
    await withTrace('request', async () => {
      let background: Promise<unknown> = Promise.resolve();
      withSpan('answer', () => {
        background = turns().then(() => withSpan('save', () => {}));
      });
      await background;
    });
    expect(tree()).to.equal('request\n└─ answer OTHER\n   └─ save OTHER');
  });

  it('P7 may be opened by decorated methods, generators and plain functions', async () => {
    const work: Promise<unknown>[] = [];
    const later = spanFunction(async () => turns(), { name: 'function' });
    class Agent {
      @trace run() {
        work.push(
          turns(1).then(() => this.step()),
          turns(2).then(() => later()),
        );
        work.push(
          turns(3).then(async () => {
            for await (const _ of this.stream());
          }),
        );
      }
      @span step() {}
      @span async *stream() {
        yield 1;
      }
    }
    new Agent().run();
    await Promise.all(work);
    expect(tree()).to.equal('run\n├─ step OTHER\n├─ function OTHER\n└─ stream OTHER');
  });

  it('P7 may be opened by handles: of the trace, of a span, and nested ones', async () => {
    const t = startTrace('t');
    const s = t.span('s');
    s.end();
    t.end();
    t.span('of the trace').end();
    s.span('of the span').end();
    t.withSpan('body', () => withSpan('in it', () => {}));
    expect(tree()).to.equal(
      't\n├─ s OTHER\n│  └─ of the span OTHER\n├─ of the trace OTHER\n└─ body OTHER\n   └─ in it OTHER',
    );
  });

  it('P7 may be opened in work that a function with `using` has started', async () => {
    let background: Promise<unknown> = Promise.resolve();
    const handle = async () => {
      using t = startTrace('request');
      background = turns(3).then(async () => {
        using _a = getCurrentTrace() === undefined ? t.span('a') : undefined;
        using _b = t.span('b');
        await turns();
        withSpan('c', () => {});
      });
      await turns();
    };
    await handle();
    await background;
    expect(tree()).to.equal('request\n└─ a OTHER\n   └─ b OTHER\n      └─ c OTHER');
  });

  it('P7 may be opened in a flow in which a handle left its trace current', async () => {
    const step = spanFunction(() => {}, { name: 'function' });
    const t = startTrace('t');
    const background = turns(2).then(() => {
      withSpan('body', () => {});
      step();
    });
    t.end();
    await background;
    expect(tree()).to.equal('t\n├─ body OTHER\n└─ function OTHER');
  });

  it('belong to their own trace, not to the one around it', async () => {
    let background: Promise<unknown> = Promise.resolve();
    await withTrace('outer', async () => {
      withTrace('inner', () => {
        background = turns().then(() => withSpan('late', () => {}));
      });
      await background;
      withSpan('own', () => {});
    });
    expect(tree()).to.equal('inner\n└─ late OTHER\nouter\n└─ own OTHER');
  });

  it('do not change what is current when they end', async () => {
    const t = startTrace('t');
    t.end();
    t.span('late').end();
    withSpan('nowhere', () => {});
    withTrace('next', () => withSpan('s', () => {}));
    expect(tree()).to.equal('t\n└─ late OTHER\nnext\n└─ s OTHER');
  });

  it('are not recorded if the trace was left out, or recording is off', async () => {
    const sampled = new Client({ sinks: [memory], sampleRate: 0 });
    const t = sampled.trace('left out');
    t.end();
    t.span('late').end();
    init({ enabled: false });
    let job = () => {};
    withTrace('off', () => {
      job = bind(() => withSpan('late', () => {}));
    });
    job();
    expect(memory.traces).to.deep.equal([]);
    expect(memory.stats().created).to.equal(0);
    await sampled.shutdown();
  });

  it('P9 are handed over unfinished if the client ends before they do', async () => {
    let release: () => void = () => {};
    const gate = new Promise<void>((open) => {
      release = open;
    });
    const job = withTrace('t', () => bind(() => withSpan('late', () => gate)));
    const running = job();
    await getClient().shutdown();
    expect(memory.traces[0]?.spans.map(({ name, metadata }) => [name, metadata])).to.deep.equal([
      ['late', { 'pandaprobe.unfinished': true }],
    ]);
    release();
    await running;
  });

  it('P32 that end together are one item and few requests, in full', async () => {
    const receiver = await startReceiver();
    init({ sinks: [new HttpSink({ apiKey: 'sk_pp_key', projectName: 'specs', endpoint: receiver.url })] });
    const jobs: (() => unknown)[] = [];
    withTrace('import', () => {
      for (let i = 0; i < 1200; i += 1) jobs.push(bind(() => withSpan(`row ${i}`, () => {})));
    });
    for (const job of jobs) job();
    const stats = getClient().stats();
    expect(stats.created).to.be.within(2, 5);
    const result = await getClient().flush();
    expect(result).to.include({ ok: true, delivered: stats.created });
    expect(receiver.traces[0]?.spans).to.have.length(1200);
    await getClient().shutdown();
    await receiver.close();
  });
});
