import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { launch, receiverEnv } from '../../samples/launch.js';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { needFrameworks } from './support/installed.js';

const sample = fileURLToPath(new URL('../../samples/integrations/across-processes.ts', import.meta.url));

/** What each process records, from the outside in. */
const recorded = {
  front: ['ask'],
  back: ['advise', 'enqueue'],
  worker: ['job', 'forecast'],
  weather: ['forecast', 'geocode'],
};

describe('One run in four processes', () => {
  let receiver: Receiver;
  before(function () {
    needFrameworks(this);
  });
  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
  });
  afterEach(() => receiver.close());

  for (const dead of ['front', 'back', 'worker'] as const) {
    it(`P36 is one trace with all of the others when the ${dead} is killed in the middle`, async () => {
      await launch(sample, { NODE_NO_WARNINGS: '1', DIES: dead, ...receiverEnv(receiver.url) });
      const left = Object.entries(recorded).flatMap(([name, spans]) => (name === dead ? [] : spans));
      expect(receiver.traces).to.have.lengthOf(1);
      const [trace] = receiver.traces;
      expect(trace?.spans.map(({ name }) => name).toSorted()).to.deep.equal(left.toSorted());
      expect(trace).to.deep.include(
        dead === 'front' ? { name: 'advise', status: 'RUNNING' } : { name: 'travel-agent' },
      );
    });
  }

  it('P36 is one trace with all of the others when the MCP server is killed in the middle', async () => {
    const { stdout } = await launch(sample, { NODE_NO_WARNINGS: '1', DIES: 'weather', ...receiverEnv(receiver.url) });
    expect(stdout).to.include('no 21 °C');
    const spans = receiver.trace('travel-agent').spans.map(({ name, status }) => `${name} ${status}`);
    expect(receiver.traces).to.have.lengthOf(1);
    expect(spans).to.have.members(['ask OK', 'advise OK', 'enqueue OK', 'job ERROR', 'forecast ERROR']);
  });
});
