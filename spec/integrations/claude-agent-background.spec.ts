import { expect } from 'chai';
import { claudeAgentScene } from './support/claude-agent-scene.js';

describe('wrapClaudeAgentQuery(), with a sub-agent in the background', () => {
  const { named, run, runTurns, spans, tree } = claudeAgentScene();

  /** A turn in which a sub-agent is started, and works while the main agent goes on. */
  const turn = (ofSubAgent: readonly string[], ...after: readonly string[]) =>
    [
      'ClaudeAgentSDK COMPLETED',
      '  ClaudeAgentSDK CHAIN OK',
      '    ClaudeAgentSDK AGENT claude-x OK',
      '      claude-llm LLM claude-x 130+1 OK',
      '      Task TOOL OK',
      ...ofSubAgent.map((line) => `        ${line}`),
      ...after.map((line) => `      ${line}`),
    ].join('\n');
  const steps = ['  claude-llm LLM claude-x 130+1 OK', '  w TOOL OK'];
  const answers = ['claude-llm LLM claude-x 130+1 OK', 'claude-llm LLM claude-x 130+28 OK'];

  it('ends it when it is done, not when its tool use has returned', async () => {
    await run('background');
    expect(tree()).to.equal(turn(['researcher AGENT claude-x OK', ...steps], ...answers));
    const [agent, tool] = [named('researcher'), named('w')];
    expect(agent.endedAt?.getTime()).to.be.at.least(tool.endedAt?.getTime() ?? Number.NaN);
    expect(agent.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'found 1' }] });
    expect(agent.metadata).to.not.have.property('stream_incomplete');
    expect(named('Task').output.status).to.equal('async_launched');
  });

  it('records one that fails as ERROR, and the turn as what it became', async () => {
    await run('backgroundFailed');
    expect(tree()).to.equal(turn(['researcher AGENT claude-x ERROR', ...steps], ...answers));
    expect(named('researcher').error).to.equal('it failed');
  });

  it('records one that is stopped as aborted, with what it had said', async () => {
    await run('backgroundStopped');
    expect(named('researcher').status).to.equal('OK');
    expect(named('researcher').metadata).to.deep.include({ aborted: true, stream_incomplete: true });
    expect(named('researcher').output).to.deep.equal({ messages: [{ role: 'assistant', content: 'I am lo' }] });
  });

  it('takes one as done that has stopped, if its end is not reported', async () => {
    await run('backgroundUnreported');
    expect(named('researcher').metadata).to.not.have.property('stream_incomplete');
  });

  it('puts the tools of each below the right one, also if it starts late', async () => {
    await run('backgroundLate');
    const tools = spans().filter(({ name }) => name === 'w');
    const above = tools.map(({ parentSpanId }) => spans().find(({ spanId }) => spanId === parentSpanId));
    expect(tools.map(({ input }, at) => [input.city, above[at]?.input.messages[0].content])).to.have.deep.members([
      ['C1', 'find 1'],
      ['C2', 'find 2'],
    ]);
  });

  it('marks one that is still at work when the turn ends, and gives its tools to no other agent', async () => {
    await runTurns('backgroundLeft', 'afterBackground');
    expect(named('researcher').metadata).to.deep.include({ stream_incomplete: true });
    expect(spans().filter(({ name }) => name === 'w')).to.have.lengthOf(0);
    expect(spans().filter(({ kind }) => kind === 'LLM')).to.have.lengthOf(4);
  });

  it('gives the turn that follows its end no input: no message of the user began it', async () => {
    await run('backgroundNotice');
    const agents = spans().filter(({ name, kind }) => name === 'ClaudeAgentSDK' && kind === 'AGENT');
    expect(agents.map(({ input, output }) => [input?.messages[0].content, output.messages[0].content])).to.deep.equal([
      ['backgroundNotice', 'It is at work'],
      [undefined, 'It is done'],
    ]);
    const call = spans().findLast(({ kind }) => kind === 'LLM');
    expect(call?.input.messages.map(({ role }: { role: string }) => role)).to.deep.equal([
      ...['user', 'assistant', 'tool', 'assistant'],
    ]);
  });

  it('takes the answer of one whose texts are not forwarded from its tool use', async () => {
    await run('terseSub');
    expect(named('researcher').output).to.deep.equal({ messages: [{ role: 'assistant', content: 'found 1' }] });
  });
});
