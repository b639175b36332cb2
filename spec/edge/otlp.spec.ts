import { Buffer as NodeBuffer } from 'node:buffer';
import { join } from 'node:path';
import { expect } from 'chai';
import { gzip } from '../../lib/edge/otlp/gzip.js';
import type * as Entry from '../../lib/index.js';
import type * as OtlpEntry from '../../lib/otlp/otlp-sink.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { root } from '../support/user-project.js';

describe('OtlpSink in the build for edge runtimes', () => {
  let receiver: OtlpReceiver;
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(() => receiver[Symbol.asyncDispose]());

  for (const protocol of ['http/protobuf', 'http/json'] as const) {
    it(`sends traces by ${protocol}, compressed, with the settings of the bindings`, async () => {
      const { Client, withSpan }: typeof Entry = await import(join(root, 'dist/edge/index.js'));
      const { OtlpSink }: typeof OtlpEntry = await import(join(root, 'dist/edge/otlp.js'));
      const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret' };
      const client = new Client({ sinks: [new OtlpSink({ protocol, serviceName: 'worker' }, env)] }, {});
      const input = { text: 'Grüße 👋 \u0000', long: 'x'.repeat(100_000), deep: [1, -2.5, true, null] };
      await client.trace('turn').run(() => withSpan('search', { input }, async () => 'found'));
      expect(await client.flush()).to.include({ ok: true, delivered: 1 });
      expect(receiver.exports).to.have.lengthOf(1);
      expect(receiver.exports[0]?.headers).to.include({ 'content-encoding': 'gzip', 'x-key': 'secret' });
      const [turn, search] = ['turn', 'search'].map((name) => receiver.spans.find((span) => span.name === name));
      expect(search?.parentId).to.equal(turn?.spanId);
      expect(JSON.stringify(search)).to.include('Grüße 👋').and.to.include('x'.repeat(100_000));
      expect(JSON.stringify(turn)).to.include('worker');
      await client.shutdown();
    });
  }

  it('sends uncompressed bodies if the runtime has no CompressionStream', async () => {
    const { CompressionStream } = globalThis;
    Reflect.deleteProperty(globalThis, 'CompressionStream');
    try {
      const { Client }: typeof Entry = await import(join(root, 'dist/edge/index.js'));
      const { OtlpSink }: typeof OtlpEntry = await import(join(root, 'dist/edge/otlp.js'));
      const client = new Client({ sinks: [new OtlpSink({ endpoint: receiver.url }, {})] }, {});
      client.trace('turn').end();
      expect(await client.flush()).to.include({ ok: true, delivered: 1 });
      expect(receiver.exports[0]?.headers['content-encoding']).to.equal(undefined);
      expect(receiver.spans.map(({ name }) => name)).to.deep.equal(['turn']);
    } finally {
      globalThis.CompressionStream = CompressionStream;
    }
  });

  it('compresses bodies that gunzip can read', async () => {
    const { gunzipSync } = await import('node:zlib');
    expect(gunzipSync(await gzip(new Uint8Array([1, 2, 3])))).to.deep.equal(NodeBuffer.from([1, 2, 3]));
  });
});
