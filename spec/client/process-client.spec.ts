import { expect } from 'chai';
import {
  Client,
  flush,
  getClient,
  init,
  MemorySink,
  type Options,
  SettingsError,
  shutdown,
  startTrace,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { listenToStderr } from './said.js';

const events = ['exit', 'beforeExit', 'SIGTERM', 'SIGINT', 'SIGHUP', 'uncaughtException', 'unhandledRejection'];
const countListeners = () => events.map((event) => `${event} ${process.listenerCount(event)}`);

describe('The process-wide client', () => {
  let receiver: Receiver;
  let options: Options;
  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
    options = { apiKey: 'sk_pp_key', projectName: 'specs', endpoint: receiver.url, worker: 'inline' };
  });
  afterEach(async () => {
    await shutdown({ timeoutMs: 0 });
    await receiver.close();
  });

  describe('.init()', () => {
    it('makes the client that records from then on', async () => {
      const client = init({ ...options, environment: 'test', release: '1.2.3' });
      withTrace('agent', () => withSpan('search', { kind: 'TOOL' }, () => 'found'));
      expect(getClient()).to.equal(client);
      expect(await flush()).to.deep.equal({ ok: true, delivered: 1, dropped: 0, failed: 0, pending: 0 });
      expect(treeOf(receiver.trace('agent'))).to.equal('agent(search)');
      expect(receiver.trace('agent')).to.include({ environment: 'test', release: '1.2.3', status: 'COMPLETED' });
      expect(receiver.problems).to.deep.equal([]);
    });

    it('sends the key, the project name and a fresh request id with every request', async () => {
      init({ ...options, batchSize: 1 });
      for (const name of ['first', 'second']) withTrace(name, () => {});
      await flush();
      const headers = receiver.requests.map((request) => request.headers);
      expect(headers).to.have.length(2);
      for (const one of headers) {
        expect(one).to.include({
          'x-api-key': 'sk_pp_key',
          'x-project-name': 'specs',
          'content-type': 'application/json',
        });
        expect(one['user-agent']).to.match(/^pandaprobe-ts\/\d+\.\d+\.\d+$/);
      }
      expect(new Set(headers.map((one) => one['x-request-id']))).to.have.property('size', 2);
    });

    it('refuses a wrong option and leaves the client before in its place', () => {
      const client = init({ sinks: [] });
      expect(() => init({ ...options, batchSize: 0 })).to.throw(SettingsError, /^batchSize: expected/);
      expect(getClient()).to.equal(client);
      expect(client.enabled).to.equal(true);
    });

    it('refuses a project name the backend would refuse', () => {
      expect(() => init({ ...options, projectName: 'no/slash' }))
        .to.throw(SettingsError, /^projectName: expected/)
        .that.includes({ code: 'ERR_SETTINGS', option: 'projectName' });
    });

    it('refuses a key without a project name', () => {
      expect(() => init({ apiKey: 'sk_pp_key' }))
        .to.throw(SettingsError, /^projectName: expected .+, got no project name$/)
        .that.includes({ code: 'ERR_SETTINGS', option: 'projectName' });
    });

    it('refuses a project name without a key', () => {
      expect(() => init({ projectName: 'specs' }))
        .to.throw(SettingsError, /^apiKey: expected .+, got no API key$/)
        .that.includes({ code: 'ERR_SETTINGS', option: 'apiKey' });
    });

    it('delivers what the client before still held', async () => {
      init({ ...options, projectName: 'first' });
      withTrace('early', () => {});
      init({ ...options, projectName: 'second' });
      withTrace('late', () => {});
      await flush();
      await receiver.until(() => receiver.traces.length === 2);
      const projects = receiver.requests.map(({ headers, body }) => [(body as { name: string }).name, headers]);
      expect(
        projects.map(([name, headers]) => `${name} ${(headers as Record<string, string>)['x-project-name']}`).sort(),
      ).to.deep.equal(['early first', 'late second']);
    });

    it('P15 leaves no listener behind, however often it is called', async () => {
      await shutdown();
      const before = countListeners();
      const clients: Client[] = [];
      for (let i = 0; i < 50; i += 1) clients.push(init(options));
      const during = countListeners();
      await Promise.all(clients.map((client) => client.shutdown()));
      expect(during).to.deep.equal([
        ...before.slice(0, 5).map((entry) => entry.replace(/\d+$/, (count) => String(Number(count) + 1))),
        ...before.slice(5),
      ]);
      expect(countListeners()).to.deep.equal(before);
    });

    it('says nothing when all is well', async () => {
      const said = listenToStderr();
      try {
        init(options);
        withTrace('agent', { input: { messages: [{ role: 'user', content: 'hi' }] } }, () => {});
        await shutdown();
      } finally {
        said.restore();
      }
      expect(said.lines).to.deep.equal([]);
    });
  });

  describe('.shutdown()', () => {
    it('delivers what was recorded before it', async () => {
      init(options);
      withTrace('agent', () => {});
      expect(await shutdown()).to.include({ ok: true, delivered: 1, pending: 0 });
      expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['agent']);
    });

    it('makes recording a no-op: bodies run, handles work, nothing is sent', async () => {
      const client = init(options);
      await shutdown();
      expect(client.enabled).to.equal(false);
      expect(withTrace('agent', (t) => withSpan('search', (s) => [t, s].length))).to.equal(2);
      const t = startTrace('agent').setOutput('x');
      t.span('search').setError('wrong').end();
      t.end();
      client.trace('agent').end();
      client.score(t.traceId, 'quality', 1);
      expect(await flush()).to.include({ delivered: 0, pending: 0 });
      expect(client.stats().created).to.equal(0);
      expect(receiver.requests).to.have.length(0);
    });

    it('may be called again, and gives the same', async () => {
      init(options);
      withTrace('agent', () => {});
      const [first, second] = await Promise.all([shutdown(), shutdown()]);
      expect(second).to.deep.equal(first);
      expect(await shutdown()).to.deep.equal(first);
    });

    it('shuts each sink down once', async () => {
      let shutdowns = 0;
      const sink = {
        name: 'counting',
        trace() {},
        async shutdown() {
          shutdowns += 1;
          return { ok: true, delivered: 0, dropped: 0, failed: 0, pending: 0 };
        },
      };
      init({ sinks: [sink] });
      await shutdown();
      init({ sinks: [] });
      await shutdown();
      expect(shutdowns).to.equal(1);
    });

    it('P9 delivers what is still open, marked, and counts what ends too late as dropped', async () => {
      const client = init(options);
      const t = startTrace('agent');
      const s = t.span('search').setOutput('found so far');
      expect(await flush()).to.include({ ok: true, delivered: 0, pending: 0 });
      expect(await shutdown()).to.include({ ok: true, delivered: 1, pending: 0 });
      const { status, metadata, spans } = receiver.trace('agent');
      expect(status).to.equal('ERROR');
      expect(metadata).to.deep.equal({ error: 'the client ended before the trace did' });
      expect(spans[0]).to.deep.include({ output: 'found so far', metadata: { 'pandaprobe.unfinished': true } });
      s.end();
      t.end();
      expect(client.stats()).to.deep.include({ created: 2, delivered: 1, pending: 0, dropped: { shutdown: 1 } });
    });

    it('leaves the open traces of other clients open', async () => {
      const other = new Client(options);
      const t = other.trace('other');
      init(options);
      await shutdown();
      expect(receiver.requests).to.have.length(0);
      t.end();
      expect(await other.shutdown()).to.include({ delivered: 1 });
      expect(receiver.trace('other')).to.include({ status: 'COMPLETED' });
    });

    it('lets init() start anew', async () => {
      init(options);
      await shutdown();
      init(options);
      withTrace('again', () => {});
      expect(await flush()).to.include({ ok: true, delivered: 1 });
    });
  });

  describe('.config', () => {
    it('shows the settled options and not the key', async () => {
      const client = init({ ...options, batchSize: 7 });
      expect(client.config).to.include({
        projectName: 'specs',
        endpoint: receiver.url,
        batchSize: 7,
        worker: 'inline',
      });
      expect(client.config).not.to.have.property('apiKey');
      const { inspect } = await import('node:util');
      expect(inspect(client, { depth: 9, showHidden: true }) + JSON.stringify(client)).not.to.include('sk_pp_key');
    });
  });

  describe('with several clients side by side', () => {
    it('P10 gives each receiver exactly its own, when two interleave 1,000 traces', async () => {
      await using other = await startReceiver({ check: checkBody });
      const a = new Client({ ...options, projectName: 'a' });
      const b = new Client({ ...options, projectName: 'b', endpoint: other.url });
      await Promise.all(
        Array.from({ length: 1000 }, async (_, i) => {
          const client = i % 2 === 0 ? a : b;
          await client.trace(`${client === a ? 'a' : 'b'}${i}`).run(async (t) => {
            await null;
            t.withSpan(`s${i}`, () => {});
          });
        }),
      );
      expect(await a.shutdown()).to.include({ ok: true, delivered: 500 });
      expect(await b.shutdown()).to.include({ ok: true, delivered: 500 });
      for (const [name, its] of [
        ['a', receiver],
        ['b', other],
      ] as const) {
        const expected = Array.from({ length: 1000 }, (_, i) => i).filter((i) => (i % 2 === 0) === (name === 'a'));
        expect(its.traces.map(treeOf).sort()).to.deep.equal(expected.map((i) => `${name}${i}(s${i})`).sort());
        expect(its.problems).to.deep.equal([]);
        expect(new Set(its.requests.map(({ headers }) => headers['x-project-name']))).to.deep.equal(new Set([name]));
      }
    });

    it('keeps a trace of one inside a trace of the other apart', async () => {
      const [outer, inner] = [new MemorySink(), new MemorySink()];
      const a = new Client({ sinks: [outer] });
      const b = new Client({ sinks: [inner] });
      await a.trace('outer').run(async () => {
        withSpan('before', () => {});
        await b.trace('inner').run(async () => withSpan('within', async () => {}));
        withSpan('after', () => {});
      });
      expect(outer.tree()).to.equal('outer\n├─ before OTHER\n└─ after OTHER');
      expect(inner.tree()).to.equal('inner\n└─ within OTHER');
      await Promise.all([a.shutdown(), b.shutdown()]);
    });

    it('leaves the process-wide one alone', () => {
      const processWide = init({ sinks: [] });
      new Client({ sinks: [] }).trace('own').end();
      expect(getClient()).to.equal(processWide);
    });

    it('watches the end of the process with one listener for all', async () => {
      await shutdown();
      const before = countListeners();
      const clients = [new Client(options), new Client(options), new Client({ sinks: [] })];
      const during = countListeners();
      await clients[0]?.shutdown();
      expect(countListeners()).to.deep.equal(during);
      await Promise.all(clients.map((client) => client.shutdown()));
      expect(countListeners()).to.deep.equal(before);
    });
  });

  describe('with more open traces than can be kept', () => {
    it('sends the oldest as an ERROR and says so once', async () => {
      const sink = new MemorySink();
      const client = new Client({ sinks: [sink] });
      const said = listenToStderr();
      try {
        for (let i = 0; i < 10_002; i += 1) client.trace(`t${i}`);
      } finally {
        said.restore();
      }
      expect(sink.traces.map(({ name, status, metadata }) => [name, status, metadata])).to.deep.equal([
        ['t0', 'ERROR', { error: 'never ended' }],
        ['t1', 'ERROR', { error: 'never ended' }],
      ]);
      expect(said.lines).to.deep.equal([
        '[pandaprobe] warning: more than 10000 traces are open; the oldest is sent as it is',
      ]);
      await client.shutdown();
    });
  });
});
