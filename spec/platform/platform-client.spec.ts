import { expect } from 'chai';
import { Client } from '../../lib/client/client.js';
import { TraceData } from '../../lib/client/recording/trace-data.js';
import { MemorySink } from '../../lib/client/sinks/memory-sink.js';
import { SettingsError } from '../../lib/common/errors.js';
import { withSpan } from '../../lib/index.js';
import { captureTraces, PlatformClient, PlatformError } from '../../lib/platform/platform-client.js';
import { known, type Running, span, startRunning, trace } from '../support/local-server.js';
import { id } from './answers.js';

describe('PlatformClient, against the local server', () => {
  let running: Running;
  let platform: PlatformClient;
  before(async () => {
    running = await startRunning();
    platform = new PlatformClient({ apiKey: 'k', projectName: 'spec', endpoint: `${running.server.url}/` });
  });
  after(() => running[Symbol.asyncDispose]());

  const post = (body: object, project = 'spec') =>
    running.call('POST', '/traces', body, { ...known, 'X-Project-Name': project });

  it('returns a trace with its spans in the names of this package, and contents unchanged', async () => {
    await post(
      trace(1, {
        session_id: 'chat',
        user_id: 'ana',
        tags: ['a'],
        metadata: { some_key: 1 },
        input: { user_text: 'hi' },
        spans: [
          span(11, { kind: 'LLM', token_usage: { prompt_tokens: 3, completion_tokens: 4 }, cost: { total: 0.5 } }),
        ],
      }),
    );
    const found = await platform.traces.get(id(1));
    expect(found).to.deep.include({
      ...{
        traceId: id(1),
        sessionId: 'chat',
        userId: 'ana',
        status: 'COMPLETED',
        startedAt: '2026-03-29T10:00:00+00:00',
      },
      ...{ metadata: { some_key: 1 }, input: { user_text: 'hi' }, tags: ['a'] },
    });
    expect(found.spans[0]).to.deep.include({
      ...{ spanId: id(11), parentSpanId: null, kind: 'LLM', tokenUsage: { prompt_tokens: 3, completion_tokens: 4 } },
      ...{ cost: { total: 0.5 }, timeToFirstTokenMs: null },
    });
    const { items, total } = await platform.traces.list({ sessionId: 'chat', tags: ['a', 'b'] });
    expect(total).to.equal(1);
    expect(items[0]).to.include({ traceId: id(1), spanCount: 1, totalTokens: 7, totalCost: 0.5 });
    await running.call('POST', '/evaluations/trace-scores', { trace_id: id(1), name: 'good', value: '0.5' });
    expect((await platform.scores.get(id(1)))[0]).to.include({
      traceId: id(1),
      name: 'good',
      value: '0.5',
      evalRunId: null,
    });
    expect((await platform.scores.list({ traceId: id(1), from: new Date(0) })).total).to.equal(1);
    expect((await platform.scores.list({ to: new Date(0) })).total).to.equal(0);
    const session = await platform.sessions.get('chat', { limit: undefined, offset: undefined });
    expect(session).to.include({ sessionId: 'chat', traceCount: 1, hasError: false });
    expect(session.traces[0]?.spans[0]?.spanId).to.equal(id(11));
    expect((await platform.sessions.list({ query: 'cha', sortBy: 'traceCount' })).items[0]?.totalTokens).to.equal(7);
  });

  it('sends each filter and order in the form of the platform', async () => {
    for (const n of [21, 22, 23])
      await post(trace(n, { started_at: `2026-04-0${n - 20}T00:00:00Z`, name: `t${n}` }), 'filters');
    const at = new PlatformClient({ apiKey: 'k', projectName: 'filters', endpoint: running.server.url });
    const names = async (options: Parameters<typeof at.traces.list>[0]) => {
      return (await at.traces.list(options)).items.map(({ name }) => name).join(' ');
    };
    expect(await names({})).to.equal('t23 t22 t21');
    expect(await names({ sortBy: 'name', sortOrder: 'asc', limit: 2 })).to.equal('t21 t22');
    expect(await names({ startedAfter: new Date('2026-04-02'), startedBefore: '2026-04-03T00:00:00Z' })).to.equal(
      't22',
    );
    expect(await names({ offset: 2 })).to.equal('t21');
    expect(await names({ status: 'ERROR' })).to.equal('');
    for (const [wrong, name] of [
      [{ limit: 201 }, 'limit'],
      [{ limit: 1.5 }, 'limit'],
      [{ offset: -1 }, 'offset'],
      [{ startedAfter: 'yesterday' }, 'startedAfter'],
    ] as const) {
      const error = await at.traces.list(wrong).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(RangeError).with.property('message').that.includes(name);
    }
    const session = await at.sessions.get('s', { limit: 1001 }).catch((thrown: unknown) => thrown);
    expect(session).to.be.instanceOf(RangeError).with.property('message').that.includes('limit');
  });

  for (const [sortOrder, pageSize] of [
    ['asc', 7],
    ['desc', 7],
    ['asc', 4],
    ['desc', 4],
  ] as const) {
    // biome-ignore format: pairs
    it(`iterates over every trace once, ${sortOrder} by ${pageSize}, while others come in and those read are deleted`, async () => {
      const project = `iterate ${sortOrder} ${pageSize}`;
      // Some start in the same microsecond, more of them than a page holds.
      const start = (n: number) => `2026-05-01T00:00:${n >= 6 && n < 12 ? '10.999999' : String(n).padStart(2, '0')}Z`;
      for (let n = 0; n < 20; n += 1) await post(trace(100 + n, { started_at: start(n), name: `t${n}` }), project);
      const at = new PlatformClient({ apiKey: 'k', projectName: project, endpoint: running.server.url });
      const plain: string[] = [];
      for await (const { name } of at.traces.iterate({ sortOrder, pageSize: 4 })) plain.push(name);
      expect(plain).to.have.lengthOf(20);
      expect(new Set(plain).size).to.equal(20);
      expect(plain[0]).to.equal(sortOrder === 'asc' ? 't0' : 't19');
      const seen: string[] = [];
      for await (const { traceId, name } of at.traces.iterate({ sortOrder, pageSize })) {
        seen.push(name);
        await at.traces.delete(traceId);
        await post(
          trace(200 + seen.length, {
            started_at: sortOrder === 'asc' ? '2026-04-30T00:00:00Z' : '2026-05-02T00:00:00Z',
          }),
          project,
        );
      }
      expect(seen.toSorted()).to.deep.equal(plain.toSorted());
    });
  }

  it('waits until a trace is there and has ended', async () => {
    const waiting = platform.traces.waitVisible(id(30), { intervalMs: 5, timeoutMs: 20_000 });
    await post(trace(30, { status: 'RUNNING' }));
    await running.call('PATCH', `/traces/${id(30)}`, { status: 'ERROR' });
    expect((await waiting).status).to.equal('ERROR');
    const grown = platform.traces.waitVisible(id(30), { intervalMs: 5, until: ({ spans }) => spans.length === 1 });
    await running.call('POST', `/traces/${id(30)}/spans`, [span(31)]);
    expect((await grown).spans).to.have.lengthOf(1);
    const error = await platform.traces
      .waitVisible(id(404), { intervalMs: 5, timeoutMs: 500 })
      .catch((thrown: unknown) => thrown);
    expect(error)
      .to.be.instanceOf(PlatformError)
      .with.property('message', `waiting for trace ${id(404)}: not stored within 500 ms`);
    const grows = platform.traces.waitVisible(id(30), { intervalMs: 5, timeoutMs: 500, until: () => false });
    expect(await grows.catch((thrown: unknown) => thrown)).to.have.property(
      'message',
      `waiting for trace ${id(30)}: stored as ERROR, but not as it was waited for, within 500 ms`,
    );
    const ending = new AbortController();
    const reason = new Error('enough');
    const wait = platform.traces.waitVisible(id(404), { signal: ending.signal });
    ending.abort(reason);
    expect(await wait.catch((thrown: unknown) => thrown)).to.equal(reason);
  });

  it('deletes traces and sessions, and returns whether there were any', async () => {
    await post(trace(40, { session_id: 'gone' }));
    await post(trace(41, { session_id: 'gone' }));
    expect(await platform.traces.delete(id(40))).to.equal(true);
    expect(await platform.traces.delete(id(40))).to.equal(false);
    expect(await platform.sessions.delete('gone')).to.equal(1);
    expect(await platform.sessions.delete('gone')).to.equal(0);
    const error = await platform.traces.get(id(40)).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(PlatformError).and.include({ status: 404, code: 'ERR_PLATFORM' });
  });

  it('reads that nothing was evaluated, and throws when an evaluation is started', async () => {
    expect(await platform.evaluations.metrics()).to.deep.equal([]);
    expect((await platform.evaluations.list({ status: 'FAILED' })).total).to.equal(0);
    expect((await platform.evaluations.list({ status: undefined })).total).to.equal(0);
    for (const ask of [
      platform.evaluations.get(id(1)),
      platform.evaluations.scores(id(1)),
      platform.evaluations.wait(id(1)),
    ]) {
      expect(await ask.catch((thrown: unknown) => thrown)).to.include({ name: 'PlatformError', status: 404 });
    }
    const create = platform.evaluations.create({ traceIds: [id(1)], metrics: ['m'] });
    expect(await create.catch((thrown: unknown) => thrown)).to.include({ name: 'PlatformError', status: 501 });
  });

  it('refuses invalid options and ids before it sends anything', async () => {
    const wrong: [object, string][] = [
      [{ apiKey: '' }, 'apiKey'],
      [{ projectName: '-x' }, 'projectName'],
      [{ endpoint: 'ftp://x' }, 'endpoint'],
      [{ timeoutMs: 0 }, 'timeoutMs'],
      [{ readAttempts: 11 }, 'readAttempts'],
      [{ fetch: 'x' }, 'fetch'],
      [{ atempts: 1 }, 'atempts'],
    ];
    for (const [options, option] of wrong) {
      expect(() => new PlatformClient({ apiKey: 'k', projectName: 'p', ...options }), option)
        .to.throw(SettingsError)
        .with.property('option', option);
    }
    expect(() => new PlatformClient({ apiKey: 'k', projectName: 'p', ...{ maxQueueSize: 5 } })).to.throw(
      'expected one of apiKey, projectName, endpoint, timeoutMs, readAttempts, fetch, got the option maxQueueSize',
    );
    // As the Python SDK takes them, and other things that types refuse.
    const create = (...given: unknown[]) =>
      (platform.evaluations.create as (...all: unknown[]) => Promise<unknown>)(...given);
    for (const given of [[[id(1)], ['m']], [undefined], [{ traceIds: id(1), metrics: ['m'] }]]) {
      const thrown = await create(...given).catch((error: unknown) => error);
      expect(thrown)
        .to.be.instanceOf(TypeError)
        .with.property('message')
        .that.matches(/^traceIds: expected an array/);
    }
    for (const metrics of ['quality', [''], [3], undefined]) {
      const thrown = await create({ traceIds: [id(1)], metrics }).catch((error: unknown) => error);
      expect(thrown)
        .to.be.instanceOf(TypeError)
        .with.property('message')
        .that.matches(/^metrics: expected/);
    }
    for (const call of [
      () => platform.traces.get('x'),
      () => platform.traces.delete(''),
      () => platform.scores.get('1'),
      () => platform.evaluations.create({ traceIds: [], metrics: ['m'] }),
      () => platform.evaluations.create({ traceIds: [id(1)], metrics: [] }),
      () => platform.sessions.get('a/b'),
      () => platform.sessions.delete('..'),
    ]) {
      expect(await call().catch((thrown: unknown) => thrown)).to.be.instanceOf(TypeError);
    }
  });

  describe('captureTraces()', () => {
    let client: Client;
    before(() => {
      client = new Client({ sinks: [new MemorySink()] });
    });
    after(() => client.shutdown());
    const startOne = () => {
      const one = client.trace('t');
      one.end();
      return one.traceId;
    };

    it('returns the traces that start in a scope, and in flows it starts, but none after it', async () => {
      startOne();
      let later: (() => string) | undefined;
      const { value, traceIds } = await captureTraces(async (soFar) => {
        const first = startOne();
        expect(soFar).to.deep.equal([first]);
        later = startOne;
        const others = await Promise.all([1, 2].map(async () => startOne()));
        const data = new TraceData({ name: 'data', startedAt: new Date() });
        client.logTrace(data);
        return [first, ...others, data.traceId];
      });
      expect(traceIds).to.deep.equal(value);
      later?.();
      expect(traceIds).to.have.lengthOf(4);
    });

    it('notes no trace that code starts which runs on in its scope', async () => {
      let goOn = (): void => {};
      let late: Promise<string> | undefined;
      const { traceIds } = await captureTraces(() => {
        late = new Promise<void>((resolve) => {
          goOn = resolve;
        }).then(startOne);
      });
      goOn();
      expect(await late).to.be.a('string');
      expect(traceIds).to.deep.equal([]);
    });

    it('leaves what is current as it is', async () => {
      const memory = new MemorySink();
      const own = new Client({ sinks: [memory] });
      const handle = own.trace('run');
      await captureTraces(() => withSpan('step', () => {}));
      handle.end();
      expect(memory.tree()).to.equal('run\n└─ step OTHER');
      await own.shutdown();
    });

    it('reports to outer scopes, too, returns at most maxTraces, and rethrows errors', async () => {
      const outer = await captureTraces(async () => {
        startOne();
        return captureTraces(() => [startOne(), startOne()], { maxTraces: 1 });
      });
      expect(outer.traceIds).to.have.lengthOf(3);
      expect(outer.value.traceIds).to.deep.equal(outer.value.value.slice(0, 1));
      const error = new Error('mine');
      expect(await captureTraces(() => Promise.reject(error)).catch((thrown: unknown) => thrown)).to.equal(error);
    });

    it('leaves out what sampling leaves out', async () => {
      const sampled = new Client({ sinks: [new MemorySink()], sampleRate: 0 });
      const { traceIds } = await captureTraces(() => sampled.trace('t').end());
      expect(traceIds).to.deep.equal([]);
      await sampled.shutdown();
    });
  });
});
