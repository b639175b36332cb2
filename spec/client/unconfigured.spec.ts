import { expect } from 'chai';
import { startReceiver, treeOf } from '../support/receiver.js';
import { runCode, variables } from './programs.js';

/** Uses everything there is, and prints what came through as JSON. */
const useEverything = `
import * as api from 'pandaprobe-ts';
const { bind, flush, getClient, getCurrentSpan, getCurrentTrace, logTrace, score, session, setSession, shutdown, span,
  spanFunction, startTrace, trace, traceFunction, TraceData, user, withSpan, withTrace } = api;

const decorated = (decorator, fn) => decorator(fn, { kind: 'method', name: fn.name, static: false, private: false });
const thrown = async (fn) => { try { await fn(); return 'nothing'; } catch (error) { return error.message; } };
const value = { an: 'object' };
const promise = Promise.resolve(value);
const through = {
  'a value': withTrace('t', () => withSpan('s', () => value)) === value,
  'a promise': withTrace('t', () => promise) === promise,
  'a wrapped function': traceFunction(() => value)() === value && spanFunction(() => promise)() === promise,
  'a decorated method': decorated(trace, function run() { return this; }).call(value) === value
    && decorated(span({ kind: 'LLM' }), function run() { return promise; })() === promise,
  'a generator': [...traceFunction(function* () { yield 1; yield 2; })()].join() === '1,2',
  'an error': await thrown(() => withTrace('t', async () => { throw new Error('mine'); })) === 'mine',
  'a session and a user': session('s', () => user('u', () => value)) === value,
  'a bound function': bind(() => value)() === value,
};

const t = startTrace('t', { input: 1, tags: ['a'] });
const s = t.span('s', { kind: 'LLM', model: 'm' });
const chained = s.setInput(1).setOutput(2).setModel('m').setModelParameters({}).setTokenUsage({ promptTokens: 1 })
  .setCost({ total: 1 }).setCompletionStartTime(new Date()).setError('e').setMetadata({});
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const handles = {
  'setters chain': chained === s && t.setInput(1).setOutput(2).setMetadata({}).setStatus('ERROR') === t,
  'ids are UUIDs that stay': uuid.test(t.traceId) && uuid.test(s.spanId) && t.traceId === t.traceId && s.traceId === t.traceId,
  'bodies run': s.run(() => value) === value && t.withSpan('x', (x) => x.withSpan('y', () => promise)) === promise,
  'dispose': typeof t[Symbol.dispose ?? Symbol.for('Symbol.dispose')] === 'function',
  'nothing is current': getCurrentTrace() === undefined && getCurrentSpan() === undefined,
};
s.end(new Error('e'));
t.end();
setSession('s');
score(t.traceId, 'quality', 1);
score('no id', '', 'x');
logTrace(new TraceData({ name: 'imported', startedAt: new Date() }));
const off = getClient().onError(() => {});
off();
const flushed = await flush();
const over = await shutdown(1);
console.log(JSON.stringify({ through, handles, flushed, over, enabled: getClient().enabled, stats: getClient().stats() }));
`;

const allTrue = (of: Record<string, boolean>) => Object.entries(of).filter(([, isTrue]) => !isTrue);

/** What both kinds of switched-off program must print. */
function expectNoOp(stdout: string): void {
  const { through, handles, flushed, over, enabled, stats } = JSON.parse(stdout);
  expect(Object.keys(through)).to.have.length(8);
  expect(allTrue(through), 'came through changed').to.deep.equal([]);
  expect(Object.keys(handles)).to.have.length(5);
  expect(allTrue(handles), 'handles').to.deep.equal([]);
  const nothing = { ok: true, delivered: 0, dropped: 0, failed: 0, pending: 0 };
  expect(flushed).to.deep.equal(nothing);
  expect(over).to.deep.equal(nothing);
  expect(enabled).to.equal(false);
  expect(stats).to.deep.equal({
    created: 0,
    delivered: 0,
    failed: 0,
    pending: 0,
    dropped: 0,
    droppedByReason: {},
    pendingBytes: 0,
  });
}

describe('A process without settings', () => {
  it('records nothing, lets everything through, and says how to get going in exactly one line', async () => {
    const { code, stdout, stderr } = await runCode(useEverything);
    expect(stderr).to.match(/^\[pandaprobe\] warning: no API key and no project name, so nothing is recorded\. .*\n$/);
    expect(stderr).to.include('PANDAPROBE_API_KEY').and.include('PANDAPROBE_PROJECT_NAME');
    expect(stderr.trimEnd().split('\n')).to.have.length(1);
    expectNoOp(stdout);
    expect(code).to.equal(0);
  });

  it('says what is missing when only one of the two variables is set', async () => {
    const { stderr } = await runCode("import { withTrace } from 'pandaprobe-ts'; withTrace('t', () => {});", {
      PANDAPROBE_API_KEY: 'sk_pp_key',
    });
    expect(stderr).to.match(/^\[pandaprobe\] warning: no project name, so nothing is recorded\. .*\n$/);
  });

  it('says with debug that traces are only printed, if PANDAPROBE_CONSOLE is set', async () => {
    const code = "import { withTrace } from 'pandaprobe-ts'; withTrace('t', () => {});";
    const printed = (env: Record<string, string>) => runCode(code, { PANDAPROBE_CONSOLE: 'true', ...env });
    expect((await printed({})).stderr).to.match(/^t \d+ ms\n$/);
    expect((await printed({ PANDAPROBE_DEBUG: 'true' })).stderr).to.match(
      /^\[pandaprobe\] debug: no API key and no project name, so traces are only printed\nt \d+ ms\n$/,
    );
  });

  it('says nothing as long as nothing is recorded', async () => {
    const { stdout, stderr } = await runCode("import 'pandaprobe-ts'; console.log('done');");
    expect({ stdout, stderr }).to.deep.equal({ stdout: 'done\n', stderr: '' });
  });

  it('opens no socket, thread, timer or listener', async () => {
    const code = `
      const state = () => JSON.stringify([process.getActiveResourcesInfo(), process.eventNames().map(String)]);
      const { withTrace } = await import('pandaprobe-ts');
      process.stderr;
      const before = state();
      withTrace('t', () => {});
      const after = state();
      console.log(before === after ? 'same' : before + after);`;
    const { stdout } = await runCode(code);
    expect(stdout).to.equal('same\n');
  });
});

describe('A process with PANDAPROBE_ENABLED=false', () => {
  it('records nothing, lets everything through and says nothing', async () => {
    await using receiver = await startReceiver();
    const env = { ...variables(receiver.url), PANDAPROBE_ENABLED: 'false' };
    const { code, stdout, stderr } = await runCode(useEverything, env);
    expect(stderr).to.equal('');
    expectNoOp(stdout);
    expect(code).to.equal(0);
    expect(receiver.requests).to.have.length(0);
  });

  it('records nothing with init({ enabled: false }) either, key or no key', async () => {
    await using receiver = await startReceiver();
    for (const options of [
      `{ enabled: false }`,
      `{ enabled: false, apiKey: 'sk_pp_key', endpoint: '${receiver.url}' }`,
    ]) {
      const code = useEverything.replace('\nconst decorated', `\napi.init(${options});\nconst decorated`);
      const { stdout, stderr } = await runCode(code);
      expect(stderr).to.equal('');
      expectNoOp(stdout);
    }
    expect(receiver.requests).to.have.length(0);
  });

  it('is overruled by init({ enabled: true })', async () => {
    await using receiver = await startReceiver();
    const code = `import { init, withTrace } from 'pandaprobe-ts'; init({ enabled: true }); withTrace('t', () => {});`;
    await runCode(code, { ...variables(receiver.url), PANDAPROBE_ENABLED: 'false' });
    expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['t']);
  });
});

describe('A process with the variables set', () => {
  it('starts by itself at the first use and delivers without a flush', async () => {
    await using receiver = await startReceiver();
    const code = `
      import { withSpan, withTrace } from 'pandaprobe-ts';
      withTrace('first', () => withSpan('inner', () => {}));`;
    const env = { ...variables(receiver.url), PANDAPROBE_ENVIRONMENT: 'ci', PANDAPROBE_RELEASE: '9' };
    const { stdout, stderr } = await runCode(code, env);
    expect({ stdout, stderr }).to.deep.equal({ stdout: '', stderr: '' });
    expect(receiver.traces.map(treeOf)).to.deep.equal(['first(inner)']);
    expect(receiver.trace('first')).to.include({ environment: 'ci', release: '9' });
    expect(receiver.requests[0]?.headers).to.include({ 'x-api-key': 'sk_pp_key', 'x-project-name': 'specs' });
  });

  it('reads them at the first use, not at import', async () => {
    await using receiver = await startReceiver();
    const code = `
      import { withTrace } from 'pandaprobe-ts';
      Object.assign(process.env, ${JSON.stringify(variables(receiver.url))});
      withTrace('first', () => {});`;
    const { stderr } = await runCode(code);
    expect(stderr).to.equal('');
    expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['first']);
  });

  it('ignores a wrong one with exactly one line, and delivers nevertheless', async () => {
    await using receiver = await startReceiver();
    const code = `
      import { flush, withTrace } from 'pandaprobe-ts';
      for (let i = 0; i < 3; i += 1) withTrace('t' + i, () => {});
      await flush();`;
    const { code: status, stderr } = await runCode(code, { ...variables(receiver.url), PANDAPROBE_BATCH_SIZE: 'many' });
    expect(stderr).to.equal(
      '[pandaprobe] warning: PANDAPROBE_BATCH_SIZE: expected a whole number from 1 to 1000000, got "many"; it is ignored\n',
    );
    expect(receiver.traces).to.have.length(3);
    expect(status).to.equal(0);
  });

  for (const [name, value] of Object.entries({
    ENDPOINT: 'backend:8000',
    API_KEY: '"sk_pp_key"',
    PROJECT_NAME: 'a/b',
    SPOOL_DIR: '~/spool',
    SAMPLE_RATE: '10%',
    ENABLED: 'ture',
  })) {
    it(`P34 records nothing with PANDAPROBE_${name}=${value}, and says so in one line`, async () => {
      await using receiver = await startReceiver();
      const env = { ...variables(receiver.url), [`PANDAPROBE_${name}`]: value };
      const { code, stdout, stderr } = await runCode(useEverything, env);
      expect(stderr).to.match(
        new RegExp(
          `^\\[pandaprobe\\] error: PANDAPROBE_${name}: expected .+, got .+; nothing is recorded until this is put right\n$`,
        ),
      );
      expectNoOp(stdout);
      expect(code).to.equal(0);
      expect(receiver.requests).to.have.length(0);
    });
  }

  it('P34 sends nothing from an HttpSink either, and leaves its neighbours alone', async () => {
    await using receiver = await startReceiver();
    const code = `
      import { HttpSink, init, MemorySink, withTrace } from 'pandaprobe-ts';
      const memory = new MemorySink();
      init({ sinks: [new HttpSink(), memory] });
      withTrace('t', () => {});
      console.log(memory.traces.length);`;
    const { stdout, stderr } = await runCode(code, { ...variables(receiver.url), PANDAPROBE_ENDPOINT: 'backend:8000' });
    expect(stdout).to.equal('1\n');
    expect(stderr).to.match(
      /^\[pandaprobe\] error: PANDAPROBE_ENDPOINT: .+; nothing is sent until this is put right\n$/,
    );
  });

  it('P34 accepts host:port of this machine as an address', async () => {
    await using receiver = await startReceiver();
    const env = { ...variables(receiver.url), PANDAPROBE_ENDPOINT: receiver.url.replace('http://', '') };
    const { stderr } = await runCode("import { withTrace } from 'pandaprobe-ts'; withTrace('t', () => {});", env);
    expect(stderr).to.equal('');
    expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['t']);
  });

  it('goes through the proxy of HTTP_PROXY', async () => {
    await using proxy = await startReceiver();
    const code = "import { withTrace } from 'pandaprobe-ts'; withTrace('through', () => {});";
    const { stderr } = await runCode(code, { ...variables('http://backend.invalid'), HTTP_PROXY: proxy.url });
    expect(stderr).to.equal('');
    expect(proxy.traces.map(({ name }) => name)).to.deep.equal(['through']);
    expect(proxy.requests[0]?.headers.host).to.equal('backend.invalid');
  });

  it('prints the trees of finished traces with PANDAPROBE_CONSOLE', async () => {
    await using receiver = await startReceiver();
    const code = "import { withSpan, withTrace } from 'pandaprobe-ts'; withTrace('t', () => withSpan('s', () => {}));";
    const { stderr } = await runCode(code, { ...variables(receiver.url), PANDAPROBE_CONSOLE: '1' });
    expect(stderr.replace(/\d+ ms/g, 'N ms')).to.equal('t N ms\n└─ s OTHER N ms\n');
  });

  it('prints the trees with PANDAPROBE_CONSOLE without a key, and nothing else', async () => {
    const code = "import { withSpan, withTrace } from 'pandaprobe-ts'; withTrace('t', () => withSpan('s', () => {}));";
    const { stderr, code: status } = await runCode(code, { PANDAPROBE_CONSOLE: '1' });
    expect(stderr.replace(/\d+ ms/g, 'N ms')).to.equal('t N ms\n└─ s OTHER N ms\n');
    expect(status).to.equal(0);
  });
});
