import { expect } from 'chai';
import { Client, MemorySink } from '../../lib/index.js';
import { listenToStderr } from '../support/stderr.js';

describe('A client', () => {
  describe('with more open traces than can be kept', () => {
    it('sends the oldest as an ERROR and says so once', async () => {
      const sink = new MemorySink();
      const client = new Client({ sinks: [sink] });
      const said = listenToStderr();
      try {
        for (let i = 0; i < 10_002; i += 1) client.trace(`t${i}`);
      } finally {
        said.restore();
      }
      expect(sink.traces.map(({ name, status, metadata }) => [name, status, metadata])).to.deep.equal([
        ['t0', 'ERROR', { error: 'never ended' }],
        ['t1', 'ERROR', { error: 'never ended' }],
      ]);
      expect(said.lines).to.deep.equal([
        '[pandaprobe] warning: more than 10000 traces are open; the oldest is sent as it is',
      ]);
      await client.shutdown();
    });
  });
});
