import { Buffer as NodeBuffer } from 'node:buffer';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { gzip } from '../../lib/edge/otlp/gzip.js';
import { Buffer } from '../../lib/edge/otlp/wire-globals.js';
import type * as Entry from '../../lib/index.js';
import type * as OtlpEntry from '../../lib/otlp/otlp-sink.js';
import { root } from '../packaging/programs.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';

describe('The Buffer that protobuf is written with on edge runtimes', () => {
  it('takes hex, base64 and texts as Node does', () => {
    const check = (text: string, form: 'hex' | 'base64' | undefined) => {
      const [own, node] =
        form === undefined
          ? [Buffer.from(text), NodeBuffer.from(text)]
          : [Buffer.from(text, form), NodeBuffer.from(text, form)];
      expect([...own]).to.deep.equal([...node]);
    };
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        for (const form of ['hex', 'base64'] as const) check(NodeBuffer.from(bytes).toString(form), form);
      }),
    );
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => check(text, undefined)));
  });

  it('writes and copies as Node does, in a part of its memory, too', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 2n ** 64n - 1n),
        fc.double(),
        fc.nat(),
        fc.uint8Array(),
        (big, double, whole, bytes) => {
          const hex = NodeBuffer.from(bytes).toString('hex');
          const size = 40 + 2 * bytes.length;
          const written = [Buffer.allocUnsafe(size).fill(0), NodeBuffer.alloc(size)].map((whole_) => {
            const part = whole_.subarray(3) as NodeBuffer;
            let at = part.writeBigUInt64LE(big, 1);
            at = part.writeDoubleLE(double, at);
            at = part.writeUInt32LE(whole, at);
            at += part.write(hex, at, 'hex');
            at += part.copy(part, at, 0, bytes.length);
            return [at, ...part];
          });
          expect(written[0]).to.deep.equal(written[1]);
        },
      ),
    );
  });
});

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

  it('sends bodies as they are where the runtime has no streams that compress', async () => {
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

  it('compresses to what gunzip takes', async () => {
    const { gunzipSync } = await import('node:zlib');
    expect(gunzipSync(await gzip(new Uint8Array([1, 2, 3])))).to.deep.equal(NodeBuffer.from([1, 2, 3]));
  });
});
