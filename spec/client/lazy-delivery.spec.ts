import { expect } from 'chai';
import { LazyDelivery } from '../../lib/client/sinks/lazy-delivery.js';
import { createDelivery } from '../../lib/delivery/delivery.js';
import type { TraceNode } from '../../lib/engine/trace-node.js';
import type { TraceRecord } from '../../lib/model/records.js';
import { deliveryOptions, lateSpansRecord, scoreRecord, spanRecord, traceRecord } from '../support/delivery.js';
import { type Receiver, startReceiver } from '../support/receiver.js';

type Create = typeof createDelivery;

describe('A delivery that is loaded later', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  /** One that is loaded, or not, when the spec says so, with the calls that have to do with open traces. */
  function start(maxQueueSize = 100) {
    let load: (file: { readonly createDelivery: Create }) => void = () => undefined;
    let fail: (error: Error) => void = () => undefined;
    const file = new Promise<{ readonly createDelivery: Create }>((resolve, reject) => {
      load = resolve;
      fail = reject;
    });
    const { options, lines } = deliveryOptions(receiver.url, { maxQueueSize });
    const delivery = new LazyDelivery(options, file);
    const calls: unknown[] = [];
    const create: Create = (chosen) =>
      Object.assign(createDelivery(chosen), {
        opened: (...given: unknown[]) => void calls.push(['opened', ...given]),
        sendPart: ({ name }: TraceRecord) => void calls.push(['part', name]),
      });
    const loaded = { createDelivery: create };
    return { delivery, lines, calls, load: () => load(loaded), fail: () => fail(new Error('no such file')) };
  }

  const named = (name: string): TraceRecord => traceRecord({ name });

  it('gets all records that came meanwhile, in their order', async () => {
    const { delivery, load } = start();
    const trace = named('early');
    delivery.trace(trace);
    delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord({ name: 'late' })));
    delivery.score(scoreRecord(trace.traceId));
    expect(delivery.stats()).to.include({ created: 3, pending: 3, delivered: 0 });
    const flushed = delivery.flush();
    load();
    expect(await flushed).to.deep.equal({ ok: true, delivered: 3, dropped: 0, failed: 0, pending: 0 });
    delivery.trace(named('after'));
    expect(await delivery.shutdown()).to.deep.include({ ok: true, delivered: 4 });
    expect(delivery.stats()).to.deep.include({ created: 4, pending: 0, delivered: 4, droppedByReason: {} });
    expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['early', 'after']);
    const [first, ...rest] = receiver.requests.map(({ call }) => call);
    expect(first).to.equal('POST /traces');
    expect(rest.slice(0, 2)).to.have.members(['POST /traces/{trace_id}/spans', 'POST /evaluations/trace-scores']);
  });

  it('tells the loaded delivery of the traces opened before, and sends parts in order', async () => {
    const { delivery, load, calls } = start();
    const open = new Map();
    const all = [delivery];
    delivery.opened(open, all);
    delivery.opened(open, all);
    delivery.sendPart(named('part'), {} as TraceNode);
    delivery.trace(named('after'));
    load();
    await delivery.flush();
    delivery.opened(open, undefined);
    expect(calls).to.deep.equal([
      ['opened', open, all],
      ['part', 'part'],
      ['opened', open, undefined],
    ]);
    await delivery.shutdown();
  });

  it('keeps the newest records, as many as a queue', async () => {
    const { delivery, load } = start(2);
    for (const name of ['a', 'b', 'c', 'd', 'e']) delivery.trace(named(name));
    expect(delivery.stats()).to.deep.include({ created: 5, pending: 2, droppedByReason: { queue_full: 3 } });
    load();
    expect(await delivery.shutdown()).to.deep.include({ delivered: 2, dropped: 3, pending: 0 });
    expect(delivery.stats()).to.deep.include({ created: 5, delivered: 2, droppedByReason: { queue_full: 3 } });
    expect(receiver.traces.map(({ name }) => name)).to.have.members(['d', 'e']);
  });

  it('says once that it cannot be loaded, and counts the lost records', async () => {
    const { delivery, lines, fail } = start();
    delivery.trace(named('a'));
    fail();
    expect(await delivery.flush()).to.deep.equal({ ok: false, delivered: 0, dropped: 0, failed: 0, pending: 1 });
    delivery.trace(named('b'));
    expect(await delivery.shutdown()).to.deep.equal({ ok: false, delivered: 0, dropped: 2, failed: 0, pending: 0 });
    delivery.trace(named('c'));
    delivery.exit(1000);
    expect(delivery.stats()).to.deep.include({ created: 3, pending: 0, droppedByReason: { shutdown: 3 } });
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include('delivery could not be loaded (no such file)');
  });

  it('says what is lost if the process ends before it is loaded, and starts nothing', async () => {
    const { delivery, lines, load } = start();
    delivery.trace(named('a'));
    delivery.trace(named('b'));
    delivery.exit(1000);
    load();
    expect(await delivery.flush()).to.deep.include({ ok: false, delivered: 0, dropped: 2, pending: 0 });
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include('2 items could not be delivered before the process ended');
    expect(delivery.stats()).to.deep.include({ created: 2, droppedByReason: { exit: 2 } });
    expect(receiver.traces).to.deep.equal([]);
  });

  it('ends with its process once it is loaded', async () => {
    const { delivery, lines, load } = start();
    load();
    await delivery.flush();
    delivery.trace(named('a'));
    delivery.exit(0); // inline there is nobody to wait for
    expect(delivery.stats()).to.deep.include({ created: 1, droppedByReason: { exit: 1 } });
    expect(lines.join()).to.include('1 item could not be delivered before the process ended');
  });
});
