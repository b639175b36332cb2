import { execFileSync } from 'node:child_process';
import fs, {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { Queue } from '../../../lib/delivery/queue/queue.js';
import { writeLine } from '../../../lib/delivery/spool/line.js';
import { SpoolSegment } from '../../../lib/delivery/spool/segment.js';
import { startDelivery, traceRecord } from '../../support/delivery.js';
import { type Receiver, startReceiver } from '../../support/receiver.js';
import { simulateDelivery, stopSimulation } from '../../support/simulated-delivery.js';
import { type SpoolDir, spoolDir } from './spool-folders.js';

const fault = (code: string, path?: unknown) => Object.assign(new Error(code), { code, path });
const warnings = (lines: readonly string[]) => lines.filter((line) => line.includes('warning'));

describe('Spool', () => {
  let spool: SpoolDir;
  let receiver: Receiver;
  beforeEach(async () => {
    spool = spoolDir();
    receiver = await startReceiver();
  });
  afterEach(async () => {
    stopSimulation();
    sinon.restore();
    await receiver.close();
    spool[Symbol.dispose]();
  });

  const start = (options: Parameters<typeof startDelivery>[1] = {}) =>
    startDelivery(receiver.url, { spoolDir: spool.path, ...options });
  const stored = () => receiver.traces.map(({ name }) => name).sort();
  const names = (count: number) => Array.from({ length: count }, (_, i) => `t${i}`).sort();
  const lane = () => join(spool.path, readdirSync(spool.path)[0] ?? '');
  /** The folder an earlier process has left. */
  const left = () => join(lane(), readdirSync(lane())[0] ?? '');
  const spools = () => spool.entries().filter(({ path, isFile }) => isFile && path.endsWith('.spool'));

  /** Leaves traces behind, as a process does that could not deliver them. */
  async function leave(count: number): Promise<void> {
    await receiver.refuse();
    const { delivery } = start();
    for (let i = 0; i < count; i += 1) delivery.trace(traceRecord({ name: `t${i}` }));
    await delivery.shutdown({ timeoutMs: 1 });
    await receiver.listen();
  }

  describe('whose files cannot be read just now', () => {
    const faults: Readonly<Record<string, () => sinon.SinonStub>> = {
      EMFILE: () => {
        const open = fs.openSync;
        return sinon.stub(fs, 'openSync').callsFake((path, ...rest) => {
          if (String(path).endsWith('.spool') && rest[0] === 'r') throw fault('EMFILE', path);
          return open(path, ...rest);
        });
      },
      EIO: () => sinon.stub(fs, 'readSync').throws(fault('EIO')),
      EACCES: () => {
        const read = fs.readFileSync as (...args: unknown[]) => string;
        return sinon.stub(fs, 'readFileSync').callsFake(((path: unknown, ...rest: unknown[]) => {
          if (String(path).endsWith('.done')) throw fault('EACCES', path);
          return read(path, ...rest);
        }) as typeof fs.readFileSync);
      },
    };
    for (const [code, cause] of Object.entries(faults)) {
      it(`keeps them at ${code}, says which and why, and sends them once they can be read`, async () => {
        await leave(5);
        const stub = cause();
        const first = start();
        expect(await first.delivery.flush({ timeoutMs: 100 })).to.include({ ok: false, delivered: 0 });
        expect(await first.delivery.shutdown({ timeoutMs: 1 })).to.include({ ok: false });
        expect(stub.called).to.equal(true);
        expect(spools()).to.have.length(1);
        expect(stored()).to.deep.equal([]);
        expect(warnings(first.lines)).to.have.length(1);
        expect(warnings(first.lines)[0]).to.match(
          new RegExp(`cannot read /.+\\.(spool|done) of the spool \\(${code}\\)`),
        );
        stub.restore();
        const { delivery, lines } = start();
        expect(await delivery.shutdown()).to.include({ ok: true, delivered: 5 });
        expect(stored()).to.deep.equal(names(5));
        expect(warnings(lines)).to.deep.equal([]);
        expect(spool.entries().filter(({ isFile }) => isFile)).to.deep.equal([]);
      });
    }

    it('reads them again by itself a second later', async () => {
      await leave(5);
      const stub = faults.EMFILE?.();
      const { delivery } = start();
      await delivery.flush({ timeoutMs: 1 });
      stub?.restore();
      await receiver.until(() => receiver.traces.length === 5);
      await delivery.shutdown();
      expect(stored()).to.deep.equal(names(5));
    });

    it('reads them later when there is no memory for them, and loses none', async () => {
      await leave(5);
      const create = sinon.stub(Queue.prototype, 'create').throws(new RangeError('Array buffer allocation failed'));
      const { delivery } = start();
      expect(await delivery.flush({ timeoutMs: 50 })).to.include({ ok: false, delivered: 0 });
      create.restore();
      expect(await delivery.flush()).to.include({ ok: true, delivered: 5 });
      expect(stored()).to.deep.equal(names(5));
      expect(await delivery.shutdown()).to.include({ ok: true, pending: 0 });
    });

    const ofFolder = () => sinon.stub(fs, 'readdirSync').throws(fault('EMFILE'));
    for (const [code, cause] of Object.entries({ ...faults, 'EMFILE for the folder': ofFolder })) {
      it(`P2 reads them again while somebody waits for a flush, at ${code}, and the flush waits for what is in them`, async () => {
        const earlier = await simulateDelivery({ spoolDir: spool.path });
        earlier.backend = () => 'hangs';
        for (const name of names(5)) earlier.delivery.trace(traceRecord({ name }));
        await earlier.settled(earlier.delivery.shutdown({ timeoutMs: 1 }));
        const { delivery, requests, pass, settled } = await simulateDelivery({ spoolDir: spool.path });
        const stub = cause();
        const flushed = delivery.flush();
        expect(stub.called).to.equal(true);
        await pass(120);
        stub.restore();
        const { value, afterMs } = await settled(flushed);
        expect(value).to.include({ ok: true, delivered: 5 });
        expect(afterMs, 'sooner than where nobody waits').to.be.below(100);
        expect(requests.map(({ body }) => (body as { name: string }).name).sort()).to.deep.equal(names(5));
        await settled(delivery.shutdown());
      });
    }

    it('P2 does not say that all was sent while a folder cannot be read', async () => {
      await leave(5);
      const stub = sinon.stub(fs, 'readdirSync').throws(fault('EMFILE'));
      const { delivery } = start();
      expect(await delivery.flush({ timeoutMs: 100 })).to.include({ ok: false, delivered: 0 });
      stub.restore();
      expect(await delivery.shutdown()).to.include({ ok: true, delivered: 5 });
    });

    it('keeps what of its own had no room in memory pending, and drops nothing', async () => {
      await receiver.refuse();
      const { delivery, lines } = start({ maxQueueSize: 2 });
      const stub = faults.EMFILE?.();
      for (let i = 0; i < 9; i += 1) delivery.trace(traceRecord({ name: `t${i}` }));
      await receiver.listen();
      await delivery.flush({ timeoutMs: 500 });
      expect(delivery.stats()).to.deep.include({ created: 9, droppedByReason: {}, failed: 0 });
      expect(delivery.stats().pending).to.be.above(0);
      stub?.restore();
      await receiver.until(() => receiver.traces.length === 9);
      expect(await delivery.shutdown()).to.include({ ok: true, delivered: 9, dropped: 0 });
      expect(warnings(lines).filter((line) => line.includes('(EMFILE)'))).to.have.length(1);
    });

    it('does not delete one to keep maxSpoolBytes', async () => {
      await leave(5);
      const stub = faults.EIO?.();
      const { delivery } = start({ maxSpoolBytes: 1000 });
      await delivery.flush({ timeoutMs: 20 });
      expect(spools()).to.have.length(1);
      await delivery.shutdown({ timeoutMs: 1 });
      stub?.restore();
      await start().delivery.shutdown();
      expect(stored()).to.deep.equal(names(5));
    });
  });

  describe('whose files change meanwhile', () => {
    const line = (n: number) =>
      writeLine({
        id: n,
        kind: 'trace',
        traceId: `t${n}`,
        bodies: [`{"n":${n}}`],
        isUpdate: false,
        isUncertain: false,
        isRemote: false,
      });
    const segmentOf = (count: number) => {
      const path = join(spool.path, '000001');
      writeFileSync(`${path}.spool`, Array.from({ length: count }, (_, n) => line(n)).join(''));
      return { path: `${path}.spool`, segment: new SpoolSegment(path, line(0).length * count) };
    };

    it('ends at the end of one that was cut', () => {
      const { path, segment } = segmentOf(8);
      truncateSync(path, line(0).length * 2 + 3);
      expect(segment.read()).to.have.length(2);
      expect(segment.read()).to.equal(undefined);
    });

    it('reads on in one that has grown, also where its last line was torn', () => {
      const { path, segment } = segmentOf(2);
      truncateSync(path, line(0).length * 2 - 4);
      expect(segment.read()).to.have.length(1);
      expect(segment.hasGrown()).to.equal(false);
      appendFileSync(path, line(1).slice(-4) + line(2));
      expect(segment.hasGrown()).to.equal(true);
      expect(segment.read()?.map(({ id }) => id)).to.deep.equal([1, 2]);
    });

    it('counts what is lost when a file of its own is cut', async () => {
      await receiver.refuse();
      const { delivery } = start({ maxQueueSize: 2, batchSize: 100 });
      for (let i = 0; i < 9; i += 1) delivery.trace(traceRecord({ name: `t${i}` }));
      for (const { path } of spools()) truncateSync(join(spool.path, path), 10);
      await receiver.listen();
      await delivery.flush();
      expect(delivery.stats()).to.deep.include({
        created: 9,
        delivered: 2,
        pending: 0,
        droppedByReason: { spool_full: 7 },
      });
      await delivery.shutdown();
    });

    it('counts what is lost when a file of its own is gone', async () => {
      await receiver.refuse();
      const { delivery } = start({ maxQueueSize: 2, batchSize: 100 });
      for (let i = 0; i < 9; i += 1) delivery.trace(traceRecord({ name: `t${i}` }));
      for (const { path } of spools()) fs.unlinkSync(join(spool.path, path));
      await receiver.listen();
      await delivery.flush();
      const { created, delivered, pending, droppedByReason } = delivery.stats();
      expect([created, delivered + (droppedByReason.spool_full ?? 0), pending]).to.deep.equal([9, 9, 0]);
      expect(droppedByReason.spool_full).to.be.above(0);
      await delivery.shutdown();
    });
  });

  describe('with foreign things in it', () => {
    const fifo = (path: string) => void execFileSync('mkfifo', [path]);
    const file = (path: string) => writeFileSync(path, 'not ours');
    const dangling = (path: string) => symlinkSync(join(spool.path, 'nowhere'), path);
    const folder = (path: string) => mkdirSync(path);
    const kinds = { 'a file': file, 'a FIFO': fifo, 'a dangling link': dangling };

    async function delivers(thing: string): Promise<void> {
      const { delivery, lines } = start();
      expect(await delivery.flush()).to.include({ ok: true, delivered: 3 });
      await delivery.shutdown();
      expect(stored()).to.deep.equal(names(3));
      expect(warnings(lines), warnings(lines).join('\n')).to.have.length(1);
      expect(warnings(lines)[0]).to.include(thing);
      expect(warnings(lines)[0]).to.match(/it stays there/);
      const isThere = spool.entriesByName().some((name) => name.endsWith(thing));
      expect(isThere, 'the thing is left alone').to.equal(true);
    }

    for (const [what, make] of Object.entries(kinds)) {
      it(`takes over the others past ${what} that is named like a folder that was given up`, async () => {
        await leave(3);
        make(join(lane(), 'free-0000'));
        await delivers('free-0000');
      });
    }

    for (const [what, make] of Object.entries({ ...kinds, 'a folder': folder })) {
      if (what === 'a file') continue; // a file there may be one of the spool
      it(`sends the others past ${what} that is named like a file of items`, async () => {
        await leave(3);
        make(join(left(), '000000.spool'));
        await delivers('000000.spool');
      });
    }

    it('leaves a folder alone that has only foreign things in it', async () => {
      await leave(3);
      mkdirSync(join(lane(), 'free-0000'));
      file(join(lane(), 'free-0000', 'notes.txt'));
      await delivers('free-0000');
    });

    it('does not wait for a FIFO in the place of the file of what became of its items, and sends nothing of them', async () => {
      await leave(3);
      fifo(join(left(), '000001.done'));
      const { delivery, lines } = start();
      expect(await delivery.shutdown()).to.include({ ok: false, delivered: 0 });
      expect(stored()).to.deep.equal([]);
      expect(spools()).to.have.length(1);
      expect(warnings(lines).length).to.be.within(1, 2);
    });

    it('does not follow a link that stands in the place of a file of items', async () => {
      await leave(3);
      const path = join(left(), '000001.spool');
      renameSync(path, join(spool.path, 'elsewhere'));
      symlinkSync(join(spool.path, 'elsewhere'), path);
      const { delivery } = start();
      await delivery.shutdown();
      expect(stored()).to.deep.equal([]);
      expect(existsSync(join(spool.path, 'elsewhere'))).to.equal(true);
    });

    it('leaves the folder of another user alone', async function () {
      if (process.geteuid?.() !== 0) this.skip(); // only root can give a folder away
      await leave(3);
      mkdirSync(join(lane(), 'free-0000'));
      chownSync(join(lane(), 'free-0000'), 65_534, 65_534);
      await delivers('free-0000');
    });
  });

  describe('that cannot be deleted from', () => {
    it('P5 sends nothing twice all the same, and goes on writing its own', async () => {
      await leave(3);
      const unlink = fs.unlinkSync;
      const taken = new Set(spools().map(({ path }) => path.split('/').at(-1)));
      const stub = sinon.stub(fs, 'unlinkSync').callsFake((path) => {
        if (taken.has(String(path).split('/').at(-1))) throw fault('EPERM', path);
        return unlink(path);
      });
      const first = start();
      expect(await first.delivery.flush()).to.include({ ok: true, delivered: 3 });
      await first.delivery.shutdown();
      expect(stub.called).to.equal(true);
      expect(warnings(first.lines).filter((line) => line.includes('(EPERM)')).length).to.be.within(1, 2);
      stub.restore();
      const { delivery } = start();
      expect(await delivery.shutdown()).to.include({ ok: true, delivered: 0 });
      expect(receiver.count('POST /traces')).to.equal(3);
      expect(spool.entries().filter(({ isFile }) => isFile)).to.deep.equal([]);
    });

    it('empties its file where a file that is open for appending cannot be cut, as on Windows', async () => {
      const appending = new Set<number>();
      const { openSync, ftruncateSync } = fs;
      sinon.stub(fs, 'openSync').callsFake((path, flags, mode) => {
        const fd = openSync(path, flags, mode);
        if (String(flags).startsWith('a')) appending.add(fd);
        return fd;
      });
      sinon.stub(fs, 'ftruncateSync').callsFake((fd, length) => {
        if (appending.has(fd)) throw fault('EPERM');
        ftruncateSync(fd, length);
      });
      const { delivery, lines } = start();
      for (let i = 0; i < 3; i += 1) {
        delivery.trace(traceRecord({ name: `t${i}` }));
        expect(spool.text()).to.include(`"name":"t${i}"`);
        expect(await delivery.flush()).to.include({ ok: true });
        expect(spool.text()).to.equal('');
      }
      await delivery.shutdown();
      expect(warnings(lines)).to.deep.equal([]);
    });

    it('P11 delivers from memory when the disk is full, and says so', async () => {
      const stub = sinon.stub(fs, 'writeSync').throws(fault('ENOSPC'));
      const { delivery, lines } = start();
      for (let i = 0; i < 5; i += 1) delivery.trace(traceRecord({ name: `t${i}` }));
      stub.restore();
      expect(await delivery.shutdown()).to.include({ ok: true, delivered: 5 });
      expect(warnings(lines)).to.have.length(1);
      expect(warnings(lines)[0]).to.include(`${spool.path} (ENOSPC); for now items are held in memory only`);
    });
  });
});
