import fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { silentLog } from '../../../lib/common/log.js';
import type { Item } from '../../../lib/delivery/queue/item.js';
import { writeLine } from '../../../lib/delivery/spool/line.js';
import { SpoolSegment } from '../../../lib/delivery/spool/segment.js';
import { Spool } from '../../../lib/delivery/spool/spool.js';
import { type SpoolDir, spoolDir } from './spool-folders.js';

const fault = (code: string) => Object.assign(new Error(code), { code });

describe('Spool', () => {
  let spool: SpoolDir;
  beforeEach(() => {
    spool = spoolDir();
  });
  afterEach(() => {
    sinon.restore();
    spool[Symbol.dispose]();
  });

  describe('with more than maxSpoolBytes', () => {
    const dropped: number[][] = [];
    const started: Spool[] = [];
    beforeEach(() => {
      dropped.length = 0;
    });
    afterEach(() => {
      for (const each of started.splice(0)) each.close();
    });

    /** A spool of eight files, each of which takes more than is read at a time. */
    function startSpool() {
      const partition = { endpoint: 'http://127.0.0.1', projectName: 'p', apiKey: 'sk_pp_spec' };
      const made = new Spool(
        { ...partition, spoolDir: spool.path, maxSpoolBytes: 8e6, log: silentLog },
        (ids, foreign) => {
          dropped.push([...ids, ...new Array<number>(foreign).fill(-1)]);
        },
      );
      started.push(made);
      const flags = { isUpdate: false, isUncertain: false, isRemote: false };
      const keep = (id: number, isOnDisk = true, chars = 100_000, char = ' ') => {
        const item = { id, kind: 'trace', traceId: `t${id}`, ...flags } as Partial<Item> as Item; // all that a spool reads
        return made.keep(item, [`{${char.repeat(chars)}}`], !isOnDisk);
      };
      return { keep, spool: made };
    }

    const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

    it('P11 counts lines that were read and not given out', () => {
      const { keep, spool: own } = startSpool();
      for (const id of ids(1, 61)) keep(id);
      expect(own.next(true)?.id).to.equal(1);
      for (const id of ids(61, 121)) keep(id);
      const lost = dropped.flat();
      expect(lost)
        .to.deep.equal(ids(2, 2 + lost.length))
        .and.not.to.deep.equal([]);
      const rest: number[] = [];
      for (let line = own.next(true); line !== undefined; line = own.next(true)) rest.push(line.id);
      expect(rest).to.deep.equal(ids(2 + lost.length, 121));
      expect(own.isBehind).to.equal(false);
    });

    it('P11 never has more on disk, also if large items follow small ones', () => {
      const { keep } = startSpool();
      const bytes = () => spool.entries().reduce((sum, entry) => sum + (entry.isFile ? entry.bytes : 0), 0);
      for (let id = 1; id <= 300; id += 1) {
        keep(id, true, id % 7 === 0 ? 3_900_000 : 100_000);
        expect(bytes(), `after ${id} items`).to.be.at.most(8e6);
      }
    });

    it('drops nothing that there is room for when it looks for files of other processes', () => {
      const { keep, spool: own } = startSpool();
      for (const id of ids(1, 72)) keep(id); // 7.1 of 8 MB
      own.heartbeatAndAdopt();
      expect(dropped).to.deep.equal([]);
    });

    it('keeps an item in memory only if its bytes, and not its characters, are more than half of it', () => {
      const { keep, spool: own } = startSpool();
      expect(keep(1, true, 1_500_000, '界')).to.equal('unkept');
      expect(keep(2, true, 1_000_000, '界')).to.equal('onDisk');
      expect(own.next(true)?.id).to.equal(2);
    });

    it('P11 counts the items of a file whose journal cannot be deleted', () => {
      const { keep, spool: own } = startSpool();
      for (const id of ids(1, 61)) keep(id);
      const unlink = fs.unlinkSync;
      const stub = sinon.stub(fs, 'unlinkSync').callsFake((path) => {
        if (String(path).endsWith('.done')) throw fault('EIO');
        unlink(path);
      });
      for (const id of ids(61, 121)) keep(id);
      stub.restore();
      const lost = dropped.flat();
      expect(lost)
        .to.deep.equal(ids(1, 1 + lost.length))
        .and.not.to.deep.equal([]);
      const rest: number[] = [];
      for (let line = own.next(true); line !== undefined; line = own.next(true)) rest.push(line.id);
      expect(rest[0]).to.equal(1 + lost.length);
      expect(own.isBehind).to.equal(false);
    });

    it('P11 counts what memory has dropped once its file is deleted, and not before', () => {
      const { keep, spool: own } = startSpool();
      for (const id of ids(1, 6)) keep(id, false);
      expect([2, 4, 7].map((id) => own.leave(id))).to.deep.equal([true, true, false]);
      expect(dropped.flat()).to.deep.equal([]);
      for (const id of ids(10, 100)) keep(id, false);
      expect(dropped.flat()).to.deep.equal([2, 4]);
      expect(own.leave(3)).to.equal(false);
    });

    it('P11 loses nothing when only a part of the oldest file can be read at first', () => {
      const { keep, spool: own } = startSpool();
      for (const id of ids(1, 61)) keep(id);
      const read = fs.readSync as (...args: unknown[]) => number;
      let calls = 0;
      const stub = sinon.stub(fs, 'readSync').callsFake(((...args: unknown[]) => {
        calls += 1;
        if (calls % 2 === 0) throw fault('EIO');
        return read(...args);
      }) as typeof fs.readSync);
      for (const id of ids(61, 121)) keep(id);
      expect(calls).to.be.greaterThan(1);
      stub.restore();
      own.retryNow();
      const rest: number[] = [];
      for (let line = own.next(true); line !== undefined; line = own.next(true)) rest.push(line.id);
      expect([...rest, ...dropped.flat()].sort((a, b) => a - b)).to.deep.equal(ids(1, 121));
      expect(own.isBehind).to.equal(false);
    });
  });

  describe('whose journal is torn', () => {
    /** A file of eleven lines of a hundred bytes, the last of which is settled: `1000` in the journal. */
    function lastSettled(): SpoolSegment {
      const segment = new SpoolSegment(join(spool.path, '000001'));
      for (let i = 0; i < 11; i += 1) {
        const line = {
          id: 10 + i,
          kind: 'trace',
          traceId: `t${i}`,
          isUpdate: false,
          isUncertain: false,
          isRemote: false,
        } as const;
        const rest = 100 - writeLine({ ...line, bodies: ['{}'] }).length;
        expect(segment.append(writeLine({ ...line, bodies: [`{${' '.repeat(rest)}}`] }), false)).to.equal(100 * i);
      }
      segment.settle(1000);
      return segment;
    }

    /** Writes only the beginning of the journal, `100`: the entry of another item. */
    function tear(): void {
      const append = fs.appendFileSync;
      const stub = sinon.stub(fs, 'appendFileSync').callsFake((path, data, options) => {
        append(path, String(data).slice(0, 3), options);
        stub.restore();
        throw fault('ENOSPC');
      });
    }

    const adopt = () => new SpoolSegment(join(spool.path, '000001'), 1100);
    const openIn = (segment: SpoolSegment) => segment.read()?.map(({ at }) => at);
    const upTo = (count: number) => Array.from({ length: count }, (_, i) => 100 * i);

    it('P5 loses no item when the disk was full in the middle of an entry', () => {
      const segment = lastSettled();
      tear();
      expect(() => segment.flushJournal()).to.throw('ENOSPC');
      segment.flushJournal();
      segment.close();
      expect(openIn(adopt())).to.deep.equal(upTo(10));
    });

    it('P5 loses no item when a process was killed in the middle of an entry, and the next one did not send either', () => {
      const segment = lastSettled();
      tear();
      expect(() => segment.flushJournal()).to.throw('ENOSPC');
      segment.close();
      const second = adopt();
      expect(openIn(second)).to.deep.equal(upTo(11));
      second.flushJournal();
      expect(openIn(adopt())).to.deep.equal(upTo(11));
    });
  });
});
