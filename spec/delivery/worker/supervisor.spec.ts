import { once } from 'node:events';
import threads from 'node:worker_threads';
import { expect } from 'chai';
import sinon from 'sinon';
import type { Report, SenderSettings, ToSender } from '../../../lib/delivery/wire/messages.js';
import { AckRing } from '../../../lib/delivery/worker/ack-ring.js';
import type { LoadSender } from '../../../lib/delivery/worker/inline-host.js';
import { Supervisor } from '../../../lib/delivery/worker/supervisor.js';
import type { ThreadData } from '../../../lib/delivery/worker/thread-data.js';
import { restoreClock, type SteppedClock, startSteppedClock } from '../../support/stepped-clock.js';
import { FakeThread, fakeThreads } from './fake-thread.js';

const news: Omit<Report, 'delivered'> = { obstacles: { traces: 0, other: 0 }, results: [], maxBodyBytes: 1 };
const settings = { projectName: 'specs', unrefSockets: false } as SenderSettings; // only passed on

/** A supervisor, and what came of it. */
function supervise(prefersThread: boolean, loadSender: LoadSender = () => new Promise(() => {})) {
  const events: string[] = [];
  const supervisor = new Supervisor(
    {
      ...{ prefersThread, settings, loadSender, env: {} },
      log: {
        error: (_, text) => events.push(`error: ${text}`),
        warn: (_, text) => events.push(`warning: ${text}`),
        debug: (text) => events.push(`debug: ${text}`),
      },
    },
    {
      onReport: ({ delivered }) => events.push(`report ${delivered.join()}`),
      onDelivered: (ids) => events.push(`delivered ${ids.join()}`),
      onLost: (wasUp) => events.push(wasUp ? 'lost' : 'lost before it was up'),
      onNoThread: () => events.push('no thread'),
    },
  );
  /** What has come since the last call. */
  const said = () => events.splice(0).map((line) => line.replace(/ \(it ended\), so traces are sent .*$/, ''));
  return { supervisor, said };
}

/** What a supervisor says of itself. */
const state = ({ isThread, isReadyForExit, canWait, isExhausted }: Supervisor): string =>
  Object.entries({ isThread, isReadyForExit, canWait, isExhausted })
    .filter(([, is]) => is)
    .map(([name]) => name)
    .join(' ');

/** The thread that was started last, and what its first sender was given. */
function newest(): { readonly thread: FakeThread; readonly data: ThreadData } {
  const thread = FakeThread.started.at(-1) ?? expect.fail('no thread was started');
  return { thread, data: thread.got[0] ?? expect.fail('it runs no sender') };
}

/** The first sender of the newest thread, which is this supervisor's, reports that it is up. */
async function up(supervisor: Supervisor, said: () => string[]): Promise<void> {
  const { data } = newest();
  data.port.postMessage({ ...news, count: 0 });
  supervisor.start()?.waitSync?.(1000);
  expect(said()).to.deep.equal(['report ']);
}

const noThread = ['warning: there is no worker thread', 'no thread'];
const another = 'debug: the worker thread is gone (it ended); a new one is started';

describe('The supervisor of the worker', () => {
  let clock: SteppedClock;
  const open: Supervisor[] = [];
  const start: typeof supervise = (...args) => {
    const made = supervise(...args);
    open.push(made.supervisor);
    return made;
  };
  beforeEach(() => {
    fakeThreads();
    clock = startSteppedClock(0);
  });
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
    for (const each of FakeThread.started) each.emit('exit', 0); // nothing of it is open for the next spec
    restoreClock();
    sinon.restore();
  });

  describe('with a thread', () => {
    it('starts no worker before it is needed, then one', () => {
      const { supervisor } = start(true);
      expect(state(supervisor)).to.equal('isThread isReadyForExit');
      supervisor.drainAcks();
      expect(supervisor.requestAckNotifications(true)).to.equal(false);
      expect(FakeThread.started).to.have.length(0);
      const host = supervisor.start();
      expect(supervisor.start()).to.equal(host);
      expect(FakeThread.started).to.have.length(1);
      expect(newest().data.settings).to.equal(settings);
      expect(state(supervisor)).to.equal('isThread isReadyForExit canWait');
    });

    it('starts no thread at the end of a process that may not have one', () => {
      const { supervisor } = start(true);
      const before = Object.getOwnPropertyDescriptor(process, 'permission');
      Object.defineProperty(process, 'permission', {
        value: { has: (scope: string) => scope !== 'worker' },
        configurable: true,
      });
      try {
        expect(supervisor.isReadyForExit).to.equal(false);
        supervisor.start();
        expect(supervisor.isReadyForExit).to.equal(true);
      } finally {
        if (before === undefined) Reflect.deleteProperty(process, 'permission');
        else Object.defineProperty(process, 'permission', before);
      }
    });

    it('passes on acknowledgements: from reports, and when drainAcks() is called', async () => {
      const { supervisor, said } = start(true);
      const host = supervisor.start();
      const { data } = newest();
      const acks = new AckRing(data.acks);
      acks.write([1, 2]);
      supervisor.drainAcks();
      expect(said()).to.deep.equal(['delivered 1,2']);
      supervisor.drainAcks();
      acks.write([3]);
      expect(supervisor.requestAckNotifications(true)).to.equal(true);
      expect(acks.isRequested).to.equal(true);
      data.port.postMessage({ ...news, count: acks.count });
      acks.write([4]);
      host?.waitSync?.(1000);
      expect(said()).to.deep.equal(['report 3', 'delivered 4']);
      const told = once(data.port, 'message');
      host?.send({ type: 'close' });
      expect((await told)[0]).to.deep.equal({ type: 'close' });
    });

    it('does not wait longer than it is told to, and no longer once the thread has ended', () => {
      const { supervisor, said } = start(true);
      const host = supervisor.start();
      host?.waitSync?.(0);
      const sleeps = sinon.stub(Atomics, 'wait').callsFake((_, __, ___, ms = 0) => {
        clock.block(ms);
        return 'timed-out';
      });
      host?.waitSync?.(2500);
      expect(sleeps.args.map(([, , , ms]) => ms)).to.deep.equal([1000, 1000, 500]);
      expect(said()).to.deep.equal([]);
      new AckRing(newest().data.acks).close();
      sleeps.returns('ok');
      host?.waitSync?.(2500);
      expect(said()).to.deep.equal([...noThread, 'lost before it was up']);
    });

    it('gets no events from a thread that was closed', () => {
      const { supervisor, said } = start(true);
      supervisor.start();
      const { thread, data } = newest();
      supervisor.close();
      expect(state(supervisor)).to.equal('isExhausted');
      expect(supervisor.start()).to.equal(undefined);
      new AckRing(data.acks).write([1]);
      supervisor.drainAcks();
      thread.emit('exit', 0);
      expect(said()).to.deep.equal([]);
    });

    it('replaces a thread that dies by one of its own, and by none after the third death in a minute', async () => {
      const { supervisor, said } = start(true);
      const { supervisor: other, said: saidByOther } = start(true);
      for (const each of [supervisor, other]) each.start();
      expect(FakeThread.started).to.have.length(1);
      await up(supervisor, said);
      newest().thread.emit('exit', 1);
      expect(said()).to.deep.equal([another, 'lost']);
      expect(saidByOther(), 'which cannot know whose fault it was').to.deep.equal([another, 'lost before it was up']);
      for (const each of [supervisor, other]) each.start();
      expect(FakeThread.started).to.have.length(3);
      other.close();

      supervisor.close();
      const { supervisor: third, said: saidByThird } = start(true);
      for (const line of [another, another, ...noThread.slice(0, 1)]) {
        third.start();
        await up(third, saidByThird);
        newest().thread.emit('exit', 1);
        expect(saidByThird()[0]).to.equal(line);
      }
      third.start();
      expect(state(third)).to.equal('');
    });

    it('accepts what a thread reported before it died', () => {
      const { supervisor, said } = start(true);
      supervisor.start();
      const { thread, data } = newest();
      const acks = new AckRing(data.acks);
      acks.write([1]);
      data.port.postMessage({ ...news, count: acks.count });
      acks.write([2]);
      thread.emit('exit', 1);
      expect(said()).to.deep.equal(['report 1', 'delivered 2', another, 'lost']);
    });

    it('starts no third thread if the second one did not come up', async () => {
      const { supervisor, said } = start(true);
      supervisor.start();
      await up(supervisor, said);
      newest().thread.emit('exit', 1);
      supervisor.start();
      said();
      newest().thread.emit('exit', 1);
      expect(said()).to.deep.equal([...noThread, 'lost before it was up']);
    });

    it('forgets deaths that are a minute old', async () => {
      const { supervisor, said } = start(true);
      for (let deaths = 0; deaths < 6; deaths += 1) {
        supervisor.start();
        await up(supervisor, said);
        newest().thread.emit('exit', 1);
        expect(said()).to.deep.equal([another, 'lost']);
        clock.block(30_000);
      }
      supervisor.start();
      await up(supervisor, said);
      clock.block(-1);
      newest().thread.emit('exit', 1);
      expect(said()).to.deep.equal([...noThread, 'lost']);
    });

    it('starts no second thread if the first one did not come up, unless it was shared', async () => {
      const { supervisor, said } = start(true);
      supervisor.start();
      newest().thread.emit('error', Object.assign(new Error('x'), { code: 'ERR_WORKER_OUT_OF_MEMORY' }));
      expect(said()).to.deep.equal([
        'warning: there is no worker thread (ERR_WORKER_OUT_OF_MEMORY), so traces are sent from the main thread as soon as they end; await flush() before process.exit(), or the last ones are lost',
        'no thread',
        'lost before it was up',
      ]);
    });

    it('runs inline if no thread can be started', () => {
      sinon.restore();
      sinon.stub(threads, 'Worker').value(
        class {
          constructor() {
            throw new Error('not allowed');
          }
        },
      );
      const { supervisor, said } = start(true);
      expect(supervisor.start()?.kind).to.equal('inline');
      expect(said()[0]).to.match(/^warning: there is no worker thread \(Error: not allowed|not allowed\)/);
      expect(state(supervisor)).to.equal('');
    });
  });

  describe('without a thread', () => {
    const close: ToSender = { type: 'close' };
    const send = { type: 'send' } as ToSender; // only passed on

    it('hands messages on in order once the sender is loaded, and reports until it is closed', async () => {
      const got: ToSender[] = [];
      let report = (_: Report): void => {};
      let given: SenderSettings | undefined;
      let loaded: (startSender: Awaited<ReturnType<LoadSender>>) => void = () => {};
      const loading: ReturnType<LoadSender> = new Promise((resolve) => {
        loaded = resolve;
      });
      const { supervisor, said } = start(false, () => loading);
      expect(state(supervisor)).to.equal('');
      const host = supervisor.start();
      expect([host?.kind, FakeThread.started.length]).to.deep.equal(['inline', 0]);
      expect(supervisor.requestAckNotifications(true)).to.equal(false);
      host?.send(send);
      host?.send({ ...send });
      const isLoaded = new Promise<void>((resolve) => {
        loaded((settings, onReport) => {
          given = settings;
          report = onReport;
          return (message) => {
            got.push(message);
            if (got.length === 2) resolve();
          };
        });
      });
      expect(got).to.deep.equal([]);
      await isLoaded;
      expect(given).to.deep.equal({ ...settings, unrefSockets: true });
      host?.send(send);
      expect(got).to.have.length(3);
      report({ ...news, delivered: [7] });
      expect(said()).to.deep.equal(['report 7']);
      supervisor.close();
      expect(got.at(-1)).to.deep.equal(close);
      report({ ...news, delivered: [8] });
      expect(said()).to.deep.equal([]);
    });

    it('is exhausted where the sender cannot be loaded', async () => {
      const { supervisor, said } = start(false, () => Promise.reject(new Error('no file')));
      supervisor.start();
      await new Promise((resolve) => setImmediate(resolve));
      const [line, lost] = said();
      expect(line).to.match(/^error: nothing can be sent: the sender could not be loaded \(.*no file\)$/);
      expect(lost).to.equal('lost before it was up');
      expect(state(supervisor)).to.equal('isExhausted');
      expect(supervisor.start()).to.equal(undefined);
    });

    it('says nothing of a sender that could not be loaded after it was closed', async () => {
      const { supervisor, said } = start(false, () => Promise.reject(new Error('no file')));
      supervisor.start();
      supervisor.close();
      await new Promise((resolve) => setImmediate(resolve));
      expect(said()).to.deep.equal([]);
    });
  });
});
