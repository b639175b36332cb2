import { randomUUID } from 'node:crypto';
import fs, { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { writeLine } from '../../../lib/delivery/spool/line.js';
import { SpoolSegment } from '../../../lib/delivery/spool/segment.js';
import type { JsonText } from '../../../lib/model/records.js';
import { scoreRecord, traceRecord } from '../../support/delivery.js';
import { until } from '../../support/until.js';
import { fault, spoolScene, warnings } from './spool-scene.js';

describe('Spool', () => {
  const scene = spoolScene();
  const { leave, spools, start } = scene;

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
      const path = join(scene.spool.path, '000001');
      writeFileSync(`${path}.spool`, Array.from({ length: count }, (_, n) => line(n)).join(''));
      return { path: `${path}.spool`, segment: new SpoolSegment(path, line(0).length * count) };
    };

    it('stops at the end of a file that was cut', () => {
      const { path, segment } = segmentOf(8);
      truncateSync(path, line(0).length * 2 + 3);
      expect(segment.read()).to.have.length(2);
      expect(segment.read()).to.equal(undefined);
    });

    it('reads on in a file that has grown, even if its last line was torn', () => {
      const { path, segment } = segmentOf(2);
      truncateSync(path, line(0).length * 2 - 4);
      expect(segment.read()).to.have.length(1);
      expect(segment.hasGrown()).to.equal(false);
      appendFileSync(path, line(1).slice(-4) + line(2));
      expect(segment.hasGrown()).to.equal(true);
      expect(segment.read()?.map(({ id }) => id)).to.deep.equal([1, 2]);
    });

    it('counts the lost items when a file of its own is cut', async () => {
      await scene.receiver.refuse();
      const { delivery } = start({ maxQueueSize: 2, batchSize: 100 });
      for (let i = 0; i < 9; i += 1) delivery.trace(traceRecord({ name: `t${i}` }));
      for (const { path } of spools()) truncateSync(join(scene.spool.path, path), 10);
      await scene.receiver.listen();
      await delivery.flush();
      expect(delivery.stats()).to.deep.include({
        created: 9,
        delivered: 2,
        pending: 0,
        droppedByReason: { spool_full: 7 },
      });
      await delivery.shutdown();
    });

    it('counts the lost items when a file of its own is gone', async () => {
      await scene.receiver.refuse();
      const { delivery } = start({ maxQueueSize: 2, batchSize: 100 });
      for (let i = 0; i < 9; i += 1) delivery.trace(traceRecord({ name: `t${i}` }));
      for (const { path } of spools()) fs.unlinkSync(join(scene.spool.path, path));
      await scene.receiver.listen();
      await delivery.flush();
      const { created, delivered, pending, droppedByReason } = delivery.stats();
      expect([created, delivered + (droppedByReason.spool_full ?? 0), pending]).to.deep.equal([9, 9, 0]);
      expect(droppedByReason.spool_full).to.be.above(0);
      await delivery.shutdown();
    });
  });

  describe('that cannot be deleted from', () => {
    it('P5 sends nothing twice, and goes on writing its own files', async () => {
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
      expect(scene.receiver.count('POST /traces')).to.equal(3);
      expect(scene.spool.entries().filter(({ isFile }) => isFile)).to.deep.equal([]);
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
        expect(scene.spool.text()).to.include(`"name":"t${i}"`);
        expect(await delivery.flush()).to.include({ ok: true });
        expect(scene.spool.text()).to.equal('');
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
      expect(warnings(lines)[0]).to.include(`${scene.spool.path} (ENOSPC); for now items are held in memory only`);
    });

    it('P11 leaves what is on disk to the next process when the disk and then the queue are full, and counts the rest', async () => {
      await scene.receiver.refuse();
      const { delivery, losses } = start({ maxQueueSize: 2 });
      const record = (name: string) => delivery.trace(traceRecord({ name }));
      for (const name of ['t0', 't1']) record(name);
      const stub = sinon.stub(fs, 'writeSync').throws(fault('ENOSPC'));
      for (const name of ['t2', 't3']) record(name);
      expect(delivery.stats()).to.include({ pending: 4, dropped: 0 });
      record('t4');
      expect(delivery.stats()).to.include({ pending: 4, dropped: 1 });
      stub.restore();
      expect(await delivery.shutdown({ timeoutMs: 1 })).to.include({ pending: 2, dropped: 3 });
      expect(losses.reduce((sum, { items }) => sum + items, 0)).to.equal(3);
      await scene.receiver.listen();
      const next = start();
      expect(await next.delivery.flush()).to.include({ ok: true, delivered: 2 });
      expect(scene.stored()).to.deep.equal(['t0', 't1']);
      await next.delivery.shutdown();
    });

    /** A delivery whose queue has dropped two items that are on disk, `t0` of about 300 KB and `t1`, while the disk was full. */
    const withLeft = async () => {
      await scene.receiver.refuse();
      const started = start({ maxQueueSize: 2 });
      const { delivery } = started;
      const traceId = randomUUID();
      delivery.trace(traceRecord({ name: 't0', traceId, input: JSON.stringify('x'.repeat(300_000)) as JsonText }));
      delivery.trace(traceRecord({ name: 't1' }));
      const stub = sinon.stub(fs, 'writeSync').throws(fault('ENOSPC'));
      for (const name of ['t2', 't3']) delivery.trace(traceRecord({ name }));
      stub.restore();
      return { ...started, traceId };
    };

    it('P11 sends what memory has dropped, once there is room; it is not lost for its scores', async () => {
      const { delivery, traceId, losses } = await withLeft();
      await scene.receiver.listen();
      expect(await delivery.flush()).to.include({ ok: true, delivered: 4, dropped: 0, pending: 0 });
      expect(scene.stored()).to.deep.equal(['t0', 't1', 't2', 't3']);
      delivery.score(scoreRecord(traceId));
      expect(await delivery.flush()).to.include({ ok: true, delivered: 5 });
      expect(scene.receiver.traces.find((trace) => trace.trace_id === traceId)?.scores).to.have.length(1);
      expect(losses).to.deep.equal([]);
      await delivery.shutdown();
      expect(spools()).to.deep.equal([]);
    });

    it('P11 reads what memory has dropped as soon as its file can be read; meanwhile the rest is sent', async () => {
      const { delivery, lines } = await withLeft();
      const stub = sinon.stub(fs, 'openSync').throws(fault('EMFILE'));
      await scene.receiver.listen();
      const flushed = delivery.flush();
      await until(() => scene.stored().length === 2 && warnings(lines).some((line) => line.includes('EMFILE')));
      expect(scene.stored()).to.deep.equal(['t2', 't3']);
      stub.restore();
      expect(await flushed).to.include({ ok: true, delivered: 4 });
      await delivery.shutdown();
    });

    it('P11 counts what memory has dropped if somebody has cut or deleted its file', async () => {
      const { delivery } = await withLeft();
      for (const { path } of spools()) truncateSync(join(scene.spool.path, path), 10);
      await scene.receiver.listen();
      await delivery.flush();
      expect(delivery.stats()).to.deep.include({ delivered: 2, pending: 0, droppedByReason: { spool_full: 2 } });
      await delivery.shutdown();
    });
  });
});
