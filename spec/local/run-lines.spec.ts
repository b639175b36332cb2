import { expect } from 'chai';
import { id, startRunning, trace } from '../support/local-server.js';
import { runHere } from './run-here.js';

describe('The lines that pandaprobe-ts run prints', () => {
  it('name every trace, even if there are more than fit on one page of a list', async () => {
    await using running = await startRunning();
    const soon = Date.now() + 60_000;
    const time = (ms: number) => new Date(soon + ms).toISOString();
    for (let n = 1; n <= 205; n += 1) {
      const { status } = await running.call(
        'POST',
        '/traces',
        trace(n, { started_at: time(n), ended_at: time(n + 1) }),
      );
      expect(status).to.equal(202);
    }
    const { code, err } = await runHere('run --json -- true', { endpoint: running.server.url, project: 'spec' });
    expect(code).to.equal(0);
    const ids = err.match(/(?<="trace_id":")[^"]+/g) ?? [];
    expect(ids).to.deep.equal(Array.from({ length: 205 }, (_, at) => id(at + 1)));
  }).timeout(60_000);
});
