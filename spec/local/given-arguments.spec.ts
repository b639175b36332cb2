import { expect } from 'chai';
import { id, known, type Running, startRunning, trace } from '../support/local-server.js';
import { runHere } from './run-here.js';

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

describe('Arguments of commands', () => {
  let running: Running;
  const put = (body: object, project = 'spec') =>
    running.call('POST', '/traces', body, { ...known, 'X-Project-Name': project });
  const here = (args: string) => runHere(args, { endpoint: running.server.url, project: 'spec' });

  before(async () => {
    running = await startRunning();
  });
  after(() => running[Symbol.asyncDispose]());

  it('report a filter without a word as an error, and delete nothing by it', async () => {
    await put(trace(1));
    for (const command of ['list', 'delete --yes', 'export', 'steps']) {
      const { code, err } = await here(`${command} --filter ""`);
      expect([code, err], command).to.deep.equal([
        2,
        'pandaprobe-ts: --filter expects words of the search, got "\\"\\""\n',
      ]);
    }
    expect((await here('list')).out).to.include(id(1));
  });

  it('report an empty id and an empty tag as errors', async () => {
    expect(await here('show ')).to.deep.include({ code: 2, out: '' });
    const { code, err } = await here('list --tag=');
    expect([code, err]).to.deep.equal([2, 'pandaprobe-ts: --tag expects a text, got ""\n']);
  });

  it('read a day without a zone in the zone of the reader', async () => {
    const zone = process.env.TZ;
    process.env.TZ = 'America/New_York';
    try {
      await put(trace(2, { name: 'evening before', started_at: '2026-03-02T03:00:00Z' }));
      await put(trace(3, { name: 'morning', started_at: '2026-03-02T14:00:00Z' }));
      const { out } = await here('list --after 2026-03-02 --before 2026-03-03 --json');
      expect(lines(out).map((line) => JSON.parse(line).name)).to.deep.equal(['morning']);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it('count the time of --since in seconds, minutes, hours, days or weeks', async () => {
    const periods = { '300s': 300, '5m': 300, '3h': 10_800, '2d': 172_800, '3w': 1_814_400 };
    for (const [at, [since, seconds]] of Object.entries(periods).entries()) {
      const putAged = (name: string, age: number, number: number) =>
        put(trace(number, { name, tags: [since], started_at: new Date(Date.now() - age * 1000).toISOString() }));
      await putAged('within', seconds * 0.8, 10 + at);
      await putAged('before', seconds * 1.2, 20 + at);
      const { out } = await here(`list --since ${since} --tag ${since} --json`);
      expect(
        lines(out).map((line) => JSON.parse(line).name),
        since,
      ).to.deep.equal(['within']);
    }
  });

  it('add up the seven days before the given end', async () => {
    await put(trace(4, { started_at: '2025-12-29T10:00:00Z' }));
    const { out } = await here('stats --before 2026-01-01T00:00Z --json');
    expect(JSON.parse(out)).to.include({ traces: 1, from: '2025-12-25T00:00:00.000Z' });
  });
});
