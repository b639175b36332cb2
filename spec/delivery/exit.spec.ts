import { expect } from 'chai';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { type BuiltDelivery, builtDelivery } from './built-delivery.js';

const record = `
const delivery = createDelivery(options);
process.on('exit', () => delivery.exit(5000));
for (let i = 0; i < 100; i += 1) delivery.trace(trace('t' + i));
`;

describe('Delivery', () => {
  describe('.exit()', () => {
    let built: BuiltDelivery;
    let receiver: Receiver;
    before(async () => {
      built = await builtDelivery();
    });
    after(() => built.remove());
    beforeEach(async () => {
      receiver = await startReceiver();
    });
    afterEach(() => receiver.close());

    const endings: Record<string, { readonly code: string; readonly exit: number; readonly stderr?: string }> = {
      'runs off the end': { code: '', exit: 0 },
      'calls process.exit(0)': { code: 'process.exit(0);', exit: 0 },
      'calls process.exit(3) in a promise': { code: 'await null; process.exit(3);', exit: 3 },
      'calls process.exit(0) while sending': { code: `setTimeout(() => process.exit(0), 120);`, exit: 0 },
      throws: { code: `throw new Error('boom');`, exit: 1, stderr: 'boom' },
      'throws in a timer': { code: `setTimeout(() => { throw new Error('boom'); });`, exit: 1, stderr: 'boom' },
      'rejects and nobody looks': { code: `void Promise.reject(new Error('boom'));`, exit: 1, stderr: 'boom' },
    };
    for (const [name, { code, exit, stderr }] of Object.entries(endings)) {
      it(`P1 delivers 100 of 100 when the process ${name}`, async () => {
        const ending = await built.run(record + code, receiver.url);
        expect(receiver.traces).to.have.length(100);
        expect(ending).to.include({ code: exit, signal: null, stdout: '' });
        if (stderr === undefined) expect(ending.stderr).to.equal('');
        else expect(ending.stderr).to.include(stderr).and.not.include('pandaprobe');
      });
    }

    it('P1 delivers from within a worker thread of the application', async () => {
      const code = `
        import { isMainThread, Worker } from 'node:worker_threads';
        if (isMainThread) new Worker(new URL(import.meta.url)).on('exit', (exitCode) => console.log('worker', exitCode));
        else { ${record} process.exit(4); }`;
      const ending = await built.run(code, receiver.url);
      expect(receiver.traces).to.have.length(100);
      expect(ending).to.include({ code: 0, stdout: 'worker 4\n', stderr: '' });
    });

    it('P8 sends nothing twice when the process ends in the middle of a send', async () => {
      receiver.behave = () => ({ delayMs: 20 });
      await built.run(`${record} await new Promise((go) => setTimeout(go, 400)); process.exit(0);`, receiver.url);
      expect(receiver.traces).to.have.length(100);
      expect(receiver.count('POST /traces')).to.equal(100);
    });

    it('P3 gives up in time when the backend never answers, and says how many were lost on one line', async () => {
      receiver.behave = () => 'hang';
      const code = `${record.replace('5000', '700')}
        process.on('exit', () => console.log(JSON.stringify([delivery.stats(), performance.now()])));
        const before = performance.now(); process.on('exit', () => console.log(performance.now() - before < 700 + 500));
        process.exit(0);`;
      const ending = await built.run(code, receiver.url);
      const [stats, isInTime] = ending.stdout.trim().split('\n');
      expect(isInTime).to.equal('true');
      expect(JSON.parse(stats ?? '')[0]).to.deep.include({ pending: 0, droppedByReason: { exit: 100 } });
      const lines = ending.stderr.trim().split('\n');
      expect([lines.length, new Set(lines).size]).to.deep.equal([2, 1]); // the log, and onLoss
      expect(ending.stderr).to.include('100 items could not be delivered');
      expect(ending.code).to.equal(0);
    });

    it('P3 does not wait at all when nothing can be sent within its time', async () => {
      receiver.behave = () => ({ status: 429, headers: { 'Retry-After': '600' } });
      const code = `${record} await delivery.flush({ timeoutMs: 10000 });
        const before = performance.now(); process.on('exit', () => console.log(performance.now() - before < 2500));
        process.exit(0);`;
      expect((await built.run(code, receiver.url)).stdout).to.equal('true\n');
    });

    it('P33 does not hold the process while the quota is used up, and says so', async () => {
      const detail = "You've reached the traces limit of your plan";
      receiver.behave = () => ({ status: 429, body: { detail } });
      const code = `const delivery = createDelivery({ ...options, exitTimeoutMs: 20000 });
        process.on('exit', () => { delivery.exit(20000); console.log(JSON.stringify(delivery.stats().droppedByReason)); });
        for (let i = 0; i < 100; i += 1) delivery.trace(trace('t' + i));`;
      const ending = await built.run(code, receiver.url);
      expect(ending, 'killed after 20 s, had it been held').to.include({ code: 0, stdout: '{"quota":100}\n' });
      expect(receiver.requests.length).to.be.at.most(4);
      const lines = ending.stderr.trim().split('\n');
      expect(lines.filter((line) => !line.includes('100 items could not'))).to.have.length(2); // the log, and onLoss
      for (const line of lines) expect(line).to.include(detail).and.include(new URL(receiver.url).host);
    });

    it('P33 says at the end why nothing arrived, and names the setting', async () => {
      await receiver.refuse();
      const code = `const delivery = createDelivery({ ...options, exitTimeoutMs: 1234 });
        process.on('exit', () => delivery.exit(1000));
        delivery.trace(trace('t'));`;
      const { stderr } = await built.run(code, receiver.url);
      expect(stderr).to.match(/1 item could not be delivered.*\(exitTimeoutMs 1234\).*ECONNREFUSED.*check endpoint/);
      expect(stderr).to.include(new URL(receiver.url).host);
    });

    it('returns at once when nothing is pending', async () => {
      const code = `${record} await delivery.flush();
        process.removeAllListeners('exit');
        const times = [];
        process.on('exit', () => { const t = performance.now(); delivery.exit(5000); console.log(performance.now() - t < 50); });`;
      expect((await built.run(code, receiver.url)).stdout).to.equal('true\n');
    });

    it('P15 keeps no process alive: queue, timers and thread', async () => {
      receiver.behave = () => ({ status: 503 });
      const code = `const delivery = createDelivery({ ...options, flushIntervalMs: 600000 });
        for (let i = 0; i < 20; i += 1) delivery.trace(trace('t'));
        await delivery.flush({ timeoutMs: 300 });
        console.log(process.eventNames().length);`;
      const ending = await built.run(code, receiver.url);
      expect(ending).to.include({ code: 0, signal: null });
    });

    it('P15 keeps no process alive inline, with a request that is never answered', async () => {
      receiver.behave = () => 'hang';
      const code = `const delivery = createDelivery({ ...options, worker: 'inline' });
        process.on('exit', () => { delivery.exit(5000); console.log(JSON.stringify(delivery.stats().droppedByReason)); });
        for (let i = 0; i < 20; i += 1) delivery.trace(trace('t'));
        await delivery.flush({ timeoutMs: 500 });
        const before = performance.now();
        process.on('exit', () => console.log(performance.now() - before < 1500));`;
      const ending = await built.run(code, receiver.url);
      expect(ending.stdout).to.equal('{"exit":20}\ntrue\n');
      const lines = ending.stderr.trim().split('\n');
      expect([lines.length, new Set(lines).size]).to.deep.equal([2, 1]); // the log, and onLoss
      expect(ending.code).to.equal(0);
    });

    for (const worker of ['thread', 'inline']) {
      it(`keeps the process alive while a flush is awaited, ${worker}`, async () => {
        receiver.behave = () => ({ delayMs: 100 });
        const code = `const delivery = createDelivery({ ...options, worker: '${worker}' });
          for (let i = 0; i < 20; i += 1) delivery.trace(trace('t' + i));
          console.log(JSON.stringify(await delivery.shutdown()));`;
        const ending = await built.run(code, receiver.url);
        expect(ending.stdout).to.include('"ok":true,"delivered":20');
        expect(ending).to.include({ code: 0, stderr: '' });
      });
    }

    for (const worker of ['thread', 'inline']) {
      it(`does not loop when onLoss records something, ${worker}`, async () => {
        await receiver.refuse();
        const code = `let calls = 0;
          const delivery = createDelivery({ ...options, worker: '${worker}', async onLoss() {
            calls += 1;
            console.log('told');
            if (calls < 100) delivery.trace(trace('at once'));
            await null;
            if (calls < 100) delivery.trace(trace('later'));
          } });
          process.on('exit', () => delivery.exit(200));
          process.on('exit', () => delivery.trace(trace('at the end')));
          delivery.trace(trace('t'));`;
        const ending = await built.run(code, receiver.url);
        expect(ending).to.include({ code: 0, stdout: 'told\n' });
      });
    }

    it('P11 goes on when onLoss throws or rejects, and when a callback ends the process', async () => {
      receiver.behave = ({ body }) => ((body as { name: string }).name === 'bad' ? { status: 409 } : undefined);
      const code = `process.on('exit', () => delivery.exit(5000));
        let told = 0;
        const delivery = createDelivery({ ...options, onLoss() {
          told += 1;
          if (told === 1) throw new Error('mine');
          if (told === 2) return Promise.reject(new Error('mine'));
          process.exit(5);
        } });
        for (let i = 0; i < 3; i += 1) delivery.trace(trace('bad'));
        for (let i = 0; i < 50; i += 1) delivery.trace(trace('good'));
        await delivery.flush();`;
      const ending = await built.run(code, receiver.url);
      expect(receiver.traces).to.have.length(50);
      expect(ending.code).to.equal(5);
      expect(ending.stderr).to.not.include('mine');
    });
  });
});
