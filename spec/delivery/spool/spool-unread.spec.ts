import fs from 'node:fs';
import { expect } from 'chai';
import sinon from 'sinon';
import { Queue } from '../../../lib/delivery/queue/queue.js';
import { traceRecord } from '../../support/delivery.js';
import { simulateDelivery, stopSimulation } from '../../support/simulated-delivery.js';
import { fault, names, spoolScene, warnings } from './spool-scene.js';

describe('Spool whose files cannot be read just now', () => {
  const scene = spoolScene();
  const { leave, spools, start, stored } = scene;
  afterEach(stopSimulation);

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
      expect(scene.spool.entries().filter(({ isFile }) => isFile)).to.deep.equal([]);
    });
  }

  it('reads them again by itself a second later', async () => {
    await leave(5);
    const stub = faults.EMFILE?.();
    const { delivery } = start();
    await delivery.flush({ timeoutMs: 1 });
    stub?.restore();
    await scene.receiver.until(() => scene.receiver.traces.length === 5);
    await delivery.shutdown();
    expect(stored()).to.deep.equal(names(5));
  });

  it('reads them later if there is no memory for their items, and loses none', async () => {
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
      const spoolDir = scene.spool.path;
      const earlier = await simulateDelivery({ spoolDir });
      earlier.backend = () => 'hangs';
      for (const name of names(5)) earlier.delivery.trace(traceRecord({ name }));
      await earlier.settled(earlier.delivery.shutdown({ timeoutMs: 1 }));
      const { delivery, requests, pass, settled } = await simulateDelivery({ spoolDir });
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

  it('keeps own items that had no room in memory pending, and drops none', async () => {
    await scene.receiver.refuse();
    const { delivery, lines } = start({ maxQueueSize: 2 });
    const stub = faults.EMFILE?.();
    for (let i = 0; i < 9; i += 1) delivery.trace(traceRecord({ name: `t${i}` }));
    await scene.receiver.listen();
    await delivery.flush({ timeoutMs: 500 });
    expect(delivery.stats()).to.deep.include({ created: 9, droppedByReason: {}, failed: 0 });
    expect(delivery.stats().pending).to.be.above(0);
    stub?.restore();
    await scene.receiver.until(() => scene.receiver.traces.length === 9);
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
