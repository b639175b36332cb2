import { expect } from 'chai';
import type { Report, Result } from '../../../lib/delivery/wire/messages.js';
import { AckRing } from '../../../lib/delivery/worker/ack-ring.js';
import { reportToMain } from '../../../lib/delivery/worker/report-to-main.js';
import type { ThreadReport } from '../../../lib/delivery/worker/thread-data.js';

const plain: Report = { obstacles: { traces: 0, other: 0 }, delivered: [1], results: [], maxBodyBytes: 5 };
const result: Result = { id: 2, attempts: 1, notes: ['cut'], kind: 'delivered' };

describe('A report of the worker', () => {
  let application: AckRing;
  let posted: ThreadReport[];
  let report: (report: Report) => void;
  beforeEach(() => {
    application = new AckRing();
    posted = [];
    report = reportToMain(new AckRing(application.memory), (message) => posted.push(message));
    report(plain); // the first tells how large a body may be
    expect(posted.splice(0)).to.have.length(1);
    expect(application.take()).to.deep.equal([1]);
  });

  const rows: readonly (readonly [what: string, more: Partial<Report>, isPosted: boolean])[] = [
    ['that items are delivered', {}, false],
    ['that several are', { delivered: [7, 8, 9] }, false],
    ['nothing', { delivered: [] }, true],
    ['the result of another item', { results: [result] }, true],
    ['another size of bodies', { maxBodyBytes: 4 }, true],
    ['lines of requests', { requests: [] }, true],
  ];
  for (const [what, more, isPosted] of rows)
    it(`${isPosted ? 'is a message' : 'is in memory alone'} if it says ${what}, and wakes a sleeping thread`, () => {
      const { sequence } = application;
      report({ ...plain, ...more });
      const { delivered, ...rest } = { ...plain, ...more };
      expect(posted).to.deep.equal(isPosted ? [{ ...rest, count: application.count }] : []);
      expect(application.take()).to.deep.equal(delivered);
      expect(application.sequence).to.equal(sequence + 1);
      expect(application.sleep(sequence, 60_000)).to.equal(true);
    });

  it('is a message if one was requested, together with the acknowledgements before it', () => {
    application.requestNotifications(true);
    report({ ...plain, delivered: [2, 3] });
    report({ ...plain, delivered: [4] });
    expect(posted.map(({ count }) => application.take(count))).to.deep.equal([[2, 3], [4]]);
    application.requestNotifications(false);
    report({ ...plain, delivered: [5] });
    expect(posted).to.have.length(2);
  });

  it('reports a new limit of bodies once', () => {
    for (let i = 0; i < 3; i += 1) report({ ...plain, maxBodyBytes: 4 });
    expect(posted.map(({ maxBodyBytes }) => maxBodyBytes)).to.deep.equal([4]);
  });
});
