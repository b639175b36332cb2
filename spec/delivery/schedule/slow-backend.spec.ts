import { expect } from 'chai';
import { json, spanRecord, startDelivery, traceRecord } from '../../support/delivery.js';
import { accepted, raw, startRawServer } from '../../support/raw-server.js';
import type { ReceivedRequest } from '../../support/receiver.js';
import { startReceiver } from '../../support/receiver.js';

const patience = { requestTimeoutMs: 150, timing: { backOffMs: 5, maxBackOffMs: 20 } };
const spans = (count: number) =>
  Array.from({ length: count }, (_, i) => spanRecord({ input: json('x'.repeat(500)) }, i));

/** How many spans a request brings. */
function spansIn({ body }: ReceivedRequest): number {
  return (Array.isArray(body) ? body : ((body as { spans?: unknown[] }).spans ?? [])).length;
}

describe('Delivery, to a backend that takes long', () => {
  for (const [what, late] of [
    ['never answers', 'hang'],
    ['whose proxy answers 504', { status: 504 }],
    ['answers 408', { status: 408 }],
  ] as const) {
    it(`halves a body that takes too long, until all spans are delivered (${what})`, async () => {
      await using receiver = await startReceiver({ behave: (request) => (spansIn(request) > 20 ? late : undefined) });
      const { delivery, losses } = startDelivery(receiver.url, patience);
      delivery.trace(traceRecord({ name: 'large', spans: spans(80) }));
      const flushed = delivery.flush();
      // Others pass meanwhile, which makes an item that fails again and again suspect.
      for (let i = 0; i < 40; i += 1) {
        delivery.trace(traceRecord());
        await delivery.flush({ timeoutMs: 40 });
      }
      expect(await flushed).to.include({ failed: 0, dropped: 0 });
      await receiver.until(() => receiver.traces.find(({ name }) => name === 'large')?.spans.length === 80);
      expect(losses).to.deep.equal([]);
      expect(receiver.trace('large').spans.every(({ input }) => String(input).length === 500)).to.equal(true);
      await delivery.shutdown();
    });
  }

  it('gives a body that cannot be halved more time', async () => {
    await using receiver = await startReceiver({ behave: () => ({ delayMs: 400 }) });
    const { delivery } = startDelivery(receiver.url, patience);
    delivery.trace(traceRecord({ input: json('whole') }));
    expect(await delivery.flush({ timeoutMs: 10_000 })).to.include({ ok: true, delivered: 1 });
    expect(receiver.trace('T').input).to.equal('whole');
    expect(receiver.requests.length).to.be.within(2, 3);
    await delivery.shutdown();
  });

  it('gives up an item that never gets through while others do, and does not remove values from it', async () => {
    await using receiver = await startReceiver({
      behave: ({ body }) => ((body as { name?: string }).name === 'stuck' ? 'hang' : undefined),
    });
    const { delivery, losses } = startDelivery(receiver.url, patience);
    delivery.trace(traceRecord({ name: 'stuck', spans: spans(1) }));
    for (let i = 0; i < 200 && losses.length === 0; i += 1) {
      delivery.trace(traceRecord());
      await delivery.flush({ timeoutMs: 50 });
    }
    expect(losses[0]?.message).to.include('ETIMEDOUT');
    for (const { body } of receiver.requests) {
      const { name, spans: sent } = body as { name?: string; spans?: { input?: string }[] };
      if (name === 'stuck') for (const { input } of sent ?? []) expect(input).to.have.length(500);
    }
    await delivery.shutdown();
  });

  it('halves a body whose connection a proxy cuts while it is sent', async () => {
    let cut = 0;
    await using server = await startRawServer(
      ({ socket, head }) => socket.write(head.startsWith('POST /traces HTTP') ? accepted : raw('201 Created', '{}')),
      (head, socket) => {
        const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1]);
        if (length < 1_000_000) return false;
        cut += 1;
        socket.resetAndDestroy();
        return true;
      },
    );
    const { delivery, losses } = startDelivery(server.url, {
      ...patience,
      ...{ requestTimeoutMs: 5000, maxBodyBytes: 64_000_000, maxQueueBytes: 512_000_000 },
    });
    const large = Array.from({ length: 64 }, (_, i) => spanRecord({ input: json('x'.repeat(200_000)) }, i));
    delivery.trace(traceRecord({ spans: large }));
    expect(await delivery.flush({ timeoutMs: 15_000 })).to.include({ ok: true, delivered: 1 });
    expect(cut).to.be.at.least(4);
    const sent = server.requests.flatMap(({ body }) => JSON.parse(body).spans ?? JSON.parse(body));
    expect(new Set(sent.map(({ span_id }: { span_id: string }) => span_id))).to.have.length(64);
    expect(losses).to.deep.equal([]);
    await delivery.shutdown();
  });
});
