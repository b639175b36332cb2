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

  it('includes no earlier messages or cost after the conversation was cleared', async () => {
    await runTurns('plain', 'clear');
    expect(scene.recorded.spans.flatMap(({ cost }) => cost?.total ?? [])).to.deep.equal([0.0123, 0.0123]);
    expect(JSON.stringify(scene.recorded.spans.findLast(({ kind }) => kind === 'LLM')?.input)).to.not.include('plain');
  });
});
