import { expect } from 'chai';
import type { OtlpSettings } from '../../../lib/delivery/wire/otlp-settings.js';
import { startDelivery, traceRecord } from '../../support/delivery.js';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.js';

function start(receiver: OtlpReceiver, otlp: Partial<OtlpSettings> = {}) {
  return startDelivery(receiver.url, {
    otlp: { encoding: 'protobuf', compression: 'gzip', headers: {}, resource: {}, captureContent: true, ...otlp },
    ...{ apiKey: '', projectName: '' },
  });
}

const encodings = (receiver: OtlpReceiver) => receiver.exports.map(({ headers }) => headers['content-encoding']);

describe('Delivery over OTLP to a receiver without gzip', () => {
  for (const status of [415, 400, 422]) {
    it(`sends uncompressed after a ${status}, loses nothing, and says so once`, async () => {
      await using receiver = await startOtlpReceiver();
      receiver.answer = ({ headers }) => (headers['content-encoding'] === 'gzip' ? { status } : undefined);
      const { delivery, lines } = start(receiver);
      for (let at = 0; at < 3; at += 1) {
        delivery.trace(traceRecord());
        expect(await delivery.flush()).to.include({ ok: true, delivered: at + 1 });
      }
      expect(encodings(receiver)).to.deep.equal(['gzip', undefined, undefined, undefined]);
      expect(receiver.spans).to.have.length(3);
      const said = lines.filter((line) => line.includes('gzip'));
      expect(said).to.have.length(1);
      expect(said[0]).to.include(`the receiver takes no gzip (HTTP ${status})`);
      await delivery.shutdown();
    });
  }

  it('sends uncompressed after the third 500', async () => {
    await using receiver = await startOtlpReceiver();
    receiver.answer = ({ headers }) => (headers['content-encoding'] === 'gzip' ? { status: 500 } : undefined);
    const { delivery } = start(receiver);
    delivery.trace(traceRecord());
    expect(await delivery.flush({ timeoutMs: 10_000 })).to.include({ ok: true, delivered: 1 });
    expect(encodings(receiver)).to.deep.equal(['gzip', 'gzip', 'gzip', undefined]);
    await delivery.shutdown();
  });

  it('does not try it for other statuses, nor again for a receiver that takes gzip', async () => {
    await using receiver = await startOtlpReceiver();
    const { delivery } = start(receiver);
    delivery.trace(traceRecord());
    expect(await delivery.flush()).to.include({ ok: true });
    receiver.answer = (_, index) => (index === 1 ? { status: 400 } : undefined);
    delivery.trace(traceRecord());
    expect(await delivery.flush()).to.include({ failed: 1 });
    receiver.answer = (_, index) => (index === 2 ? { status: 429 } : undefined);
    delivery.trace(traceRecord());
    await delivery.flush({ timeoutMs: 20_000 });
    expect(new Set(encodings(receiver))).to.deep.equal(new Set(['gzip']));
    await delivery.shutdown({ timeoutMs: 10 });
  });

  it('keeps gzip if the same body is refused without it, too', async () => {
    await using receiver = await startOtlpReceiver();
    receiver.answer = (_, index) => (index < 2 ? { status: 400 } : undefined);
    const { delivery } = start(receiver);
    delivery.trace(traceRecord());
    expect(await delivery.flush()).to.include({ failed: 1 });
    delivery.trace(traceRecord());
    expect(await delivery.flush()).to.include({ delivered: 1 });
    expect(encodings(receiver)).to.deep.equal(['gzip', undefined, 'gzip']);
    await delivery.shutdown();
  });

  it('P33 keeps items if the receiver does not take the encoding, and names the option', async () => {
    await using receiver = await startOtlpReceiver();
    receiver.answer = ({ headers }) => (headers['content-type'] === 'application/json' ? undefined : { status: 415 });
    const { delivery, lines } = start(receiver);
    delivery.trace(traceRecord());
    expect(await delivery.flush({ timeoutMs: 300 })).to.include({ ok: false, pending: 1, failed: 0 });
    expect(lines.join()).to.include('HTTP 415').and.to.include('set protocol to the encoding that it takes');
    await delivery.shutdown({ timeoutMs: 10 });
  });
});
