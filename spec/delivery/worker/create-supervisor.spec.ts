import { expect } from 'chai';
import sinon from 'sinon';
import { silentLog } from '../../../lib/common/log.js';
import { createSupervisor, type WorkerOptions } from '../../../lib/delivery/worker/create-supervisor.js';
import { FakeThread, fakeThreads } from './fake-thread.js';

const given = {
  ...{ endpoint: 'http://backend:80', apiKey: 'sk_pp_key', projectName: 'specs' },
  ...{ userAgent: 'pandaprobe-ts/spec', requestTimeoutMs: 700 },
};
const events = { onReport() {}, onDelivered() {}, onLost() {}, onNoThread() {} };
const create = (more: Partial<WorkerOptions> = {}) =>
  createSupervisor({ ...given, worker: 'auto', log: silentLog, ...more }, 99, () => new Promise(() => {}), events);

describe('createSupervisor()', () => {
  const workers: readonly (readonly [
    worker: WorkerOptions['worker'],
    isServerless: boolean | undefined,
    is: boolean,
  ])[] = [
    ['auto', undefined, true],
    ['auto', false, true],
    ['auto', true, false],
    ['thread', false, true],
    ['thread', true, true],
    ['inline', false, false],
    ['inline', true, false],
  ];
  for (const [worker, isServerless, isThread] of workers)
    it(`prefers ${isThread ? 'a thread' : 'the main thread'} for ${worker}, isServerless ${isServerless}`, () => {
      expect(create({ worker, ...(isServerless === undefined ? {} : { isServerless }) }).isThread).to.equal(isThread);
    });

  describe('gives the thread', () => {
    beforeEach(fakeThreads);
    afterEach(() => {
      for (const each of FakeThread.started) each.emit('exit', 0); // nothing of it is open for the next spec
      sinon.restore();
    });

    /** What the thread of a supervisor gets. */
    function started(more: Partial<WorkerOptions> = {}) {
      const supervisor = create(more);
      supervisor.start();
      const thread = FakeThread.started.at(-1) ?? expect.fail('no thread was started');
      const settings = { ...thread.got[0]?.settings };
      supervisor.close();
      return { settings, env: thread.env };
    }

    it('the settings and the environment', () => {
      const env = { HTTP_PROXY: 'http://proxy:3128', NO_PROXY: 'backend' };
      const { settings, env: read } = started({ env });
      expect(read).to.deep.equal(env);
      expect(settings).to.deep.include({ ...given, maxBodyBytes: 99, reportsRequests: false, unrefSockets: false });
      expect(settings).to.include({ otlp: undefined, proxy: undefined, tls: undefined });
      expect(settings.sockets).to.be.above(0);
      expect(settings.network).to.be.an('object');
    });

    it('the order to report each request, if debug is on', () => {
      expect(started({ debug: true }).settings.reportsRequests).to.equal(true);
      expect(started({ debug: false }).settings.reportsRequests).to.equal(false);
    });

    const tls: readonly (readonly [endpoint: string, proxy: string | undefined, usesTls: boolean])[] = [
      ['http://backend', undefined, false],
      ['HTTPS://backend', undefined, true],
      ['http://backend', 'http://proxy:3128', false],
      ['http://backend', 'https://proxy:3128', true],
      ['http://backend', 'socks5://proxy:1080', false],
    ];
    for (const [endpoint, proxy, usesTls] of tls)
      it(`${usesTls ? 'what it needs' : 'nothing'} for TLS: ${endpoint} by ${proxy ?? 'no proxy'}`, () => {
        const { settings } = started({ endpoint, env: proxy === undefined ? {} : { http_proxy: proxy } });
        expect(settings.tls !== undefined).to.equal(usesTls);
        expect(settings.proxy !== undefined).to.equal(proxy !== undefined);
      });
  });
});
