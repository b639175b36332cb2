import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { startReceiver } from '../support/receiver.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an ES module's text with the built package, strict about unhandled rejections. */
function run(program: string, environment: Record<string, string> = {}): Promise<Ending> {
  const args = ['--unhandled-rejections=strict', '--input-type=module', '-e', program];
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, NODE_OPTIONS: '', ...environment } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

const head = `
import { init, startTrace, withTrace, withSpan, traceFunction, spanFunction, session, score, flush, shutdown, getClient, logTrace, TraceData, MemorySink } from 'pandaprobe-ts';
const fail = () => { throw new Error('mine'); };
const hostile = () => new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail });
const values = () => [
  { get boom() { return fail(); } }, { toJSON: fail }, hostile(), Object.freeze({ a: Object.freeze([1]) }), Object.seal({ b: 1 }),
  Object.freeze(new Error('frozen')), [hostile()], new Map([[hostile(), hostile()]]), { valueOf: fail, toString: fail, [Symbol.toPrimitive]: fail },
  (() => { const self = {}; self.self = self; return self; })(), 10n, Symbol('s'), NaN, new Date(NaN), Object.create(null), new (class { get x() { return fail(); } })(),
];
`;

describe('P11 Faults stay inside', function () {
  this.timeout(60_000);

  it('passes results through whatever is recorded, masked, reduced or listened to', async () => {
    const { code, stdout, stderr } = await run(
      `${head}
      init({ sinks: [new MemorySink(), { name: 'bad', trace: fail, score: fail, flush: async () => fail(), shutdown: fail, stats: fail }], mask: fail, onError: fail });
      const results = [];
      for (const value of values()) {
        const record = spanFunction((v) => v, { captureInput: fail, captureOutput: fail });
        const plain = spanFunction((v) => v);
        const stream = spanFunction(function* (v) { yield v; }, { reduce: fail });
        const traced = traceFunction((v) => [record(v), plain(v), ...stream(v)], { metadata: value, tags: value });
        results.push(traced(value).every((got) => Object.is(got, value)));
        const t = startTrace('t', { input: value, metadata: value, tags: [value], sessionId: value, userId: value });
        const s = t.span('s', { kind: value, model: value, metadata: value });
        s.setInput(value).setOutput(value).setModel(value).setModelParameters(value).setTokenUsage(value).setCost(value);
        s.setCompletionStartTime(value).setError(value).setMetadata(value);
        t.setInput(value).setOutput(value).setMetadata(value).setStatus(value);
        t.span(value).end(value);
        s.end();
        t.end(value);
        score(t.traceId, 'n', value, { reason: value, metadata: value, dataType: value });
        score(value, value, value);
        logTrace(new TraceData({ name: value, startedAt: value, metadata: value, input: value, tags: value, spans: value }));
        withTrace(value, value, () => withSpan(value, value, () => {}));
        session(value, () => withTrace('owned', () => {}));
        getClient().stats();
      }
      await flush();
      await shutdown();
      console.log(results.length, results.every(Boolean));`,
    );
    expect(stderr).to.not.match(/^\s+at /m);
    expect(stdout.trim()).to.equal('16 true');
    expect(code).to.equal(0);
  });

  const record = `
    for (let i = 0; i < 30; i += 1) await withTrace('t', () => withSpan('s', (s) => s.setInput({ i })));
    const result = await flush({ timeoutMs: 300 });
    console.log(typeof result.ok, 'done');
    process.exitCode = 0;`;
  const settings = `{ apiKey: 'sk_pp_secret', projectName: 'p', flushIntervalMs: 10, exitTimeoutMs: 300, requestTimeoutMs: 100, onError: fail`;
  for (const worker of ['thread', 'inline']) {
    for (const [fault, behave] of Object.entries({
      'a cut connection': { kind: 'cut' },
      'a hanging backend': { kind: 'hang' },
      'status 500': { kind: 'status', status: 500 },
      'status 429': { kind: 'status', status: 429 },
      'status 401': { kind: 'status', status: 401 },
      'status 413': { kind: 'status', status: 413 },
      'status 422': { kind: 'status', status: 422 },
      'an answer that is not HTTP': { kind: 'garbage' },
      'a refused port': { kind: 'refuse' },
    })) {
      it(`goes on after ${fault} with the ${worker} worker`, async () => {
        const { endpoint, close } = await faulty(behave.kind, 'status' in behave ? behave.status : 0);
        const { code, stdout, stderr } = await run(
          `${head} init(${settings}, endpoint: ${JSON.stringify(endpoint)}, worker: '${worker}' }); ${record}`,
        );
        await close();
        expect(stdout.trim()).to.equal('boolean done');
        expect(stderr).to.not.match(/^\s+at /m);
        expect(stderr).to.not.include('sk_pp_secret');
        expect(code).to.equal(0);
      });
    }
  }

  it('is delivered in full when nothing is wrong', async () => {
    const receiver = await startReceiver();
    // No limits as short as those above: on a busy machine, a worker needs longer to begin.
    const patient = settings.replace(/, (?:exit|request)TimeoutMs: \d+/g, '');
    const { code } = await run(`${head} init(${patient}, endpoint: '${receiver.url}' }); ${record}`);
    expect(code).to.equal(0);
    expect(receiver.traces).to.have.length(30);
    await receiver.close();
  });
});

/** A server that misbehaves in one way at every connection. */
async function faulty(kind: string, status: number) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (kind === 'cut') socket.once('data', () => socket.destroy());
    if (kind === 'garbage') socket.once('data', () => socket.end('this is not HTTP\n'));
    if (kind === 'status') {
      socket.on('data', () =>
        socket.end(
          `HTTP/1.1 ${status} No\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
        ),
      );
    }
  });
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  if (kind === 'refuse') await close();
  return { endpoint: `http://127.0.0.1:${port}`, close: kind === 'refuse' ? async () => {} : close };
}
