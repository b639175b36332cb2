import { expect } from 'chai';
import { Client, type FlushResult, HttpSink, MemorySink, SettingsError, type Sink } from '../../lib/index.js';
import { startReceiver, unprocessable } from '../support/receiver.js';
import { listenToStderr } from '../support/stderr.js';
import { runCode } from './programs.js';

const id = '3b1f2a6e-8f7e-4c57-9a55-0d6f5a4f9c11';
const fault = () => {
  throw new Error('broken');
};

/** Uses every method a sink may have. */
function useSinks(client: Client): void {
  const t = client.trace('agent');
  const late = t.span('late');
  t.end();
  late.end();
  client.score(id, 'quality', 1);
}

describe('Sinks', () => {
  let said: ReturnType<typeof listenToStderr>;
  beforeEach(() => {
    said = listenToStderr();
  });
  afterEach(() => said.restore());

  it('all get the same records, in the order they were given', async () => {
    const calls: string[] = [];
    const named = (name: string): Sink => ({
      name,
      trace: (record) => calls.push(`${name} trace ${record.name}`),
      lateSpans: ({ spans }) => calls.push(`${name} late ${spans.map((span) => span.name)}`),
      score: (record) => calls.push(`${name} score ${record.name}`),
    });
    const client = new Client({ sinks: [named('a'), named('b')] });
    useSinks(client);
    await client.shutdown();
    expect(calls).to.deep.equal([
      'a trace agent',
      'b trace agent',
      'a late late',
      'b late late',
      'a score quality',
      'b score quality',
    ]);
  });

  it('need no method but trace', async () => {
    const client = new Client({ sinks: [{ name: 'least', trace() {} }] });
    useSinks(client);
    expect(await client.flush()).to.deep.equal({ ok: true, delivered: 0, dropped: 0, failed: 0, pending: 0 });
    expect(client.stats().created).to.equal(0);
    expect(await client.shutdown()).to.include({ ok: true });
    expect(said.lines.filter((line) => line.includes('sink'))).to.deep.equal([]);
  });

  const broken: Record<string, Sink> = {
    throw: {
      name: 'broken',
      trace: fault,
      lateSpans: fault,
      score: fault,
      flush: fault,
      shutdown: fault,
      stats: fault,
      exit: fault,
    },
    reject: {
      name: 'broken',
      trace: async () => fault(),
      lateSpans: async () => fault(),
      score: async () => fault(),
      flush: async () => fault(),
      shutdown: async () => fault(),
    },
  };
  for (const [how, sink] of Object.entries(broken)) {
    it(`P11 that ${how} harm neither the caller nor another sink`, async () => {
      const memory = new MemorySink();
      const unhandled: unknown[] = [];
      const listener = (reason: unknown) => unhandled.push(reason);
      process.on('unhandledRejection', listener);
      try {
        const client = new Client({ sinks: [sink, memory] });
        useSinks(client);
        expect(client.trace('t').run(() => 'through')).to.equal('through');
        expect(await client.flush()).to.deep.equal({ ok: false, delivered: 3, dropped: 0, failed: 0, pending: 0 });
        expect(client.stats()).to.include({ created: 3, delivered: 3 });
        expect(await client.shutdown()).to.include({ ok: false });
        await new Promise((resolve) => setImmediate(resolve));
      } finally {
        process.off('unhandledRejection', listener);
      }
      expect(unhandled).to.deep.equal([]);
      expect(memory.tree()).to.equal('agent\n└─ late OTHER\nt');
      expect(memory.scores).to.have.length(1);
      expect(said.lines.filter((line) => line.includes('broken'))).to.deep.equal([
        '[pandaprobe] error: the sink broken threw: broken',
      ]);
    });
  }

  it('P11 that throw at the end of the process change neither its code nor the others', async () => {
    const { code, stdout, stderr } = await runCode(`
      import { init, withTrace } from 'pandaprobe-ts';
      const good = { name: 'good', trace() {}, exit: (ms) => console.log(ms > 0 && ms <= 5000 ? 'in time' : ms) };
      const bad = { name: 'bad', trace() {}, exit() { throw new Error('broken'); } };
      init({ sinks: [bad, good] });
      withTrace('t', () => {});
      process.exit(6);`);
    expect({ code, stdout, stderr }).to.deep.equal({
      code: 6,
      stdout: 'in time\n',
      stderr: '[pandaprobe] error: the sink bad threw: broken\n',
    });
  });

  it('P3 that never settle do not hold a flush beyond its time', async () => {
    const never = () => new Promise<FlushResult>(() => {});
    const memory = new MemorySink();
    const client = new Client({ sinks: [{ name: 'hanging', trace() {}, flush: never, shutdown: never }, memory] });
    client.trace('t').end();
    expect(await client.flush({ timeoutMs: 10 })).to.deep.equal({
      ok: false,
      delivered: 1,
      dropped: 0,
      failed: 0,
      pending: 0,
    });
    expect(await client.shutdown({ timeoutMs: 10 })).to.include({ ok: false });
  });

  it('are asked for their counts, which add up', async () => {
    const counts = (delivered: number, dropped: number, droppedByReason: Record<string, number>) => ({
      created: 10,
      delivered,
      failed: 1,
      pending: 2,
      dropped,
      droppedByReason,
      pendingBytes: 100,
    });
    const result = (ok: boolean) => ({ ok, delivered: 1, dropped: 2, failed: 3, pending: 4 });
    const client = new Client({
      sinks: [
        { name: 'a', trace() {}, stats: () => counts(4, 3, { full: 3 }), flush: async () => result(true) },
        { name: 'b', trace() {}, stats: () => counts(5, 2, { full: 1, old: 1 }), flush: async () => result(false) },
      ],
    });
    expect(client.stats()).to.deep.equal({
      created: 20,
      delivered: 9,
      failed: 2,
      pending: 4,
      dropped: 5,
      droppedByReason: { full: 4, old: 1 },
      pendingBytes: 200,
    });
    expect(await client.flush()).to.deep.equal({ ok: false, delivered: 2, dropped: 4, failed: 6, pending: 8 });
    await client.shutdown();
  });

  it('P11 that leave counts out do not spoil those of the others', async () => {
    const memory = new MemorySink();
    const partial = { name: 'partial', trace() {}, stats: () => ({ created: 2 }), flush: async () => ({ ok: false }) };
    const client = new Client({ sinks: [memory, partial as object as Sink] });
    client.trace('t').end();
    expect(client.stats()).to.include({ created: 3, delivered: 1, failed: 0, pending: 0, dropped: 0, pendingBytes: 0 });
    const counts = { delivered: 1, dropped: 0, failed: 0, pending: 0 };
    expect(await client.flush()).to.deep.equal({ ok: false, ...counts });
    await client.shutdown();
  });

  it('are flushed at shutdown when they have no shutdown of their own', async () => {
    const calls: string[] = [];
    const flush = (name: string) => async (): Promise<FlushResult> => {
      calls.push(name);
      return { ok: true, delivered: 1, dropped: 0, failed: 0, pending: 0 };
    };
    const client = new Client({
      sinks: [
        { name: 'a', trace() {}, flush: flush('a.flush') },
        { name: 'b', trace() {}, flush: flush('b.flush'), shutdown: flush('b.shutdown') },
      ],
    });
    expect(await client.shutdown()).to.include({ ok: true, delivered: 2 });
    expect(calls).to.deep.equal(['a.flush', 'b.shutdown']);
  });

  it('get the timeout of a flush', async () => {
    const told: unknown[] = [];
    const sink: Sink = {
      name: 'a',
      trace() {},
      async flush(options) {
        told.push(options);
        return { ok: true, delivered: 0, dropped: 0, failed: 0, pending: 0 };
      },
    };
    const client = new Client({ sinks: [sink] });
    await client.flush();
    await client.flush({ timeoutMs: 250 });
    await client.flush(1.5);
    expect(told).to.deep.equal([undefined, { timeoutMs: 250 }, { timeoutMs: 1500 }]);
    await client.shutdown();
  });

  describe('HttpSink', () => {
    it('sends beside another sink', async () => {
      await using receiver = await startReceiver();
      const memory = new MemorySink();
      const http = new HttpSink({
        apiKey: 'sk_pp_key',
        projectName: 'specs',
        endpoint: receiver.url,
        worker: 'inline',
      });
      const client = new Client({ sinks: [http, memory] });
      client.trace('agent').end();
      expect(await client.shutdown()).to.deep.equal({ ok: true, delivered: 2, dropped: 0, failed: 0, pending: 0 });
      expect(receiver.traces.map(({ name }) => name)).to.deep.equal(memory.traces.map(({ name }) => name));
    });

    it('P11 tells its own listener and those of the client of a loss, whatever another of them does', async () => {
      await using receiver = await startReceiver({ behave: () => unprocessable('body') });
      const told: string[] = [];
      const unhandled: unknown[] = [];
      const onUnhandled = (reason: unknown) => unhandled.push(reason);
      process.on('unhandledRejection', onUnhandled);
      try {
        const http = new HttpSink({
          apiKey: 'sk_pp_key',
          projectName: 'specs',
          endpoint: receiver.url,
          worker: 'inline',
          async onError() {
            told.push('of the sink');
            throw new Error('no');
          },
        });
        const client = new Client({ sinks: [http], onError: () => told.push('of the options') });
        client.onError(() => {
          throw new Error('no');
        });
        client.onError(() => told.push('of the client'));
        client.trace('agent').end();
        expect(await client.shutdown()).to.include({ ok: false, failed: 1 });
        await new Promise((resolve) => setImmediate(resolve));
      } finally {
        process.off('unhandledRejection', onUnhandled);
      }
      expect(told).to.deep.equal(['of the sink', 'of the options', 'of the client']);
      expect(unhandled).to.deep.equal([]);
    });

    it('sends nothing, and needs no key, if everything is switched off', async () => {
      const http = new HttpSink({}, { PANDAPROBE_ENABLED: 'false' });
      const memory = new MemorySink();
      const client = new Client({ sinks: [http, memory], enabled: true });
      client.trace('agent').end();
      expect(await client.shutdown()).to.include({ ok: true, delivered: 1 });
      expect(() => new HttpSink({}, { PANDAPROBE_ENABLED: 'true' })).to.throw(SettingsError, /^apiKey: expected/);
    });

    it('refuses to be made without a key or a project name', () => {
      expect(() => new HttpSink({ projectName: 'specs' })).to.throw(SettingsError, /^apiKey: expected/);
      expect(() => new HttpSink({ apiKey: 'sk_pp_key' })).to.throw(SettingsError, /^projectName: expected/);
      expect(() => new HttpSink({ apiKey: 'sk_pp_key', projectName: '-' })).to.throw(SettingsError, /^projectName/);
    });
  });
});
