import { expect } from 'chai';
import { type Receiver, startReceiver } from '../../support/receiver.js';
import { type BuiltDelivery, builtDelivery } from '../built-delivery.js';
import { type SpoolDir, spoolDir } from './spool-folders.js';

describe('Spool', () => {
  describe('of a process that is gone', () => {
    let built: BuiltDelivery;
    let receiver: Receiver;
    let spool: SpoolDir;
    before(async () => {
      built = await builtDelivery();
    });
    after(() => built.remove());
    beforeEach(async () => {
      receiver = await startReceiver();
      spool = spoolDir();
    });
    afterEach(async () => {
      await receiver.close();
      spool[Symbol.dispose]();
    });

    const run = (code: string, shell?: string) =>
      built.run(
        `const delivery = createDelivery({ ...options, spoolDir: ${JSON.stringify(spool.path)} });
        const score = ({ traceId }) => ({ traceId, name: 'quality', value: '1', dataType: 'NUMERIC' });
        const kill = () => process.kill(process.pid, 'SIGKILL');
        const record = (count) => {
          for (let i = 0; i < count; i += 1) {
            const each = trace('t' + i);
            delivery.trace(each);
            delivery.score(score(each));
          }
        };
        const killAfter = (count) => setInterval(() => { if (delivery.stats().delivered >= count) kill(); }, 1);
        ${code}`,
        receiver.url,
        shell,
      );
    const names = (count: number) => Array.from({ length: count }, (_, i) => `t${i}`).sort();
    const stored = () => receiver.traces.map(({ name }) => name).sort();
    const scores = () => receiver.traces.map((trace) => trace.scores.length);
    const drain = 'console.log(JSON.stringify(await delivery.shutdown()));';

    it('P9 loses no finished trace when the process is killed with the last of them', async () => {
      expect(await run('record(100); kill();')).to.include({ signal: 'SIGKILL' });
      expect(receiver.requests).to.have.length(0);
      expect((await run(drain)).stdout).to.include('"ok":true,"delivered":200');
      expect(stored()).to.deep.equal(names(100));
      expect(scores()).to.deep.equal(new Array(100).fill(1));
      expect(receiver.count('POST /traces')).to.equal(100);
      expect(spool.text()).to.equal('');
    });

    it('P9 delivers what a terminated thread has left while its process goes on', async function () {
      if (process.platform !== 'linux') this.skip(); // elsewhere it is taken for the process's until that has ended
      let isOver = false;
      receiver.behave = ({ path }) => {
        isOver ||= path === '/over';
        return isOver ? 'accept' : 'hang';
      };
      const { stdout } = await run(`
        import { once } from 'node:events';
        import { isMainThread, parentPort, Worker } from 'node:worker_threads';
        if (isMainThread) {
          const thread = new Worker(new URL(import.meta.url));
          await once(thread, 'message');
          await thread.terminate();
          await fetch(options.endpoint + '/over');
          const next = createDelivery({ ...options, spoolDir: ${JSON.stringify(spool.path)} });
          console.log(JSON.stringify(await next.shutdown()));
        } else {
          record(3);
          parentPort.postMessage('recorded');
        }`);
      expect(stdout).to.include('"ok":true,"delivered":6');
      expect(stored()).to.deep.equal(names(3));
    });

    it('P5 P9 delivers each trace and each score once when one process after the other is killed while it sends', async () => {
      receiver.behave = () => ({ delayMs: 2 });
      await run('record(100); killAfter(20);');
      await run('killAfter(30); await delivery.flush();');
      await run('killAfter(30); await delivery.flush();');
      const before = receiver.traces.length;
      expect(before).to.be.within(20, 99);
      const { stdout } = await run(drain);
      expect(stdout).to.include('"ok":true').and.include('"failed":0,"pending":0');
      expect(stored()).to.deep.equal(names(100));
      expect(scores()).to.deep.equal(new Array(100).fill(1));
      expect(receiver.count('POST /traces'), 'what the killed ones had in hand').to.be.at.most(100 + 3 * 32);
      expect(spool.text()).to.equal('');
    });

    it('P5 lets one of several processes that start together take it over', async () => {
      await run('record(100); kill();');
      const endings = await Promise.all([run(drain), run(drain), run(drain)]);
      expect(endings.map(({ code, stderr }) => [code, stderr])).to.deep.equal(new Array(3).fill([0, '']));
      expect(stored()).to.deep.equal(names(100));
      expect(scores()).to.deep.equal(new Array(100).fill(1));
      expect(receiver.count('POST /traces')).to.equal(100);
    });

    it('leaves the files of a running process alone', async () => {
      receiver.behave = ({ body }) => ((body as { name?: string }).name === 't0' ? 'hang' : undefined);
      const first = run('delivery.trace(trace("t0")); delivery.flush(); setTimeout(kill, 3000);');
      await receiver.until(() => receiver.requests.length === 1);
      expect((await run(`delivery.trace(trace('own')); ${drain}`)).stdout).to.include('"ok":true,"delivered":1');
      expect(receiver.requests).to.have.length(2);
      await first;
      receiver.behave = () => undefined;
      expect((await run(drain)).stdout).to.include('"ok":true,"delivered":1');
      expect(stored()).to.deep.equal(['own', 't0']);
    });

    it('P1 keeps what a process on one thread could not send when it calls process.exit()', async () => {
      const code = `process.on('exit', () => { inline.exit(5000); console.log(JSON.stringify(inline.stats())); });
        const inline = createDelivery({ ...options, worker: 'inline', spoolDir: ${JSON.stringify(spool.path)} });
        for (let i = 0; i < 100; i += 1) inline.trace(trace('t' + i));
        process.exit(3);`;
      const ending = await run(code);
      expect(ending).to.include({ code: 3, stderr: '' });
      expect(ending.stdout).to.include('"pending":100,"dropped":0,');
      await run(drain);
      expect(stored()).to.deep.equal(names(100));
    });

    it('P5 keeps what could not be delivered before the process ended, and says nothing about a loss', async () => {
      receiver.behave = () => 'hang';
      const code = `process.on('exit', () => delivery.exit(300)); for (let i = 0; i < 50; i += 1) delivery.trace(trace('t' + i));`;
      expect(await run(code)).to.include({ code: 0, stderr: '' });
      receiver.behave = () => undefined;
      await run(drain);
      expect(stored()).to.deep.equal(names(50));
    });

    it('P11 goes on where no folder can be made, and does not try for ever', async function () {
      if (process.platform !== 'linux') this.skip();
      const code = `const nowhere = createDelivery({ ...options, spoolDir: '/proc/none/spool' });
        nowhere.trace(trace('t0')); console.log(JSON.stringify(await nowhere.shutdown()));
        await delivery.shutdown();`;
      const ending = await run(code);
      expect(ending).to.include({ code: 0, signal: null });
      expect(ending.stdout).to.include('"ok":true,"delivered":1');
      expect(ending.stderr).to.match(
        /spool folder \/proc\/none\/spool \(E\w+\); for now items are held in memory only\n$/,
      );
    });

    it('P11 goes on when the disk is full: one line, everything delivered, exit code 0', async () => {
      const code = `record(100); ${drain}`;
      const ending = await run(code, 'ulimit -f 8'); // 8 KiB a file, of some 25
      expect(ending).to.include({ code: 0, signal: null });
      expect(ending.stdout).to.include('"ok":true,"delivered":200');
      expect(ending.stderr.trim().split('\n')).to.have.length(1);
      expect(ending.stderr).to.include('(EFBIG); for now items are held in memory only');
      expect(stored()).to.deep.equal(names(100));
    });
  });
});
