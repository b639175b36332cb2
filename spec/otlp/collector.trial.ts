import { createServer } from 'node:net';
import { expect } from 'chai';
import { Client } from '../../lib/client/client.js';
import { OtlpSink } from '../../lib/otlp/otlp-sink.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { until } from '../support/until.js';
import { builtCollector, startCollector } from './collector.js';

/** Requests that are made at once. */
const connections = 4;

/** `npm run trial:collector`. The Collector passes each request on before it answers, so an answer says that we have it. */
describe('OtlpSink, a Collector, and our own receiver', function () {
  this.timeout(1_800_000);
  let path: string;
  before(async function () {
    path = await builtCollector(this);
  });

  for (const protocol of ['http/protobuf', 'http/json'] as const) {
    it(`has every request accepted, in ${protocol}, and every span once`, async () => {
      await using receiver = await startOtlpReceiver();
      const port = await freePort();
      await using _collector = await startCollector(path, port, receiver.url);
      const { client, record } = open(port, { protocol });
      record(300);
      expect(await client.flush()).to.include({ ok: true, delivered: 300, failed: 0, dropped: 0, pending: 0 });
      await client.shutdown();
      expectAll(receiver, 300);
      expect(receiver.spans).to.have.length(300 * 4);
    });
  }

  it('loses nothing while the Collector stands still for a minute', async () => {
    await using receiver = await startOtlpReceiver();
    const port = await freePort();
    await using collector = await startCollector(path, port, receiver.url);
    const { client, record } = open(port, { requestTimeoutMs: 5000 });
    record(100);
    await client.flush();
    const answered = receiver.exports.length;
    await collector.kill('SIGSTOP');
    for (let second = 0; second < 60; second += 1) {
      record(5);
      await new Promise((resolve) => setTimeout(resolve, 1000)); // this is the minute
    }
    expect(client.stats().pending).to.be.greaterThan(0);
    await collector.kill('SIGCONT');
    await settled(client, 400);
    expect(expectAll(receiver, 400).filter((at) => at < answered)).to.deep.equal([]);
  });

  it('loses nothing when the Collector is killed in the middle and started again', async () => {
    await using receiver = await startOtlpReceiver();
    const port = await freePort();
    let answered = 0;
    const { client, record } = open(port, {});
    {
      await using collector = await startCollector(path, port, receiver.url);
      receiver.answer = () => {
        answered += 1;
        return undefined;
      };
      record(400);
      const flushing = client.flush({ timeoutMs: 1000 });
      await until(() => answered > 0);
      await collector.kill('SIGKILL');
      record(200);
      await flushing;
    }
    expect(client.stats().pending).to.be.greaterThan(0);
    await using _again = await startCollector(path, port, receiver.url);
    await settled(client, 600);
    const repeated = expectAll(receiver, 600);
    // Those on their way when it died.
    expect(repeated.length).to.be.at.most(connections);
  });

  async function settled(client: Client, count: number): Promise<void> {
    await client.flush({ timeoutMs: 120_000 });
    const { created, delivered, failed, pending, dropped } = client.stats();
    expect({ created, delivered, failed, pending, dropped }).to.deep.equal({
      ...{ created: count, delivered: count, failed: 0, pending: 0, dropped: 0 },
    });
    await client.shutdown();
  }
});

function open(port: number, options: ConstructorParameters<typeof OtlpSink>[0]) {
  const endpoint = `http://127.0.0.1:${port}/v1/traces`;
  const client = new Client({ sinks: [new OtlpSink({ endpoint, worker: 'inline', ...options })] }, {});
  const record = (count: number) => {
    for (let at = 0; at < count; at += 1) {
      const trace = client.trace(`trace ${at}`);
      for (const name of ['a', 'b', 'c']) trace.span(name).end();
      trace.end();
    }
  };
  return { client, record };
}

/**
 * Every span of every trace is there, in one form. One that came twice was in a request without an answer: nobody can know whether
 * the receiver had it, so OpenTelemetry has senders repeat it. Source: OpenTelemetry specification, OTLP, *Duplicate data*.
 *
 * @returns the places of the exports that were the first to hold a span that came again
 */
function expectAll({ exports, spans }: OtlpReceiver, traces: number): readonly number[] {
  const firsts = new Map<string, { readonly at: number; readonly text: string }>();
  const repeated = new Set<number>();
  for (const [at, { spans }] of exports.entries()) {
    for (const span of spans) {
      const id = `${span.traceId} ${span.spanId}`;
      const first = firsts.get(id);
      if (first === undefined) firsts.set(id, { at, text: JSON.stringify(span) });
      else {
        expect(JSON.stringify(span)).to.equal(first.text);
        repeated.add(first.at);
      }
    }
  }
  expect(new Set(spans.map(({ traceId }) => traceId)).size).to.equal(traces);
  expect(firsts.size).to.equal(traces * 4);
  if (repeated.size > 0)
    console.log(`      ${spans.length - firsts.size} spans came again, as their request had no answer`);
  return [...repeated];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
