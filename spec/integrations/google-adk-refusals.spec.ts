import type * as ADK from '@google/adk';
import { expect } from 'chai';
import { GoogleADKAdapter } from '../../lib/integrations/google-adk.js';
import { type Recorded, record, stopRecording } from '../support/recorded.js';
import { needFrameworks } from './support/installed.js';
import { statusTree } from './support/status-tree.js';

describe('GoogleADKAdapter, with a model that refuses to answer', () => {
  const adapter = new GoogleADKAdapter();
  let adk: typeof ADK;
  let recorded: Recorded;

  before(async function () {
    needFrameworks(this);
    adk = await import('@google/adk');
    adk.setLogLevel(adk.LogLevel.ERROR);
    adapter.instrument(adk);
  });
  after(() => {
    if (adk !== undefined) adapter.uninstrument(adk);
  });
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  it('records ERROR from the trace down to the call, with its code and its tokens', async () => {
    class Refusing extends adk.BaseLlm {
      override async *generateContentAsync() {
        const usageMetadata = { promptTokenCount: 7, candidatesTokenCount: 0, totalTokenCount: 7 };
        yield { errorCode: 'SAFETY', errorMessage: 'The prompt is blocked.', usageMetadata };
      }
      override connect(): never {
        throw new Error('no live runs');
      }
    }
    const agent = new adk.LlmAgent({ name: 'boss', model: new Refusing({ model: 'gemini-r' }) });
    const runner = new adk.InMemoryRunner({ agent, appName: 'app' });
    const newMessage = { role: 'user', parts: [{ text: 'Hi' }] };
    for await (const _ of runner.runEphemeral({ userId: 'u', newMessage }));
    expect(statusTree(recorded.traces)).to.equal(
      [
        ...['GoogleADK ERROR', '  app CHAIN ERROR', '    boss AGENT ERROR'],
        '      gemini-r LLM gemini-r 7+0 ERROR',
      ].join('\n'),
    );
    expect(recorded.spans.at(-1)?.error).to.equal('SAFETY: The prompt is blocked.');
    expect(recorded.trace.metadata.error).to.equal('The prompt is blocked.');
  });
});
