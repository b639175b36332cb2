import { expect } from 'chai';
import { flush, traceFunction } from '../../lib/index.js';
import { useMastra } from './support/mastra-runs.js';

describe('A traced function that returns a streamed run of Mastra', () => {
  const own = useMastra();
  const ask = () => traceFunction(async () => own.agent().stream('How warm is it?'), { name: 'ask' })();
  const outer = () => own.recorded.traces.find(({ name }) => name === 'ask');

  it('is over when the run has been read, in whatever way, and has its answer', async () => {
    const readers = [
      async (run: Awaited<ReturnType<typeof ask>>) => run.text,
      async (run: Awaited<ReturnType<typeof ask>>) => {
        for await (const _ of run.textStream);
      },
    ];
    for (const [at, readIt] of readers.entries()) {
      own.models.answer([{ text: 'Cold.' }]);
      const run = await ask();
      expect(own.recorded.traces).to.have.lengthOf(at);
      await readIt(run);
      await flush();
      expect(own.recorded.traces).to.have.lengthOf(at + 1);
    }
    for (const trace of own.recorded.traces) {
      expect(trace).to.deep.include({ name: 'ask', status: 'COMPLETED', output: 'Cold.' });
      expect(trace.spans.map(({ kind, status }) => `${kind} ${status}`)).to.deep.equal(['AGENT OK', 'LLM OK']);
    }
  });

  it('has failed if the run has', async () => {
    own.models.answer([{ status: 400, message: 'nope' }]);
    const run = await ask();
    await run.text.catch(() => {});
    await flush();
    expect(outer()?.status).to.equal('ERROR');
    expect(JSON.stringify(outer()?.metadata)).to.include('nope');
  });
});
