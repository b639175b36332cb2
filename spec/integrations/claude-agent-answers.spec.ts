import { fileURLToPath } from 'node:url';
import type * as SDK from '@anthropic-ai/claude-agent-sdk';
import { expect } from 'chai';
import { wrapClaudeAgentQuery } from '../../lib/integrations/claude-agent-sdk.js';
import { type Recorded, record, stopRecording } from '../support/recorded.js';
import { needFrameworks } from './support/installed.js';

const program = new URL('./support/claude-cli.mjs', import.meta.url);

describe('wrapClaudeAgentQuery(): answers', () => {
  let sdk: typeof SDK;
  let options: SDK.Options;
  let recorded: Recorded;

  before(async function () {
    needFrameworks(this);
    sdk = await import('@anthropic-ai/claude-agent-sdk');
    const { spawnCli } = await import(program.href);
    options = { pathToClaudeCodeExecutable: fileURLToPath(program), spawnClaudeCodeProcess: spawnCli };
  });
  beforeEach(() => {
    recorded = record();
  });
  afterEach(() => stopRecording());

  /** Runs turns of one query, each after the one before has ended. */
  async function run(...turns: readonly string[]): Promise<void> {
    let next = (): void => {};
    const prompt = async function* (): AsyncGenerator<SDK.SDKUserMessage> {
      for (const content of turns) {
        const ended = new Promise<void>((resolve) => {
          next = resolve;
        });
        yield { type: 'user', message: { role: 'user', content }, parent_tool_use_id: null };
        await ended;
      }
    };
    const query = wrapClaudeAgentQuery(sdk.query);
    for await (const { type } of query({ prompt: prompt(), options })) if (type === 'result') next();
  }
  const answer = (content: string) => ({ messages: [{ role: 'assistant', content }] });
  const outputs = () =>
    recorded.traces.map(({ output, spans }) => [
      output,
      ...spans.filter(({ kind }) => kind !== 'LLM' && kind !== 'TOOL').map((span) => span.output),
    ]);

  it('are in the form that the program has asked for', async () => {
    await run('structured');
    expect(outputs()).to.deep.equal([Array(3).fill(answer('{"degrees":21}'))]);
  });

  it('are those of the turn, not of the one before, where the model says nothing', async () => {
    await run('plain', 'command');
    expect(outputs()).to.deep.equal([Array(3).fill(answer('Hello')), Array(3).fill(answer('It has cost $1'))]);
  });

  it('begin anew, with messages and costs, where the conversation is cleared', async () => {
    await run('plain', 'clear');
    expect(recorded.spans.flatMap(({ cost }) => cost?.total ?? [])).to.deep.equal([0.0123, 0.0123]);
    expect(JSON.stringify(recorded.spans.findLast(({ kind }) => kind === 'LLM')?.input)).to.not.include('plain');
  });
});
