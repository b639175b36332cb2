import { expect } from 'chai';
import { withTrace } from '../../lib/index.js';
import { type AISDKTelemetry, pandaProbeTelemetry } from '../../lib/integrations/vercel-ai.js';
import { type Recorded, record, stopRecording } from '../support/recorded.js';
import { statusTree } from './support/status-tree.js';

/* The events that agents beside `ai` report to its telemetry. */
describe('Agents that report to the telemetry of the Vercel AI SDK 7', () => {
  let recorded: Recorded;
  let telemetry: AISDKTelemetry;
  beforeEach(() => {
    recorded = record();
    telemetry = pandaProbeTelemetry();
  });
  afterEach(stopRecording);

  const usage = { inputTokens: 7, outputTokens: 3, totalTokens: 10 };
  const said = (text: string) => [{ type: 'text', text }];

  // Source: `@ai-sdk/workflow` 2.0.43, workflow-agent.ts and stream-text-iterator.ts: all runs have this id.
  const ofWorkflow = { callId: 'workflow-agent', provider: 'p', modelId: 'm' };

  it('are left out, if all their runs have the same id', async () => {
    const begin = (text: string) => {
      const messages = [{ role: 'user', content: text }];
      telemetry.onStart({ ...ofWorkflow, operationId: 'ai.workflowAgent.stream', messages });
      telemetry.onLanguageModelCallStart({ ...ofWorkflow, messages });
    };
    const end = (text: string) => {
      telemetry.onLanguageModelCallEnd({ ...ofWorkflow, usage, content: said(text) });
      telemetry.onEnd({ ...ofWorkflow, text, content: said(text) });
    };
    withTrace('alice', () => begin("Alice's question"));
    withTrace('bob', () => begin("Bob's question"));
    end('for Bob');
    end('for Alice');
    expect(statusTree(recorded.traces)).to.equal('alice COMPLETED\nbob COMPLETED');
    const toolCallId = 't1';
    expect(await telemetry.executeTool({ ...ofWorkflow, toolCallId, execute: async () => 'ran' })).to.equal('ran');
  });

  // Source: `@ai-sdk/harness` 1.0.122, turn-telemetry.ts. The tools of the harness itself are not among `tools`.
  it('are agents, with their messages, model calls and tools', () => {
    const turn = { callId: 'turn-1', provider: 'harness:coder', modelId: 'm' };
    const messages = [{ role: 'user', content: 'Fix it' }];
    telemetry.onStart({ ...turn, operationId: 'ai.harness', instructions: 'Be brief', messages, tools: {} });
    telemetry.onLanguageModelCallStart({ ...turn, instructions: 'Be brief', messages });
    const toolCall = { toolCallId: 't1', toolName: 'bash', input: { command: 'ls' } };
    telemetry.onLanguageModelCallEnd({ ...turn, usage, content: [{ type: 'tool-call', ...toolCall }] });
    telemetry.onToolExecutionStart({ ...turn, toolCall });
    telemetry.onToolExecutionEnd({ ...turn, toolCall, toolOutput: { type: 'tool-result', output: 'a.txt' } });
    telemetry.onEnd({ ...turn, text: 'Fixed', content: said('Fixed') });
    expect(statusTree(recorded.traces)).to.equal(
      ['ai.harness COMPLETED', '  ai.harness AGENT OK', '    m LLM m 7+3 OK', '    bash TOOL OK'].join('\n'),
    );
    const [agent] = recorded.spans;
    expect(agent?.input).to.deep.equal({ messages: [{ role: 'system', content: 'Be brief' }, messages[0]] });
    expect(agent?.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Fixed' }] });
    expect(recorded.trace.input).to.deep.equal({ messages });
  });
});
