import { expect } from 'chai';
import type sinon from 'sinon';
import type { TransportAnswer } from '../../../lib/delivery/http/transport.js';
import { pandaProbeExchange } from '../../../lib/delivery/pandaprobe/exchange.js';
import { ItemPool } from '../../../lib/delivery/queue/item-pool.js';
import { Sender } from '../../../lib/delivery/send/sender.js';
import { packJobs } from '../../../lib/delivery/wire/job-codec.js';
import type { Report, SenderSettings } from '../../../lib/delivery/wire/messages.js';
import { fakeTime } from '../../support/fake-time.js';

const settings: SenderSettings = {
  endpoint: 'http://127.0.0.1',
  apiKey: 'sk_pp_key',
  projectName: 'specs',
  userAgent: 'pandaprobe-ts/spec',
  requestTimeoutMs: 10_000,
  maxBodyBytes: 1_048_576,
  sockets: 4,
  reportsRequests: false,
  unrefSockets: false,
  proxy: undefined,
  tls: undefined,
};
const stored: TransportAnswer = {
  kind: 'answer',
  status: 202,
  retryAfter: undefined,
  contentType: 'application/json',
  text: '{}',
  bytes: Buffer.from('{}'),
  ending: 'whole',
  requestId: 'r',
};
const unreached: TransportAnswer = {
  kind: 'none',
  what: 'ECONNREFUSED',
  mayHaveArrived: false,
  mayBeTooMuch: false,
  requestId: 'r',
};

describe('Sender', () => {
  let clock: sinon.SinonFakeTimers;
  /** What ends each request under way, oldest first. */
  let underWay: ((answer: TransportAnswer) => void)[];
  let reports: Report[];
  let sender: Sender;
  let ids = 0;

  beforeEach(() => {
    clock = fakeTime('setTimeout', 'clearTimeout', 'performance');
    underWay = [];
    reports = [];
    const post = () => new Promise<TransportAnswer>((resolve) => underWay.push(resolve));
    sender = new Sender(settings, pandaProbeExchange, { post, get: post, close() {} }, (report) =>
      reports.push(report),
    );
  });
  afterEach(() => clock.restore());

  function give(traces: number): void {
    const pool = new ItemPool(1e6);
    const items = Array.from({ length: traces }, () => {
      ids += 1;
      return pool.item(ids, 'trace', `trace-${ids}`, ['{}']);
    });
    sender.receive({ type: 'send', seen: reports.at(-1)?.obstacles ?? { traces: 0, other: 0 }, jobs: packJobs(items) });
  }

  /** Ends the oldest request after a time; what follows from it has happened when this resolves. */
  async function answer(afterMs: number, what = stored): Promise<void> {
    clock.tick(afterMs);
    underWay.shift()?.(what);
    await new Promise((resolve) => setImmediate(resolve));
  }

  async function answerAll(afterMs: number): Promise<void> {
    while (underWay.length > 0) await answer(afterMs);
  }

  it('makes four requests at a time of a backend that has not answered yet', () => {
    give(10);
    expect(underWay).to.have.length(4);
  });

  it('makes one at a time of a backend that has answered at once, and no more', async () => {
    give(4);
    await answerAll(1);
    give(20);
    for (let left = 20; left > 0; left -= 1) {
      expect(underWay).to.have.length(1);
      await answer(1);
    }
    expect(underWay).to.have.length(0);
    expect(reports.flatMap(({ delivered }) => delivered)).to.have.length(24);
  });

  it('makes four at a time when many jobs wait, and one again when few are left', async () => {
    give(4);
    await answerAll(1);
    give(40);
    expect(underWay).to.have.length(4);
    for (let i = 0; i < 38; i += 1) await answer(1);
    expect(underWay).to.have.length(1);
  });

  it('makes four at a time as soon as an answer takes long', async () => {
    give(1);
    await answer(1);
    give(10);
    expect(underWay).to.have.length(1);
    clock.tick(6);
    expect(underWay).to.have.length(4);
    await answer(50);
    expect(underWay).to.have.length(4);
  });

  it('makes four at a time after a fault', async () => {
    give(1);
    await answer(1);
    give(1);
    await answer(1, unreached);
    expect(reports.at(-1)?.obstacles).to.deep.equal({ traces: 1, other: 1 });
    give(10);
    expect(underWay).to.have.length(4);
  });

  it('keeps no timer once it is closed', async () => {
    give(1);
    await answer(1);
    give(10);
    sender.receive({ type: 'close' });
    expect(clock.countTimers()).to.equal(0);
  });
});
