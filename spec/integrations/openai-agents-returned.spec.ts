import type * as Agents from '@openai/agents';
import { expect } from 'chai';
import { traceFunction } from '../../lib/index.js';
import { rejection } from '../support/recorded.js';
import { until } from '../support/until.js';
import { openAIAgentsScene } from './support/openai-agents-scene.js';

/** The part of a streamed run that programs use. */
interface Run extends AsyncIterable<unknown> {
  toTextStream(): AsyncIterable<string>;
  readonly completed: Promise<void>;
}

/** Programs that wait for a streamed run which a traced function has returned. */
const readers: Readonly<Record<string, (run: Run) => Promise<unknown>>> = {
  'reads its text': async (run) => {
    for await (const _ of run.toTextStream());
  },
  'reads its events': async (run) => {
    for await (const _ of run);
  },
  'only waits for it': (run) => run.completed,
};

describe('A traced function that returns a streamed run of OpenAI Agents', () => {
  const scene = openAIAgentsScene();
  const start = traceFunction((agent: Agents.Agent) => scene.runner().run(agent, 'How warm is it?', { stream: true }), {
    name: 'ask',
    captureInput: false,
  });
  const over = () => until(() => scene.recorded.traces.length > 0);

  for (const [what, wait] of Object.entries(readers)) {
    it(`is over with the run if the program ${what}, and has its answer`, async () => {
      scene.answer([{ text: 'Cold.', chunks: ['Co', 'ld.'], chunkDelay: 20 }]);
      const run = await start(scene.agent('boss'));
      expect(scene.recorded.traces).to.deep.equal([]);
      await wait(run);
      await over();
      expect(scene.recorded.trace).to.deep.include({ status: 'COMPLETED', output: 'Cold.' });
    });
  }

  it('fails with the run, whose error the program gets', async () => {
    scene.answer([{ status: 400, message: 'nope' }]);
    const run = await start(scene.agent('boss'));
    expect(String(await rejection(run.completed))).to.include('nope');
    await over();
    expect(scene.recorded.trace.status).to.equal('ERROR');
  });
});
