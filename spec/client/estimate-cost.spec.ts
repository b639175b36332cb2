import { expect } from 'chai';
import {
  Client,
  type EstimateCost,
  type EstimateFacts,
  init,
  logTrace,
  MemorySink,
  type Options,
  SpanData,
  type SpanOptions,
  shutdown,
  startTrace,
  type TokenUsage,
  TraceData,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import { listenToStderr } from '../support/stderr.js';

const usage = { promptTokens: 1000, completionTokens: 200, cacheReadTokens: 400 };

/** What a call of the user's function was given. */
type Asked = readonly [model: string, usage: unknown];

describe('estimateCost', () => {
  let memory: MemorySink;
  let asked: Asked[];
  afterEach(() => shutdown({ timeoutMs: 0 }));

  /** Records with a function that gives `cost`. */
  function start(cost: ReturnType<EstimateCost>, options: Options = {}): void {
    memory = new MemorySink();
    asked = [];
    const estimateCost: EstimateCost = (model, usage) => {
      asked.push([model, usage]);
      return cost;
    };
    init({ sinks: [memory], estimateCost, ...options });
  }

  /** A trace with one span that counts tokens. */
  function call(options: SpanOptions = { kind: 'LLM', model: 'm-1' }, tokens: TokenUsage | undefined = usage): void {
    withTrace('agent', () =>
      withSpan('call', options, (span) => {
        if (tokens !== undefined) span.setTokenUsage(tokens);
      }),
    );
  }

  const costs = () => memory.traces.flatMap(({ spans }) => spans.map(({ cost }) => cost));

  it('is given the model and the token usage as they are recorded', () => {
    start(0.25);
    call();
    expect(asked).to.deep.equal([['m-1', { prompt_tokens: 1000, completion_tokens: 200, cache_read_tokens: 400 }]]);
    expect(costs()).to.deep.equal([{ total: 0.25 }]);
  });

  it('is given the start of the call, and a function that prints debug lines', () => {
    const facts: EstimateFacts[] = [];
    const before = Date.now();
    start(0, {
      debug: true,
      estimateCost: (_, __, given) => {
        facts.push(given);
        return undefined;
      },
    });
    const said = listenToStderr();
    try {
      call();
      facts[0]?.debug('no price of m-1');
    } finally {
      said.restore();
    }
    expect(facts).to.have.length(1);
    expect(facts[0]?.startedAt).to.be.within(before - 1, Date.now() + 1);
    expect(said.lines.join('\n')).to.include('debug: no price of m-1');
  });

  for (const none of [undefined, null])
    it(`leaves the cost out without a warning if it returns ${none}`, () => {
      const said = listenToStderr();
      try {
        start(0, { estimateCost: (() => none) as unknown as EstimateCost });
        call();
      } finally {
        said.restore();
      }
      expect(costs()).to.deep.equal([undefined]);
      expect(said.lines).to.deep.equal([]);
    });

  it('may return a cost in parts', () => {
    start({ total: 0.3, promptCost: 0.1, completion_cost: 0.2 });
    call();
    expect(costs()).to.deep.equal([{ total: 0.3, prompt_cost: 0.1, completion_cost: 0.2 }]);
  });

  it('is called for embeddings, and for no other kind with tokens but LLM', () => {
    start(1);
    call({ kind: 'EMBEDDING', model: 'e-1' });
    for (const kind of ['AGENT', 'CHAIN', 'TOOL', 'OTHER'] as const) call({ kind, model: 'm-1' });
    expect(asked.map(([model]) => model)).to.deep.equal(['e-1']);
  });

  it('is not called without a model, without token usage, or if the cost is known', () => {
    start(1);
    call({ kind: 'LLM' });
    withTrace('agent', () => withSpan('call', { kind: 'LLM', model: 'm-1' }, () => {}));
    withTrace('agent', () =>
      withSpan('call', { kind: 'LLM', model: 'm-1' }, (span) => span.setTokenUsage(usage).setCost({ total: 0 })),
    );
    expect(asked).to.deep.equal([]);
    expect(costs()).to.deep.equal([undefined, undefined, { total: 0 }]);
  });

  it('leaves the cost out if it returns nothing', () => {
    const said = listenToStderr();
    start(undefined);
    call();
    said.restore();
    expect(costs()).to.deep.equal([undefined]);
    expect(said.lines).to.deep.equal([]);
  });

  it('is called for late spans, and for traces of logTrace()', () => {
    start(0.5);
    const trace = startTrace('agent');
    const late = trace.span('late', { kind: 'LLM', model: 'm-1' });
    trace.end();
    expect(asked).to.have.length(0);
    late.setTokenUsage(usage).end();
    const now = new Date();
    const span = new SpanData({
      name: 'old',
      kind: 'LLM',
      model: 'm-2',
      tokenUsage: usage,
      startedAt: now,
      endedAt: now,
    });
    logTrace(new TraceData({ name: 'imported', startedAt: now, endedAt: now, spans: [span] }));
    expect(asked.map(([model]) => model)).to.deep.equal(['m-1', 'm-2']);
    expect(costs()).to.deep.equal([{ total: 0.5 }, { total: 0.5 }]);
  });

  it('never runs when nothing is recorded', () => {
    start(1, { enabled: false });
    call();
    start(1, { sampleRate: 0 });
    call();
    start(1, { sampleRate: 0, alwaysKeepErrors: true });
    call();
    expect(asked).to.deep.equal([]);
    withTrace('failing', (trace) => {
      withSpan('call', { kind: 'LLM', model: 'm-1' }, (span) => span.setTokenUsage(usage));
      trace.setStatus('ERROR');
    });
    expect(asked).to.have.length(1);
  });

  it('is the function of the client that records', async () => {
    const clients = [0.1, 0.2].map((cost) => {
      const sink = new MemorySink();
      return { sink, client: new Client({ sinks: [sink], estimateCost: () => cost }) };
    });
    for (const { client } of clients) {
      const trace = client.trace('agent');
      trace.withSpan('call', { kind: 'LLM', model: 'm-1' }, (span) => span.setTokenUsage(usage));
      trace.end();
      await client.shutdown();
    }
    const recorded = clients.map(({ sink }) => sink.traces[0]?.spans[0]?.cost);
    expect(recorded).to.deep.equal([{ total: 0.1 }, { total: 0.2 }]);
  });

  describe('P11 with a fault', () => {
    const faults: readonly (readonly [title: string, estimate: () => unknown, line: RegExp])[] = [
      ['an error', () => JSON.parse('{'), /warning: estimateCost threw; the cost is left out: .*JSON/],
      ['a rejection', () => Promise.reject(new Error('no price')), /got a value of type object/],
      ['a text', () => '0.25', /got a value of type string/],
      ['a negative number', () => -1, /got -1/],
      ['no number', () => Number.NaN, /got NaN/],
      ['an object without numbers', () => ({ total: 'much' }), /got a value of type object/],
      [
        'a hostile proxy',
        () => new Proxy({}, { get: () => JSON.parse('{'), ownKeys: () => JSON.parse('{') }),
        /warning: .*estimateCost/,
      ],
    ];
    for (const [title, estimate, line] of faults) {
      it(`records the span without a cost and says so once: ${title}`, async () => {
        const said = listenToStderr();
        try {
          start(0, { estimateCost: estimate as EstimateCost });
          for (let i = 0; i < 3; i += 1) call();
          await new Promise((resolve) => setImmediate(resolve)); // a rejection nobody handles would show
        } finally {
          said.restore();
        }
        expect(costs()).to.deep.equal([undefined, undefined, undefined]);
        const texts = said.lines.map(String);
        expect(texts[0]).to.match(line);
        expect(new Set(texts)).to.have.property('size', texts.length);
        expect(texts.length).to.be.at.most(2);
      });
    }
  });
});
