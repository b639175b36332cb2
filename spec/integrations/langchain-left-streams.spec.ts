import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { LangChainCallbackHandler } from '../../lib/integrations/langchain.js';
import { type Recorded, record, stopRecording } from '../support/recorded.js';
import { until } from '../support/until.js';
import { needFrameworks } from './support/installed.js';
import { statusTree } from './support/status-tree.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('LangChainCallbackHandler and streams that are left early', () => {
  let recorded: Recorded;
  let lib: typeof import('@langchain/core/runnables') &
    typeof import('@langchain/core/utils/testing') &
    typeof import('@langchain/core/output_parsers');
  const config = { callbacks: [new LangChainCallbackHandler()] };
  const model = () => new lib.FakeListChatModel({ responses: ['Warm.'], sleep: 1 });
  const parsed = () => lib.RunnableSequence.from([model(), new lib.StringOutputParser()]);
  const counting = () =>
    lib.RunnableLambda.from(async function* () {
      for (let at = 1; at < 20; at += 1) yield at;
    });

  before(async function () {
    needFrameworks(this);
    lib = {
      ...(await import('@langchain/core/runnables')),
      ...(await import('@langchain/core/utils/testing')),
      ...(await import('@langchain/core/output_parsers')),
    };
  });
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  /** Reads three pieces, and leaves. */
  async function leave(stream: Promise<AsyncIterable<unknown>> | AsyncIterable<unknown>): Promise<void> {
    let read = 0;
    for await (const _ of await stream) if (++read === 3) break;
  }

  const delivered = () =>
    until(() => {
      collectGarbage();
      return recorded.traces.length === 1;
    });
  const ends = () =>
    recorded.spans.map(({ kind, status, output, metadata }) => [
      kind,
      status,
      begun(output),
      metadata.aborted === true,
    ]);
  /** The output; how far a stream has read ahead when it is left depends on Node's version. */
  const begun = (output: unknown): unknown =>
    output === undefined ? output : JSON.parse(JSON.stringify(output).replace(/"War?"/, '"Wa"'));
  const said = (content: string) => ({ messages: [{ role: 'assistant', content }] });

  it('ends the trace of a model when its stream is garbage-collected, with the output so far', async () => {
    await leave(model().stream('Hi', config));
    await delivered();
    expect(statusTree(recorded.traces)).to.equal('FakeListChatModel COMPLETED\n  FakeListChatModel LLM OK');
    expect(ends()).to.deep.equal([['LLM', 'OK', said('Wa'), true]]);
  });

  it('ends the trace of a chain with all that is in it', async () => {
    await leave(parsed().stream('Hi', config));
    await delivered();
    expect(recorded.trace?.status).to.equal('COMPLETED');
    expect(ends()).to.deep.equal([
      ['CHAIN', 'OK', undefined, true],
      ['LLM', 'OK', said('Wa'), true],
      ['CHAIN', 'OK', undefined, true],
    ]);
  });

  it('ends the trace of a function that streams', async () => {
    await leave(counting().stream('Hi', config));
    await delivered();
    expect(ends()).to.deep.equal([['CHAIN', 'OK', undefined, true]]);
  });

  it('ends a model call that a step has left, while the chain goes on', async () => {
    const step = lib.RunnableLambda.from(async (asked: string, own) => {
      await leave(model().stream(asked, own));
      return 'enough';
    });
    expect(await step.invoke('Hi', config)).to.equal('enough');
    expect(ends()).to.deep.equal([
      ['CHAIN', 'OK', { output: 'enough' }, false],
      ['LLM', 'OK', said('Wa'), true],
    ]);
  });

  it('records what is read slowly to its end, whatever is garbage-collected meanwhile', async () => {
    for await (const _ of await parsed().stream('Hi', config)) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(ends()).to.deep.equal([
      ['CHAIN', 'OK', { output: 'Warm.' }, false],
      ['LLM', 'OK', said('Warm.'), false],
      ['CHAIN', 'OK', 'Warm.', false],
    ]);
  });
});
