import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { emptyFrame } from '../../lib/engine/frame.js';
import { Client, MemorySink } from '../../lib/index.js';
import { OpenSteps } from '../../lib/integrations/adapter/open-steps.js';
import type { AdapterOptions } from '../../lib/integrations/adapter/options.js';
import { openStep } from '../../lib/integrations/adapter/step.js';
import { StepRecord } from '../../lib/integrations/adapter/step-record.js';
import { whenCollected } from '../../lib/integrations/adapter/when-collected.js';
import { statusTree } from './support/status-tree.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('The shared parts of integrations', () => {
  const memory = new MemorySink();
  let client: Client;
  const opened = (options: AdapterOptions = {}) => {
    const own = { client, ...options };
    const step = openStep('agent', 'AGENT', own, emptyFrame, { traceName: 'Framework' });
    if (step === undefined) throw new Error('nothing is recorded');
    return new StepRecord(step, own);
  };

  before(() => {
    client = new Client({ sinks: [memory] });
  });
  beforeEach(() => memory.clear());
  after(() => client.shutdown());

  describe('the record of a step', () => {
    it('writes into the span and into a trace of its own, and the first ending counts', async () => {
      const record = opened({ metadata: { team: 'a' }, sessionId: 's' });
      record.input({ messages: [1] }, 'hello');
      record.output('done');
      record.metadata({ steps: 2, left: undefined });
      record.end();
      record.end();
      record.output('late');
      record.fail(new Error('late'));
      await client.flush();
      expect(statusTree(memory.traces)).to.equal('Framework COMPLETED\n  agent AGENT OK');
      const [trace] = memory.traces;
      expect([trace?.input, trace?.output, trace?.sessionId]).to.deep.equal(['hello', 'done', 's']);
      expect(trace?.spans[0]).to.deep.include({ input: { messages: [1] }, metadata: { team: 'a', steps: 2 } });
    });

    it('is below the span that the framework names, with the framework’s error', async () => {
      const outer = opened();
      const step = openStep('w', 'TOOL', { client }, emptyFrame, { parent: outer.span });
      const tool = new StepRecord(step ?? outer.step, { client, captureInput: false });
      tool.input('secret');
      tool.fail(new TypeError('tool broke'));
      tool.end();
      outer.end();
      await client.flush();
      expect(statusTree(memory.traces)).to.equal('Framework COMPLETED\n  agent AGENT OK\n    w TOOL ERROR');
      expect(memory.traces[0]?.spans[1]).to.deep.include({ error: 'TypeError: tool broke', input: undefined });
    });
  });

  describe('the steps that are open', () => {
    it('are bounded: the oldest is ended when there are too many', () => {
      const steps = new OpenSteps<number, StepRecord>(2);
      const [first, second, third] = [opened(), opened(), opened()];
      steps.add(1, first);
      steps.add(2, second);
      steps.add(3, third);
      expect([first, second, third].map(({ isOver }) => isOver)).to.deep.equal([true, false, false]);
      expect([steps.size, steps.get(1), steps.take(2), steps.size]).to.deep.equal([2, undefined, second, 1]);
      for (const record of [second, third]) record.end();
    });

    it('are ended when the user’s stream is garbage-collected', async () => {
      const record = opened();
      (() => whenCollected({}, () => record.end()))();
      for (let i = 0; i < 100 && !record.isOver; i += 1) {
        collectGarbage();
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(record.isOver).to.equal(true);
    });
  });
});
