import { appendFileSync, chmodSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  chainOf,
  json,
  lateSpansRecord,
  scoreRecord,
  spanRecord,
  startDelivery,
  testKey,
  traceRecord,
} from '../../support/delivery.js';
import { type Receiver, startReceiver, treeOf } from '../../support/receiver.js';
import { type SpoolDir, spoolDir } from './spool-folders.js';

/** The stored traces' names, each as often as it was sent with success. */
const sentNames = (receiver: Receiver): string[] =>
  receiver.requests
    .filter(({ call, status }) => call === 'POST /traces' && status === 202)
    .map(({ body }) => (body as { name: string }).name);
const names = (count: number, letter = 't') => Array.from({ length: count }, (_, i) => `${letter}${i}`);
const loud = (lines: readonly string[]) => lines.filter((line) => !line.includes('debug'));
const warnings = (lines: readonly string[]) => lines.filter((line) => line.includes('spool folder'));

describe('Spool', () => {
  let spool: SpoolDir;
  let receiver: Receiver;
  beforeEach(async () => {
    spool = spoolDir();
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await receiver.close();
    spool[Symbol.dispose]();
  });

  const start = (options: Parameters<typeof startDelivery>[1] = {}) =>
    startDelivery(receiver.url, { spoolDir: spool.path, ...options });

  /** A delivery that ends while nothing can be delivered. */
  async function leave(count: number, options: Parameters<typeof startDelivery>[1] = {}): Promise<void> {
    await receiver.refuse();
    const { delivery, lines } = start(options);
    for (let i = 0; i < count; i += 1) delivery.trace(traceRecord({ name: `t${i}` }));
    expect(await delivery.shutdown({ timeoutMs: 1 })).to.include({ ok: false, pending: count, dropped: 0 });
    expect(loud(lines).filter((line) => line.includes('could not be delivered'))).to.deep.equal([]);
    await receiver.listen();
  }

  it('leaves no file open when it ends, whether its items were delivered, left, or taken over', async function () {
    if (process.platform !== 'linux') this.skip(); // only there the open files of a process can be listed
    const open = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(join('/proc/self/fd', fd)).startsWith(spool.path);
        } catch {
          return false; // that of the listing itself is closed
        }
      });
    const { delivery } = start();
    delivery.trace(traceRecord());
    expect(open()).to.have.length(1);
    await delivery.flush();
    await delivery.shutdown();
    expect(open()).to.deep.equal([]);
    await leave(3);
    expect(open()).to.deep.equal([]);
    const next = start();
    await receiver.until(() => receiver.traces.length === 4);
    await next.delivery.shutdown();
    expect(open()).to.deep.equal([]);
  });

  it('holds an item from the call that records it until it is acknowledged', async () => {
    const { delivery } = start();
    delivery.trace(traceRecord({ name: 'kept' }));
    expect(spool.text()).to.include('"name":"kept"');
    expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
    expect(spool.text()).to.equal('');
    await delivery.shutdown();
    expect(spool.entries().filter(({ isFile }) => isFile)).to.deep.equal([]);
  });

  it('P5 leaves undelivered items to the next process, which sends them in order, exactly once', async () => {
    await leave(30);
    const { delivery } = start();
    expect(await delivery.flush()).to.include({ ok: true, delivered: 30 });
    expect(sentNames(receiver)).to.have.members(names(30));
    expect(receiver.requests.slice(0, 1).map(({ body }) => (body as { name: string }).name)).to.deep.equal(['t0']);
    await delivery.shutdown();
    const { delivery: third } = start();
    expect(await third.shutdown()).to.include({ ok: true, delivered: 0 });
    expect(sentNames(receiver)).to.have.length(30);
    expect(spool.entries().filter(({ isFile }) => isFile)).to.deep.equal([]);
  });

  it('P2 waits in a flush for all items of earlier processes, also for more than fit into memory at once', async () => {
    await leave(300);
    const { delivery } = start();
    expect(await delivery.flush()).to.include({ ok: true, delivered: 300, pending: 0 });
    expect(sentNames(receiver)).to.have.length(300);
    await delivery.shutdown();
  });

  it('P5 takes over the files of earlier processes before anything is recorded', async () => {
    await leave(3);
    const { delivery } = start();
    await receiver.until(() => receiver.traces.length === 3);
    await delivery.shutdown();
    expect(sentNames(receiver)).to.have.members(names(3));
  });

  it('P5 keeps what memory has no room for on disk, and loses nothing in an outage longer than the queue', async () => {
    await receiver.refuse();
    const { delivery, lines } = start({ maxQueueSize: 100, batchSize: 10 });
    const scored: string[] = [];
    for (let i = 0; i < 1000; i += 1) {
      const trace = traceRecord({ name: `t${i}` });
      delivery.trace(trace);
      if (i % 10 === 0) {
        delivery.score(scoreRecord(trace.traceId));
        scored.push(trace.traceId);
      }
      if (i % 100 === 0) await delivery.flush({ timeoutMs: 5 });
    }
    expect(delivery.stats()).to.deep.include({ created: 1100, pending: 1100, droppedByReason: {} });
    expect(loud(lines).length, loud(lines).join('\n')).to.be.at.most(1);
    await receiver.listen();
    expect(await delivery.flush()).to.include({ ok: true, delivered: 1100 });
    expect(sentNames(receiver)).to.have.length(1000).and.have.members(names(1000));
    expect(receiver.traces.filter(({ scores }) => scores.length > 0)).to.have.length(100);
    expect(spool.text()).to.equal('');
    await delivery.shutdown();
  });

  it('P5 sends each item once when two processes start together', async () => {
    await leave(50);
    const two = [start(), start()].map(({ delivery }) => delivery);
    await Promise.all(two.map((delivery) => delivery.flush()));
    await receiver.until(() => receiver.traces.length === 50);
    await Promise.all(two.map((delivery) => delivery.shutdown()));
    expect(sentNames(receiver)).to.have.length(50).and.have.members(names(50));
  });

  it('keeps the order of a trace, its late spans and its scores', async () => {
    await receiver.refuse();
    const first = start();
    const trace = traceRecord({ spans: chainOf(3), input: json('a\nb\tc ü') });
    first.delivery.trace(trace);
    first.delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord({ name: 'late' }, 9)));
    first.delivery.score(scoreRecord(trace.traceId));
    await first.delivery.shutdown({ timeoutMs: 1 });
    await receiver.listen();
    const { delivery } = start();
    expect(await delivery.shutdown()).to.include({ ok: true, delivered: 3 });
    expect(treeOf(receiver.trace('T'))).to.equal('T(s0(s1(s2)), late)');
    expect(receiver.trace('T').input).to.equal('a\nb\tc ü');
    expect(receiver.trace('T').scores).to.have.length(1);
  });

  it('keeps the order of a trace whose first part was read from disk and waits for room in memory', async () => {
    receiver.behave = () => ({ status: 503 });
    const { delivery } = start({ maxQueueBytes: 30_000, batchSize: 1 });
    const large = (name: string) => traceRecord({ name, spans: [spanRecord({ input: json('x'.repeat(16_000)) })] });
    const [first, second] = [large('first'), large('second')];
    delivery.trace(first);
    delivery.part({ ...second, status: 'RUNNING', endedAt: undefined });
    await receiver.until(() => receiver.requests.length === 2);
    delivery.trace({ ...second, spans: [] });
    delivery.score(scoreRecord(second.traceId));
    receiver.behave = () => 'accept';
    expect(await delivery.flush()).to.include({ ok: true, delivered: 4 });
    expect(receiver.trace('second')).to.include({ status: 'COMPLETED' });
    expect(receiver.trace('second').spans).to.have.length(1);
    await delivery.shutdown();
  });

  it('P8 looks for a score that was in flight when the process ended, before it sends it again', async () => {
    const trace = traceRecord();
    receiver.behave = ({ call, method }) =>
      call === 'POST /evaluations/trace-scores' ? 'cut-after' : method === 'GET' ? { status: 503 } : undefined;
    const first = start();
    first.delivery.trace(trace);
    first.delivery.score(scoreRecord(trace.traceId));
    await first.delivery.flush({ timeoutMs: 500 });
    expect(receiver.trace('T').scores).to.have.length(1);
    expect(await first.delivery.shutdown({ timeoutMs: 1 })).to.include({ delivered: 1, pending: 1 });
    receiver.behave = () => undefined;
    const { delivery } = start();
    expect(await delivery.shutdown()).to.include({ ok: true, delivered: 1 });
    expect(receiver.trace('T').scores).to.have.length(1);
    expect(receiver.count('POST /evaluations/trace-scores')).to.equal(1);
  });

  it('does not keep items that the backend has refused for good', async () => {
    receiver.behave = () => ({ status: 409 });
    const { delivery } = start();
    delivery.trace(traceRecord());
    expect(await delivery.shutdown()).to.include({ failed: 1, pending: 0 });
    expect(spool.text()).to.equal('');
  });

  for (const [what, other] of Object.entries({
    key: { apiKey: 'sk_pp_another' },
    project: { projectName: 'another' },
  })) {
    it(`P10 leaves items alone that belong to another ${what}`, async () => {
      await leave(3);
      const { delivery } = start(other);
      delivery.trace(traceRecord({ name: 'own' }));
      await delivery.shutdown();
      expect(sentNames(receiver)).to.deep.equal(['own']);
      expect(spool.text()).to.include('"name":"t0"');
    });
  }

  it('P16 can be read by its owner only, and contains no key', async () => {
    await leave(3);
    const found = spool.entries();
    expect(found.filter(({ isFile }) => isFile).length).to.be.above(0);
    for (const { isFile, mode } of found) expect(mode.toString(8)).to.equal(isFile ? '600' : '700');
    expect(spool.text() + JSON.stringify(found))
      .to.not.include(testKey)
      .and.not.include('sk_pp_');
  });

  it('skips torn and invalid lines, and sends the others', async () => {
    await leave(3);
    const file = spool.entries().find(({ path }) => path.endsWith('.spool'))?.path ?? '';
    appendFileSync(join(spool.path, file), '\0\0\0\nno line\n12\ttrace\tx\t{"name":\n99\ttrace\tx\t{"name":"to');
    appendFileSync(join(spool.path, file.replace('.spool', '.done')), '1');
    const { delivery } = start();
    expect(await delivery.shutdown()).to.include({ ok: true, delivered: 3 });
    expect(sentNames(receiver)).to.have.members(names(3));
    expect(spool.entries().filter(({ isFile }) => isFile)).to.deep.equal([]);
  });

  it('stays within maxSpoolBytes: the oldest goes first, and is counted', async () => {
    await receiver.refuse();
    const { delivery } = start({ maxSpoolBytes: 2_000_000, maxQueueSize: 10 });
    const input = json('x'.repeat(20_000));
    for (let i = 0; i < 500; i += 1) {
      delivery.trace(traceRecord({ name: `t${i}`, input }));
      if (i % 50 !== 0) continue;
      expect(spool.entries().reduce((sum, { isFile, bytes }) => sum + (isFile ? bytes : 0), 0)).to.be.below(2_000_000);
    }
    const { created, pending, droppedByReason } = delivery.stats();
    expect(droppedByReason.spool_full).to.be.within(350, 450);
    expect(created).to.equal(pending + (droppedByReason.spool_full ?? 0));
    await receiver.listen();
    expect(await delivery.flush()).to.include({ ok: false, delivered: pending, pending: 0 });
    expect(sentNames(receiver)).to.include('t499').and.include('t0').and.not.include('t20');
    await delivery.shutdown();
  });

  for (const gib of [2, 3, 4, 1024]) {
    it(`keeps all items with a maxSpoolBytes of ${gib} GiB`, async () => {
      const { delivery } = start({ maxSpoolBytes: gib * 2 ** 30 });
      for (let i = 0; i < 3; i += 1) delivery.trace(traceRecord({ name: `t${i}` }));
      expect(spool.entries().filter(({ path }) => path.endsWith('.spool'))).to.have.length(1);
      expect(spool.text().match(/"name":"t\d"/g)).to.have.length(3);
      await delivery.shutdown();
    });
  }

  it('keeps a large item that others leave room for, and drops one larger than the queue', async () => {
    await receiver.refuse();
    const { delivery } = start({ maxQueueBytes: 1_000_000 });
    for (let i = 0; i < 10; i += 1) delivery.trace(traceRecord({ name: `t${i}`, input: json('x'.repeat(400_000)) }));
    delivery.trace(traceRecord({ name: 'huge', input: json('x'.repeat(2_000_000)) }));
    expect(delivery.stats().pendingBytes).to.be.below(1_000_000);
    await receiver.listen();
    await delivery.flush();
    expect(sentNames(receiver)).to.have.members(names(10));
    expect(delivery.stats()).to.deep.include({ pending: 0, droppedByReason: { too_large: 1 } });
    await delivery.shutdown();
    expect(spool.text()).to.equal('');
  });

  it('says that an item is too large for the disk, and delivers it from memory', async () => {
    const { delivery, lines } = start({ maxSpoolBytes: 1_048_576 });
    delivery.trace(traceRecord({ name: 'huge', input: json('x'.repeat(600_000)) }));
    expect(spool.text()).to.equal('');
    expect(loud(lines)).to.have.length(1);
    expect(loud(lines)[0]).to.match(/an item of 600\d\d\d bytes is larger than half of maxSpoolBytes \(1048576\)/);
    expect(await delivery.shutdown()).to.include({ ok: true, delivered: 1 });
  });

  describe('that cannot be written', () => {
    it('P11 says one line and goes on in memory when the folder is a file', async () => {
      const file = join(spool.path, 'file');
      writeFileSync(file, '');
      const { delivery, lines } = start({ spoolDir: join(file, 'below') });
      for (let i = 0; i < 50; i += 1) delivery.trace(traceRecord());
      expect(await delivery.shutdown()).to.include({ ok: true, delivered: 50 });
      expect(warnings(lines)).to.have.length(1);
      expect(warnings(lines)[0]).to.match(/\((ENOTDIR|EEXIST)\)/);
    });

    it('P11 says one line and goes on in memory when the folder is not writable', async () => {
      const folder = join(spool.path, 'closed');
      mkdirSync(folder);
      chmodSync(folder, 0o500);
      chmodSync(spool.path, 0o755);
      const { delivery, lines } = start({ spoolDir: folder });
      await delivery.flush();
      const isRoot = process.geteuid?.() === 0; // root may write anywhere
      if (isRoot) process.seteuid?.(65_534);
      try {
        for (let i = 0; i < 50; i += 1) delivery.trace(traceRecord());
      } finally {
        if (isRoot) process.seteuid?.(0);
      }
      expect(await delivery.shutdown()).to.include({ ok: true, delivered: 50 });
      expect(warnings(lines)).to.have.length(1);
      expect(warnings(lines)[0]).to.include('(EACCES)');
      expect(readdirSync(folder)).to.deep.equal([]);
    });
  });
});
