import { expect } from 'chai';
import { Client, flush, init, shutdown, startTrace, withSpan, withTrace } from '../../lib/index.js';
import { sendingScene } from './sending.js';

describe('The process-wide client', () => {
  const scene = sendingScene();

  describe('.shutdown()', () => {
    it('delivers what was recorded before it', async () => {
      init(scene.options);
      withTrace('agent', () => {});
      expect(await shutdown()).to.include({ ok: true, delivered: 1, pending: 0 });
      expect(scene.receiver.traces.map(({ name }) => name)).to.deep.equal(['agent']);
    });

    it('makes recording a no-op: callbacks run, handles work, nothing is sent', async () => {
      const client = init(scene.options);
      await shutdown();
      expect(client.enabled).to.equal(false);
      expect(withTrace('agent', (t) => withSpan('search', (s) => [t, s].length))).to.equal(2);
      const t = startTrace('agent').setOutput('x');
      t.span('search').setError('wrong').end();
      t.end();
      client.trace('agent').end();
      client.score(t.traceId, 'quality', 1);
      expect(await flush()).to.include({ delivered: 0, pending: 0 });
      expect(client.stats().created).to.equal(0);
      expect(scene.receiver.requests).to.have.length(0);
    });

    it('returns the same result when it is called again', async () => {
      init(scene.options);
      withTrace('agent', () => {});
      const [first, second] = await Promise.all([shutdown(), shutdown()]);
      expect(second).to.deep.equal(first);
      expect(await shutdown()).to.deep.equal(first);
    });

    it('shuts each sink down once', async () => {
      let shutdowns = 0;
      const sink = {
        name: 'counting',
        trace() {},
        async shutdown() {
          shutdowns += 1;
          return { ok: true, delivered: 0, dropped: 0, failed: 0, pending: 0 };
        },
      };
      init({ sinks: [sink] });
      await shutdown();
      init({ sinks: [] });
      await shutdown();
      expect(shutdowns).to.equal(1);
    });

    it('P9 delivers what is still open, marked, and counts what ends too late as dropped', async () => {
      const client = init(scene.options);
      const t = startTrace('agent');
      const s = t.span('search').setOutput('found so far');
      expect(await flush()).to.include({ ok: true, delivered: 0, pending: 0 });
      expect(await shutdown()).to.include({ ok: true, delivered: 1, pending: 0 });
      const { status, metadata, spans } = scene.receiver.trace('agent');
      expect(status).to.equal('ERROR');
      expect(metadata).to.deep.equal({ error: 'the client ended before the trace did' });
      expect(spans[0]).to.deep.include({ output: 'found so far', metadata: { 'pandaprobe.unfinished': true } });
      s.end();
      t.end();
      expect(client.stats()).to.deep.include({
        created: 2,
        delivered: 1,
        pending: 0,
        droppedByReason: { shutdown: 1 },
      });
    });

    it('has, as flush() has, what ends a few microtasks after a result that the program waited for', async () => {
      for (const end of [flush, shutdown]) {
        init(scene.options);
        const trace = startTrace(end.name);
        void (async () => {
          for (let i = 0; i < 20; i += 1) await undefined;
          trace.end();
        })();
        expect(await end()).to.include({ ok: true, delivered: 1, pending: 0 });
        expect(scene.receiver.trace(end.name).status).to.equal('COMPLETED');
      }
    });

    it('leaves the open traces of other clients open', async () => {
      const other = new Client(scene.options);
      const t = other.trace('other');
      init(scene.options);
      await shutdown();
      expect(scene.receiver.requests).to.have.length(0);
      t.end();
      expect(await other.shutdown()).to.include({ delivered: 1 });
      expect(scene.receiver.trace('other')).to.include({ status: 'COMPLETED' });
    });

    it('lets init() start anew', async () => {
      init(scene.options);
      await shutdown();
      init(scene.options);
      withTrace('again', () => {});
      expect(await flush()).to.include({ ok: true, delivered: 1 });
    });
  });
});
