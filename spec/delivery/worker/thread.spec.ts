import { expect } from 'chai';
import { scoreRecord, startDelivery, testKey, traceRecord } from '../../support/delivery.js';
import { type Receiver, startReceiver } from '../../support/receiver.js';
import { type BuiltDelivery, builtDelivery } from '../built-delivery.js';

describe('Delivery', () => {
  describe('in a thread', () => {
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

    /** Makes every thread that is started known as `threads`, newest last. */
    const spied = `
      import { createRequire, syncBuiltinESMExports } from 'node:module';
      const node = createRequire(import.meta.url)('node:worker_threads');
      const threads = [];
      const Real = node.Worker;
      node.Worker = class extends Real { constructor(...args) { super(...args); threads.push(this); this.options = args[1]; } };
      syncBuiltinESMExports();
    `;

    it('P8 replaces a thread that dies, and loses and repeats nothing', async () => {
      receiver.behave = () => ({ delayMs: 10 });
      const code = `${spied}
        const delivery = createDelivery(options);
        for (let i = 0; i < 100; i += 1) delivery.trace(trace('t' + i));
        const flushed = delivery.flush();
        const look = setInterval(() => {
          if (delivery.stats().delivered < 10) return;
          clearInterval(look);
          threads[0].terminate();
        }, 1);
        console.log(JSON.stringify(await flushed), threads.length);`;
      const ending = await built.run(code, receiver.url);
      expect(ending.stdout).to.match(/"ok":true,"delivered":100.* 2\n/);
      expect(receiver.traces).to.have.length(100);
    });

    it('goes on inline when threads keep dying, and says so', async () => {
      const code = `${spied}
        const delivery = createDelivery({ ...options, log: { ...options.log, warn: (cause, text) => console.log(text) } });
        for (let i = 0; i < 3; i += 1) {
          delivery.trace(trace('t' + i));
          await delivery.flush();
          const gone = new Promise((resolve) => threads[i].once('exit', resolve));
          await threads[i].terminate();
          await gone;
        }
        delivery.trace(trace('last'));
        console.log(JSON.stringify(await delivery.flush()), threads.length);`;
      const ending = await built.run(code, receiver.url);
      expect(ending.stdout)
        .to.include('there is no worker thread (it ended)')
        .and.match(/"ok":true,"delivered":4.* 3\n/);
    });

    it('finds the item that kills the thread, gives it up, and delivers the others', async () => {
      const code = `${spied}
        import http from 'node:http';
        const kept = new Set();
        const server = http.createServer(async (request, response) => {
          let body = '';
          for await (const chunk of request) body += chunk;
          const { name } = JSON.parse(body);
          if (name === 'killer') return void threads.at(-1).terminate();
          kept.add(name);
          response.writeHead(202).end('{}');
        }).listen(0, async () => {
          const delivery = createDelivery({ ...options, endpoint: 'http://127.0.0.1:' + server.address().port });
          for (let i = 0; i < 50; i += 1) delivery.trace(trace(i === 20 ? 'killer' : 't' + i));
          console.log(JSON.stringify(await delivery.flush()), kept.size, threads.length);
          process.exit();
        });`;
      const ending = await built.run(code, receiver.url);
      expect(ending.stdout).to.match(/"delivered":49,"dropped":0,"failed":1,"pending":0} 49 3\n/);
      expect(ending.stderr).to.include('the worker died of it');
    });

    it('P10 blames only the item a shared thread died of, and gives each sender of it a thread of its own', async () => {
      const code = `${spied}
        import http from 'node:http';
        const server = http.createServer(async (request, response) => {
          let body = '';
          for await (const chunk of request) body += chunk;
          const isKiller = JSON.parse(body).name === 'killer';
          if (isKiller) return void threads.findLast((one) => one.options.workerData.settings.projectName === 'bad').terminate();
          setTimeout(() => response.writeHead(202, { 'Content-Type': 'application/json' }).end('{}'), 5);
        }).listen(0, async () => {
          const endpoint = 'http://127.0.0.1:' + server.address().port;
          const [bad, good] = ['bad', 'good'].map((projectName) => createDelivery({ ...options, endpoint, projectName }));
          for (let i = 0; i < 60; i += 1) {
            bad.trace(trace(i === 20 ? 'killer' : 'b' + i));
            good.trace(trace('g' + i));
          }
          const results = await Promise.all([bad.flush(), good.flush()]);
          console.log(JSON.stringify(results.map(({ delivered, failed }) => [delivered, failed])), threads.length);
          process.exit();
        });`;
      const ending = await built.run(code, receiver.url);
      expect(ending.stdout).to.equal('[[59,1],[60,0]] 4\n');
    });

    it('P15 ends a shared thread with its last sender', async () => {
      const code = `${spied}
        const [a, b] = [0, 1].map(() => createDelivery(options));
        a.trace(trace('a'));
        b.trace(trace('b'));
        await Promise.all([a.flush(), b.flush()]);
        const gone = new Promise((resolve) => threads[0].once('exit', resolve));
        const keep = setInterval(() => {}, 1000);
        await a.shutdown();
        b.trace(trace('b again'));
        console.log(JSON.stringify(await b.shutdown()), threads.length, await gone);
        clearInterval(keep);`;
      const ending = await built.run(code, receiver.url);
      expect(ending.stdout).to.match(/"ok":true,"delivered":2.* 1 0\n/);
      expect(receiver.traces).to.have.length(3);
    });

    it('goes on inline when the thread does not come up', async () => {
      const code = `${spied}
        const Spied = node.Worker;
        node.Worker = class extends Spied { constructor(url, given) { super('throw new Error()', { ...given, eval: true }); } };
        syncBuiltinESMExports();
        const delivery = createDelivery(options);
        for (let i = 0; i < 50; i += 1) delivery.trace(trace('t' + i));
        console.log(JSON.stringify(await delivery.flush()), threads.length);`;
      const ending = await built.run(code, receiver.url);
      expect(ending.stdout).to.match(/"ok":true,"delivered":50.* 1\n/);
    });

    it("gives the thread nothing of the application's arguments and environment but what it needs", async () => {
      const code = `${spied}
        const delivery = createDelivery({ ...options, env: { NO_PROXY: 'localhost' } });
        delivery.trace(trace('t'));
        await delivery.flush();
        console.log(JSON.stringify([threads[0].options.env, threads[0].options.execArgv]));`;
      const ending = await built.run(code, receiver.url);
      expect(ending.stdout).to.equal('[{"NO_PROXY":"localhost"},[]]\n');
    });

    describe('lets the application go first', () => {
      /** Compares the priority of the threads after a delivery with that of before. */
      const compare = `
        const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs');
        const niceness = () => {
          const stats = readdirSync('/proc/self/task').map((id) => readFileSync('/proc/self/task/' + id + '/stat', 'utf8'));
          return stats.map((stat) => Number(stat.split(') ').at(-1).split(' ')[16])).sort((a, b) => b - a); // proc(5), field 19
        };
        const [before] = niceness();
        const delivery = createDelivery({ ...options, endpoint: options.endpoint.replace('127.0.0.1', 'localhost') });
        delivery.trace(trace('t'));
        await delivery.flush();
        const [most, ...others] = niceness();
        console.log(most - before, others.every((nice) => nice === before));`;
      beforeEach(function () {
        if (process.platform !== 'linux') this.skip();
      });

      it('keeps the priority of the program', async () => {
        expect((await built.run(compare, receiver.url)).stdout).to.equal('5 true\n');
      });

      it("keeps the priority of libuv's thread pool, even if the worker is the first to use the pool", async () => {
        expect((await built.runAsCommonJs(compare, receiver.url)).stdout).to.equal('5 true\n');
      });
    });

    it('posts no messages to the application while all goes well and nobody waits', async () => {
      const code = `
        import { createRequire, syncBuiltinESMExports } from 'node:module';
        import { setTimeout as sleep } from 'node:timers/promises';
        const node = createRequire(import.meta.url)('node:worker_threads');
        let messages = 0;
        const Real = node.MessageChannel;
        node.MessageChannel = function () {
          const channel = new Real();
          channel.port1.on('message', () => { messages += 1; });
          return channel;
        };
        syncBuiltinESMExports();
        const delivery = createDelivery(options);
        delivery.trace(trace('first'));
        await delivery.flush();
        const before = messages;
        for (let i = 0; i < 100; i += 1) {
          delivery.trace(trace('t' + i));
          await sleep(5);
        }
        while (delivery.stats().pending > 0) await sleep(5);
        const { delivered, pendingBytes } = delivery.stats();
        console.log(before > 0, delivered, pendingBytes, messages - before);`;
      const ending = await built.run(code, receiver.url);
      expect(ending.stdout).to.equal('true 101 0 0\n');
      expect(receiver.traces).to.have.length(101);
    });

    it('loads axios in the thread alone', async () => {
      const code = `
        import { createRequire } from 'node:module';
        const delivery = createDelivery(options);
        delivery.trace(trace('t'));
        await delivery.flush();
        console.log(process.getActiveResourcesInfo().includes('TCPSocketWrap'), Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('axios')).length);`;
      const ending = await built.run(code, receiver.url);
      expect(ending.stdout).to.equal('false 0\n');
      expect(receiver.traces).to.have.length(1);
    });
  });

  it('P10 keeps two tenants apart', async () => {
    await using a = await startReceiver();
    await using b = await startReceiver();
    const first = startDelivery(a.url, { apiKey: 'sk_pp_a', projectName: 'A', worker: 'thread' }).delivery;
    const second = startDelivery(b.url, { apiKey: 'sk_pp_b', projectName: 'B', worker: 'thread' }).delivery;
    for (let i = 0; i < 500; i += 1) {
      first.trace(traceRecord({ name: `a${i}` }));
      second.trace(traceRecord({ name: `b${i}` }));
    }
    expect(await first.shutdown()).to.include({ ok: true });
    expect(await second.shutdown()).to.include({ ok: true });
    for (const [receiver, letter] of [
      [a, 'a'],
      [b, 'b'],
    ] as const) {
      expect(receiver.traces).to.have.length(500);
      expect(receiver.traces.every((trace) => trace.name.startsWith(letter))).to.equal(true);
      for (const { headers } of receiver.requests) {
        expect(headers).to.include({ 'x-api-key': `sk_pp_${letter}`, 'x-project-name': letter.toUpperCase() });
      }
    }
  });

  it('sends the headers of the contract, a fresh request id each, and nothing of axios.defaults', async () => {
    const { default: axios } = await import('axios');
    axios.defaults.headers.common.Authorization = 'Bearer of-the-application';
    try {
      await using receiver = await startReceiver();
      const { delivery } = startDelivery(receiver.url);
      const trace = traceRecord({ name: 'ü€😀' });
      delivery.trace(trace);
      delivery.score(scoreRecord(trace.traceId));
      expect(await delivery.shutdown()).to.include({ ok: true });
      const ids = new Set(receiver.requests.map(({ headers }) => headers['x-request-id']));
      expect(ids.size).to.equal(2);
      for (const { headers, bytes } of receiver.requests) {
        expect(headers).to.include({
          'x-api-key': testKey,
          'x-project-name': 'specs',
          'content-type': 'application/json',
          'user-agent': 'pandaprobe-ts/spec',
          'content-length': String(bytes),
        });
        expect(headers).to.not.have.any.keys('authorization', 'content-encoding');
      }
      expect(receiver.trace('ü€😀').trace_id).to.equal(trace.traceId);
    } finally {
      delete axios.defaults.headers.common.Authorization;
    }
  });

  it('P16 shows the key nowhere, whatever the backend does', async () => {
    for (const status of [400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 302]) {
      await using receiver = await startReceiver({
        behave: ({ headers }) => ({
          status,
          body: {
            detail: `bad key ${headers['x-api-key']}`,
            errors: [{ field: String(headers['x-api-key']), message: String(headers['x-api-key']) }],
          },
          headers: { Location: `http://127.0.0.1/${headers['x-api-key']}` },
        }),
      });
      const { delivery, lines, losses } = startDelivery(receiver.url);
      for (let i = 0; i < 4; i += 1) delivery.trace(traceRecord());
      delivery.score(scoreRecord(traceRecord().traceId));
      await delivery.flush({ timeoutMs: 600 });
      const said = [...lines, ...losses.map((loss) => JSON.stringify(loss))].join();
      if (status !== 429) expect(said, String(status)).to.not.equal('');
      expect(said).to.not.include(testKey);
      expect(receiver.requests.length).to.be.above(0);
      await delivery.shutdown({ timeoutMs: 0 });
    }
  });
});
