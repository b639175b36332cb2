import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { traceValues } from '../../lib/otel/reading/trace-values.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { startReceiver } from '../support/receiver.js';
import { root } from '../support/user-project.js';

interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program that has the built package at hand, with these variables and few others. */
function run(code: string, env: Readonly<Record<string, string>> = {}): Promise<Ending> {
  const program = `
    import { flush, getClient, HttpSink, init, shutdown, withSpan, withTrace } from 'pandaprobe-ts';
    import { OtlpSink } from 'pandaprobe-ts/otlp';
    const record = (n) => { for (let i = 0; i < n; i += 1) withTrace('t' + i, () => withSpan('s', () => 'done')); };
    ${code}`;
  return new Promise((resolve) => {
    const args = ['--input-type=module', '-e', program];
    const child = execFile(
      process.execPath,
      args,
      { cwd: root, env: { PATH: process.env.PATH ?? '', ...env }, timeout: 30_000 },
      (_, stdout, stderr) => resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
    );
  });
}

const traceIds = ({ spans }: OtlpReceiver) =>
  spans.filter(({ parentId }) => parentId === undefined).map(({ traceId }) => traceId);

function expectAll(receiver: OtlpReceiver, count: number): void {
  expect(traceIds(receiver)).to.have.length(count);
  expect(new Set(traceIds(receiver)).size).to.equal(count);
  expect(receiver.spans).to.have.length(2 * count);
}

/** A port of this machine on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

describe('OtlpSink', () => {
  const endings: Readonly<Record<string, { readonly code: string; readonly exit?: number; readonly signal?: string }>> =
    {
      'runs off the end': { code: '', exit: 0 },
      'calls process.exit(3)': { code: 'process.exit(3);', exit: 3 },
      'gets SIGTERM': { code: `process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);`, signal: 'SIGTERM' },
      throws: { code: `throw new Error('boom');`, exit: 1 },
    };
  for (const [name, { code, exit, signal }] of Object.entries(endings)) {
    it(`P1 delivers 100 of 100 when the process ${name}`, async () => {
      await using receiver = await startOtlpReceiver();
      const ending = await run(`init({ sinks: [new OtlpSink()] }); record(100); ${code}`, {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.url,
      });
      expectAll(receiver, 100);
      expect(ending).to.include({ code: exit ?? null, signal: signal ?? null, stdout: '' });
      expect(ending.stderr).not.to.include('pandaprobe]');
    });
  }

  for (const worker of ['thread', 'inline'] as const) {
    it(`takes its settings from the variables of OpenTelemetry, and sends from a worker that is ${worker}`, async () => {
      await using receiver = await startOtlpReceiver();
      const ending = await run(
        `init({ release: '1.2', sinks: [new OtlpSink({ worker: '${worker}', headers: { 'x-own': 'yes' } })] });
        record(20); const { ok, delivered } = await flush(); console.log(ok, delivered); await shutdown();`,
        {
          OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url.replace('/v1/traces', '')}/otlp/`,
          OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20Y2FuYXJ5OjE%3D,x-own=no',
          OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
          OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
          OTEL_SERVICE_NAME: 'shop',
          OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=web%20shop',
          PANDAPROBE_DEBUG: 'true',
        },
      );
      expect(ending.stdout).to.equal('true 20\n');
      expectAll(receiver, 20);
      const [first] = receiver.exports;
      expect(first?.path).to.equal('/otlp/v1/traces');
      expect(first?.headers).to.include({
        ...{ authorization: 'Basic Y2FuYXJ5OjE=', 'x-own': 'yes', 'content-type': 'application/json' },
      });
      expect(first?.headers['content-encoding']).to.equal(undefined);
      expect(receiver.spans[0]?.resource).to.include({
        ...{ 'service.name': 'shop', 'service.namespace': 'web shop', 'service.version': '1.2' },
        'telemetry.sdk.name': 'pandaprobe-ts',
      });
      expect(ending.stderr).to.include(' 200 in ').and.not.include('Y2FuYXJ5');
      const { trace } = traceValues(
        receiver.spans.filter(({ traceId }) => traceId === receiver.spans[0]?.traceId),
        true,
      );
      expect(trace.spans[0]).to.include({ name: 's', status: 'OK' });
    });
  }

  it('refuses invalid options and addresses, without showing them', async () => {
    const wrong = [
      `{ endpoint: 'nowhere' }`,
      `{ headers: { 'x key': 'canary' } }`,
      `{ headers: { key: 'canary\\n' } }`,
      `{ protocol: 'grpc' }`,
      `{ compression: 'br' }`,
      `{ batchsize: 3 }`,
    ];
    const code = wrong.map((each) => `try { new OtlpSink(${each}); } catch (e) { console.log(e.code, e.message); }`);
    const { stdout, stderr } = await run(code.join('\n'));
    expect(stdout.match(/^ERR_SETTINGS /gm)).to.have.length(wrong.length);
    expect(stdout + stderr).not.to.include('canary');
  });

  it('sends nothing if a variable has an invalid address, and says so', async () => {
    const { stdout, stderr } = await run(
      `init({ sinks: [new OtlpSink()] }); record(3); console.log(JSON.stringify(await flush()));`,
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' },
    );
    expect(stderr).to.match(/OTEL_EXPORTER_OTLP_ENDPOINT: expected .*; nothing is sent/);
    expect(JSON.parse(stdout)).to.include({ delivered: 0 });
  });

  it('keeps what it could not send in its folder, for the next process', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'otlp-spool-'));
    try {
      await using receiver = await startOtlpReceiver();
      receiver.answer = () => ({ status: 503 });
      const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.url, PANDAPROBE_SPOOL_DIR: folder };
      await run(`init({ exitTimeoutMs: 300, sinks: [new OtlpSink()] }); record(20);`, env);
      expect(receiver.spans).to.have.length(0);
      receiver.answer = () => undefined;
      await run(`init({ sinks: [new OtlpSink()] }); record(1); await flush();`, env);
      expectAll(receiver, 21);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  describe('beside the HTTP sink', () => {
    const both = (http: string, otlp: string, count: number) => `
      init({ exitTimeoutMs: 100, sinks: [
        new HttpSink({ apiKey: 'sk_pp_canary_4f1d9a', projectName: 'specs', endpoint: '${http}' }),
        new OtlpSink({ endpoint: '${otlp}' }),
      ] });
      record(50);
      void flush();
      while (getClient().stats().delivered < ${count}) await new Promise((resolve) => setTimeout(resolve, 20));
      const { delivered, pending } = getClient().stats(); console.log(delivered, pending); process.exit(0);`;

    it('sends everything to both', async () => {
      const http = await startReceiver();
      await using receiver = await startOtlpReceiver();
      const ending = await run(both(http.url, receiver.url, 100));
      await http.close();
      expect(ending.stdout).to.equal('100 0\n');
      expect(http.traces).to.have.length(50);
      expectAll(receiver, 50);
      const ids = http.traces.map(({ trace_id }) => trace_id.replaceAll('-', ''));
      expect(traceIds(receiver)).to.have.members(ids);
    });

    for (const [beside, sinks, counts] of [
      ['goes to the HTTP sink alone, and costs the other nothing', '[http, otlp]', 'true 3 {}'],
      ['is dropped where there is no other sink', '[otlp]', 'false 1 {"no_scores":1}'],
    ] as const) {
      it(`a score ${beside}`, async () => {
        const http = await startReceiver();
        await using receiver = await startOtlpReceiver();
        const { stdout } = await run(`
          const http = new HttpSink({ apiKey: 'sk_pp_canary_4f1d9a', projectName: 'specs', endpoint: '${http.url}' });
          const otlp = new OtlpSink({ endpoint: '${receiver.url}' });
          init({ sinks: ${sinks} });
          const id = withTrace('t', (t) => t.traceId);
          getClient().score(id, 'quality', 1);
          const { ok, delivered } = await flush();
          console.log(ok, delivered, JSON.stringify(getClient().stats().droppedByReason));`);
        await http.close();
        expect(stdout).to.equal(`${counts}\n`);
        expect(http.requests.filter(({ call }) => call.includes('scores'))).to.have.length(sinks === '[otlp]' ? 0 : 1);
      });
    }

    it('delivers to PandaProbe while the other is down', async () => {
      const http = await startReceiver();
      const ending = await run(both(http.url, `http://127.0.0.1:${await closedPort()}/v1/traces`, 50));
      await http.close();
      expect(ending.stdout).to.equal('50 50\n');
      expect(http.traces).to.have.length(50);
    });

    it('delivers to the other while PandaProbe is down', async () => {
      await using receiver = await startOtlpReceiver();
      const ending = await run(both(`http://127.0.0.1:${await closedPort()}`, receiver.url, 50));
      expect(ending.stdout).to.equal('50 50\n');
      expectAll(receiver, 50);
    });
  });
});
