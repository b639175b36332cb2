import { expect } from 'chai';
import { id, known, type Running, startRunning, trace } from '../support/local-server.js';
import { runHere } from './run-here.js';

describe('Arguments of commands', () => {
  let running: Running;
  const put = (body: object, project = 'spec') =>
    running.call('POST', '/traces', body, { ...known, 'X-Project-Name': project });
  const here = (args: string) => runHere(args, { endpoint: running.server.url, project: 'spec' });

  before(async () => {
    running = await startRunning();
  });
  after(() => running[Symbol.asyncDispose]());

  it('take a filter without a word for an error, and delete nothing by it', async () => {
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

  it('take an empty id and an empty tag for an error', async () => {
    expect(await here('show ')).to.deep.include({ code: 2, out: '' });
    const { code, err } = await here('list --tag=');
    expect([code, err]).to.deep.equal([2, 'pandaprobe-ts: --tag expects a text, got ""\n']);
  });
});
