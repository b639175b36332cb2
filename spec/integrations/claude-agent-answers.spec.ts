import { expect } from 'chai';
import { claudeAgentScene } from './support/claude-agent-scene.js';

describe('The answer of a turn of the Claude Agent SDK', () => {
  const scene = claudeAgentScene();
  const { runTurns } = scene;
  const answer = (content: string) => ({ messages: [{ role: 'assistant', content }] });
  const outputs = () =>
    scene.recorded.traces.map(({ output, spans }) => [
      output,
      ...spans.filter(({ kind }) => kind !== 'LLM' && kind !== 'TOOL').map((span) => span.output),
    ]);

  it('is structured output if the program has asked for it', async () => {
    await runTurns('structured');
    expect(outputs()).to.deep.equal([Array(3).fill(answer('{"degrees":21}'))]);
  });

  it('is the output of a command, not of the earlier turn, if the model does not answer', async () => {
    await runTurns('plain', 'command');
    expect(outputs()).to.deep.equal([Array(3).fill(answer('Hello')), Array(3).fill(answer('It has cost $1'))]);
  });

  it('is the request for a tool that a hook defers; the run waits for its user', async () => {
    await runTurns('deferred');
    const call = { id: 't1', type: 'function', function: { name: 'w', arguments: '{"city":"A"}' } };
    const asked = { messages: [{ role: 'assistant', content: null, tool_calls: [call] }] };
    expect(outputs()).to.deep.equal([Array(3).fill(asked)]);
    expect(scene.recorded.trace).to.deep.include({ status: 'COMPLETED', metadata: { interrupted: true } });
    const marked = scene.recorded.spans.filter(({ metadata }) => metadata?.interrupted === true);
    expect(marked.map(({ kind, status }) => `${kind} ${status}`)).to.deep.equal(['CHAIN OK', 'AGENT OK', 'TOOL OK']);
    expect(scene.named('w').metadata).to.deep.equal({ tool_call_id: 't1', interrupted: true });
    expect(scene.spans().find(({ kind }) => kind === 'AGENT')?.metadata).to.include({
      terminal_reason: 'tool_deferred',
    });
  });

  it('is as far as the model came if its message was aborted', async () => {
    await runTurns('cut');
    expect(scene.recorded.trace.status).to.equal('COMPLETED');
    const call = scene.spans().find(({ kind }) => kind === 'LLM');
    expect(call?.output).to.deep.equal(answer('It is'));
    expect(call?.metadata).to.include({ stream_incomplete: true, aborted: true });
    expect(scene.spans().find(({ kind }) => kind === 'AGENT')?.metadata).to.include({
      terminal_reason: 'aborted_streaming',
    });
  });

  it('includes no earlier messages or cost after the conversation was cleared', async () => {
    await runTurns('plain', 'clear');
    expect(scene.recorded.spans.flatMap(({ cost }) => cost?.total ?? [])).to.deep.equal([0.0123, 0.0123]);
    expect(JSON.stringify(scene.recorded.spans.findLast(({ kind }) => kind === 'LLM')?.input)).to.not.include('plain');
  });
});
