import { expect } from 'chai';
import { Client, DeliveryError, type Options } from '../../lib/index.js';
import { type Receiver, startReceiver, unprocessable } from '../support/receiver.js';
import { turns } from '../support/recording.js';
import { listenToStderr } from '../support/stderr.js';

/** `created = delivered + failed + pending + dropped`, as one line. */
function balance(client: Client): string {
  const { created, delivered, failed, pending, dropped } = client.stats();
  return `${created} = ${delivered + failed + pending + dropped}`;
}

describe('Losses', () => {
  let receiver: Receiver;
  let said: ReturnType<typeof listenToStderr>;
  const clients: Client[] = [];
  beforeEach(async () => {
    receiver = await startReceiver();
    said = listenToStderr();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.shutdown({ timeoutMs: 0 })));
    said.restore();
    await receiver.close();
  });

  function startClient(options: Options = {}): Client {
    const client = new Client({
      apiKey: 'sk_pp_canary_4f1d9a',
      projectName: 'specs',
      endpoint: receiver.url,
      worker: 'inline',
      ...options,
    });
    clients.push(client);
    return client;
  }

  /** Refuses traces of this name for good, whatever is taken out of them. */
  const refuse = (name: string) => {
    receiver.behave = ({ body }) => ((body as { name?: string }).name === name ? unprocessable('body') : 'accept');
  };

  describe('.onError()', () => {
    it('reports a refused trace with its status, without the key, headers or body', async () => {
      refuse('bad');
      const client = startClient();
      const errors: DeliveryError[] = [];
      client.onError((error) => errors.push(error));
      client.trace('good').end();
      client.trace('bad', { input: 'a secret input' }).end();
      expect(await client.flush()).to.deep.equal({ ok: false, delivered: 1, dropped: 0, failed: 1, pending: 0 });
      expect(errors).to.have.length(1);
      expect(errors[0]).to.be.instanceOf(DeliveryError).and.include({ code: 'ERR_DELIVERY', status: 422, items: 1 });
      const shown = `${errors[0]?.stack} ${JSON.stringify(errors[0])} ${said.lines}`;
      expect(shown).not.to.match(/canary|a secret input|x-api-key/i);
    });

    it('calls every listener, and the one of the options', async () => {
      refuse('bad');
      const told: string[] = [];
      const client = startClient({ onError: () => told.push('option') });
      client.onError(() => told.push('first'));
      client.onError(() => told.push('second'));
      client.trace('bad').end();
      await client.flush();
      expect(told).to.deep.equal(['option', 'first', 'second']);
    });

    it('returns a function that removes the listener', async () => {
      refuse('bad');
      const told: string[] = [];
      const client = startClient();
      const off = client.onError(() => told.push('listener'));
      client.trace('bad').end();
      await client.flush();
      off();
      off();
      client.trace('bad').end();
      await client.flush();
      expect(told).to.deep.equal(['listener']);
    });

    it('reports drops with their number: by a full queue, at shutdown, and after it', async () => {
      receiver.behave = () => 'hang';
      const told: [number, string][] = [];
      const client = startClient({ maxQueueSize: 5, onError: ({ items, message }) => told.push([items, message]) });
      for (let i = 0; i < 25; i += 1) client.trace('t').end();
      await client.shutdown({ timeoutMs: 0 });
      client.trace('late').end();
      client.score('00000000-0000-4000-8000-000000000000', 'late', 1);
      await turns();
      const { dropped, pending } = client.stats();
      expect(pending).to.equal(0);
      expect(told.reduce((sum, [items]) => sum + items, 0)).to.be.within(25, dropped);
      expect(told.length).to.be.within(2, 4);
      expect(told[0]?.[1]).to.include('the queue is full (maxQueueSize 5)');
      expect(told.at(-1)?.[1]).to.include('before shutdown');
    });

    it('does not loop when a listener records while the queue is full', async () => {
      receiver.behave = () => 'hang';
      let calls = 0;
      const client = startClient({ maxQueueSize: 1, onError: () => client.trace(`report ${++calls}`).end() });
      for (let i = 0; i < 5; i += 1) client.trace('t').end();
      await turns();
      expect(calls).to.equal(1);
    });

    it('P11 logs the error of a listener in one line, and goes on', async () => {
      refuse('bad');
      const told: string[] = [];
      const client = startClient();
      client.onError(() => {
        throw new Error('thrown by the listener');
      });
      client.onError(async () => {
        throw new Error('rejected by the listener');
      });
      client.onError(() => told.push('the next one'));
      client.trace('bad').end();
      expect(await client.flush()).to.include({ failed: 1, pending: 0 });
      expect(told).to.deep.equal(['the next one']);
      expect(said.lines.filter((line) => line.includes('listener'))).to.deep.equal([
        '[pandaprobe] warning: an onError listener threw: thrown by the listener',
      ]);
    });
  });

  describe('.stats()', () => {
    it('balances at every moment: created = delivered + failed + pending + dropped', async () => {
      refuse('bad');
      const client = startClient({ maxQueueSize: 20, batchSize: 1000, sampleRate: 0.999999 });
      const seen: string[] = [];
      const look = () => seen.push(balance(client));
      look();
      for (let i = 0; i < 40; i += 1) {
        client.trace(i % 5 === 0 ? 'bad' : 'good').end();
        look();
      }
      const flushed = client.flush();
      look();
      const { pending } = client.stats();
      expect(pending).to.equal(20);
      expect(client.stats().pendingBytes).to.be.greaterThan(1000);
      receiver.until(() => {
        look();
        return false;
      });
      await flushed;
      look();
      client.score('00000000-0000-4000-8000-000000000000', 'after', 1);
      look();
      await client.shutdown({ timeoutMs: 50 });
      look();
      expect(seen.length).to.be.greaterThan(60);
      for (const each of seen) expect(each).to.match(/^(\d+) = \1$/);
      const { created, failed, delivered, droppedByReason } = client.stats();
      expect({ created, failed, delivered, droppedByReason }).to.deep.equal({
        created: 41,
        failed: 4,
        delivered: 16,
        droppedByReason: { queue_full: 20, shutdown: 1 },
      });
    });

    it('counts late spans and scores as items of their own', async () => {
      const client = startClient();
      const t = client.trace('agent');
      const s = t.span('slow');
      t.end();
      s.end();
      client.score(t.traceId, 'quality', 1);
      await client.flush();
      expect(client.stats()).to.deep.include({ created: 3, delivered: 3, pending: 0, pendingBytes: 0 });
      expect(receiver.trace('agent').spans).to.have.length(1);
      expect(receiver.trace('agent').spans[0]).to.deep.include({
        status: 'OK',
        metadata: { 'pandaprobe.unfinished': false },
      });
    });
  });

  describe('.flush()', () => {
    it('sends at once what would have waited for the interval', async () => {
      const client = startClient({ flushIntervalMs: 3_600_000 });
      client.trace('agent').end();
      expect(receiver.requests).to.have.length(0);
      expect(await client.flush()).to.deep.equal({ ok: true, delivered: 1, dropped: 0, failed: 0, pending: 0 });
    });

    it('counts traces left out by sampling as dropped', async () => {
      const client = startClient({ sampleRate: 0 });
      client.trace('agent').end();
      expect(await client.flush()).to.deep.equal({ ok: true, delivered: 0, dropped: 1, failed: 0, pending: 0 });
    });

    it('resolves after timeoutMs with the number of pending items', async () => {
      receiver.behave = () => 'hang';
      const client = startClient();
      client.trace('agent').end();
      expect(await client.flush({ timeoutMs: 20 })).to.deep.equal({
        ok: false,
        delivered: 0,
        dropped: 0,
        failed: 0,
        pending: 1,
      });
    });

    it('takes a bare number for seconds', async () => {
      receiver.behave = () => 'hang';
      const client = startClient();
      client.trace('agent').end();
      expect(await client.flush(0.02)).to.include({ ok: false, pending: 1 });
      const flushed = client.flush(3600);
      receiver.behave = () => 'accept';
      await receiver.refuse();
      await receiver.listen();
      expect(await flushed).to.include({ ok: true, delivered: 1 });
    });

    for (const wrong of [-1, Number.NaN, 0]) {
      it(`settles at once for a time of ${wrong}`, async () => {
        receiver.behave = () => 'hang';
        const client = startClient();
        client.trace('agent').end();
        expect(await client.flush({ timeoutMs: wrong })).to.include({ ok: false, pending: 1 });
      });
    }

    it('resolves to true at once when there is nothing to send', async () => {
      const client = startClient();
      expect(await client.flush()).to.deep.equal({ ok: true, delivered: 0, dropped: 0, failed: 0, pending: 0 });
      expect(receiver.requests).to.have.length(0);
    });
  });
});
