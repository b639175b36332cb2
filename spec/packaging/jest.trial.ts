import { expect } from 'chai';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { type Project, type Ran, settingsFor, startProject } from '../support/trial.js';

const test = `
const { flush, init, MemorySink, shutdown, withSpan, withTrace } = require('pandaprobe-ts');

test('records', async () => {
  const memory = new MemorySink();
  init({ sinks: [memory] });
  await withTrace('agent', () => withSpan('search', async () => 'found'));
  expect(memory.tree()).toContain('search');
});

test('delivers', async () => {
  init();
  await withTrace('agent', () => withSpan('search', async () => 'found'));
  expect(await flush()).toMatchObject({ ok: true, delivered: 1 });
});
`;

describe('A Jest project', () => {
  let project: Project;
  let receiver: Receiver;
  before(async function () {
    project = await startProject(this, { jest: '30.5.2' });
    await project.write({ 'package.json': '{ "private": true }', 'agent.test.js': test });
  });
  after(() => project?.remove());
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  function jest(...args: string[]): Promise<Ran> {
    return project.node([`${project.home}/node_modules/jest/bin/jest.js`, '--ci', ...args], settingsFor(receiver.url));
  }

  for (const worker of ['thread', 'inline']) {
    it(`records, delivers by ${worker} and ends by itself, with no handle left open`, async () => {
      await project.write({ 'agent.test.js': test.replace('init();', `init({ worker: '${worker}' });`) });
      const { code, stderr } = await jest('--detectOpenHandles');
      expect(stderr).to.match(/Tests: +2 passed, 2 total/);
      expect(stderr).not.to.match(/open handle|did not exit|warn/i);
      expect(code).to.equal(0);
      expect(receiver.traces.map(treeOf)).to.deep.equal(['agent(search)']);
    });
  }

  it('ends by itself without a flush or shutdown, also from several worker processes', async () => {
    const without = test.replace('expect(await flush()).toMatchObject({ ok: true, delivered: 1 });', '');
    await project.write({ 'agent.test.js': without, 'other.test.js': without });
    const { code, stderr } = await jest('--maxWorkers=2');
    expect(stderr).to.match(/Tests: +4 passed, 4 total/);
    expect(stderr).not.to.match(/open handle|did not exit|force exited|torn down|\[pandaprobe\]/i);
    expect(code).to.equal(0);
  });
});
