import { expect } from 'chai';
import { currentContext } from '../../lib/edge/request-context.js';
import { createLiveDelivery } from '../../lib/edge/request-delivery.js';
import { testKey, traceRecord } from '../support/delivery.js';
import { type Receiver, startReceiver } from '../support/receiver.js';

type Asked = (name: string) => unknown;
const symbols = ['@vercel/request-context', '@next/request-context'].map(Symbol.for);
const shared = globalThis as Record<symbol, unknown>;

describe('The context of a request on an edge runtime', () => {
  const { getBuiltinModule } = process;
  /** What the runtime gives for `cloudflare:workers`; Node's own modules stay. */
  const offer = (asked: () => unknown) => {
    const ask: Asked = (name) => (name === 'cloudflare:workers' ? asked() : getBuiltinModule.call(process, name));
    Object.assign(process, { getBuiltinModule: ask });
  };
  const waited: Promise<unknown>[] = [];
  const waitUntil = (promise: Promise<unknown>) => void waited.push(promise);
  afterEach(() => {
    Object.assign(process, { getBuiltinModule });
    for (const symbol of symbols) delete shared[symbol];
    waited.length = 0;
  });

  it('is that of Cloudflare, and before it that of Vercel and of Next.js', () => {
    offer(() => ({ waitUntil }));
    expect(currentContext()).to.have.property('waitUntil', waitUntil);
    for (const symbol of symbols) {
      const context = { waitUntil() {} };
      shared[symbol] = { get: () => context };
      expect(currentContext()).to.equal(context);
      delete shared[symbol];
    }
  });

  it('is undefined if the runtime has no such module, or an older one without waitUntil', () => {
    for (const module of [undefined, {}, { waitUntil: 1 }]) {
      offer(() => module);
      expect(currentContext()).to.equal(undefined);
    }
  });

  describe('keeps a request alive until its records are sent', () => {
    let receiver: Receiver;
    beforeEach(async () => {
      receiver = await startReceiver();
    });
    afterEach(() => receiver.close());

    const start = () =>
      createLiveDelivery({
        ...{ endpoint: receiver.url, apiKey: testKey, projectName: 'specs', userAgent: 'pandaprobe-ts/spec' },
        ...{ batchSize: 1000, flushIntervalMs: 600_000, maxQueueSize: 100, maxQueueBytes: 1e6, worker: 'auto' },
        ...{ maxSpoolBytes: 0, requestTimeoutMs: 10_000 },
        ...{ log: { error() {}, warn() {}, debug() {} }, onLoss() {} },
      });

    it('even if nobody flushes, with one wait for all records', async () => {
      offer(() => ({ waitUntil }));
      const delivery = start();
      for (const name of ['one', 'two', 'three']) delivery.trace(traceRecord({ name }));
      expect(waited).to.have.lengthOf(1);
      await Promise.all(waited);
      expect(receiver.traces.map(({ name }) => name)).to.have.members(['one', 'two', 'three']);
      delivery.trace(traceRecord({ name: 'of the next request' }));
      expect(waited).to.have.lengthOf(2);
      await Promise.all(waited);
      expect(receiver.traces).to.have.lengthOf(4);
      await delivery.shutdown();
    });

    it('if there is one; otherwise records as before', async () => {
      const faults: (() => unknown)[] = [
        () => {
          throw new Error('no request');
        },
        () => ({
          waitUntil() {
            throw new Error('the request is over');
          },
        }),
      ];
      for (const fault of faults) {
        offer(fault);
        const delivery = start();
        delivery.trace(traceRecord());
        expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
        await delivery.shutdown();
      }
    });
  });
});
