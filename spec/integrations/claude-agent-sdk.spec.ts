import { expect } from 'chai';
import { rejection } from '../support/recorded.js';
import { asProcess, claudeAgentScene, userSays } from './support/claude-agent-scene.js';
import { statusTree } from './support/status-tree.js';

describe('wrapClaudeAgentQuery()', () => {
  const scene = claudeAgentScene();
  const { named, run, runTurns, settings, spans, tree, wrapped } = scene;

  it('records two tools at once and the answer, in a trace of its own, each token once', async () => {
    const bare = await run('plain', asProcess, scene.sdk.query);
    expect(await run('plain', asProcess)).to.deep.equal(bare);
    expect(tree()).to.equal(
      [
        'ClaudeAgentSDK COMPLETED',
        '  ClaudeAgentSDK CHAIN OK',
        '    ClaudeAgentSDK AGENT claude-x OK',
        '      claude-llm LLM claude-x 130+1 OK',
        '      w TOOL OK',
        '      w TOOL OK',
        '      claude-llm LLM claude-x 130+29 OK',
      ].join('\n'),
    );
    const [chain, agent, asked, first, second, answered] = spans();
    expect(asked?.input).to.deep.equal({ messages: [{ role: 'user', content: 'plain' }] });
    expect(asked?.output.messages[0].content).to.equal('let me see');
    expect(asked?.output.messages[0].tool_calls).to.have.lengthOf(2);
    expect(asked?.metadata.reasoning_summary).to.equal('hmm');
    expect([first?.input, first?.output, second?.output]).to.deep.equal([{ city: 'A' }, '20 A', '20 B']);
    expect(answered?.input.messages.map(({ role }: { role: string }) => role)).to.deep.equal([
      ...['user', 'assistant', 'tool', 'tool'],
    ]);
    for (const outer of [chain, agent]) {
      expect(outer?.input).to.deep.equal(asked?.input);
      expect(outer?.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Hello' }] });
    }
    expect(scene.recorded.trace.input).to.deep.equal({ messages: [{ role: 'user', content: 'plain' }] });
    expect(scene.recorded.trace.output).to.deep.equal(agent?.output);
    expect(scene.recorded.trace.sessionId).to.equal('sess-1');
    expect(agent?.cost).to.deep.equal({ total: 0.0123 });
    expect(agent?.metadata).to.deep.include({ num_turns: 2, tools: ['w', 'Task'] });
    // A call is over when its tools begin.
    expect(asked?.endedAt?.getTime()).to.be.at.most(first?.startedAt.getTime() ?? 0);
    expect(answered?.startedAt.getTime()).to.be.at.least(second?.startedAt.getTime() ?? Number.NaN);
    expect(scene.recorded.text).to.not.include('S3CRET');
  });

  /** A turn with so many sub-agents. */
  const withSubAgents = (count: number) =>
    [
      'ClaudeAgentSDK COMPLETED',
      '  ClaudeAgentSDK CHAIN OK',
      '    ClaudeAgentSDK AGENT claude-x OK',
      '      claude-llm LLM claude-x 130+1 OK',
      ...Array.from({ length: count }, () => [
        '      Task TOOL OK',
        '        researcher AGENT claude-x OK',
        '          claude-llm LLM claude-x 130+1 OK',
        '          w TOOL OK',
        '          claude-llm LLM claude-x 130+1 OK',
      ]).flat(),
      '      claude-llm LLM claude-x 130+29 OK',
    ].join('\n');

  it('records a sub-agent that no hook reports, below the tool use that started it', async () => {
    await run('unhookedSub');
    expect(tree()).to.equal(withSubAgents(1));
    expect(named('Task').output).to.equal('found 1');
  });

  for (const turn of ['sub', 'swapped'])
    it(`records two sub-agents at once, each below the tool use that started it (${turn})`, async () => {
      await run(turn);
      expect(tree()).to.equal(withSubAgents(2));
      const researchers = spans().filter(({ name }) => name === 'researcher');
      expect(
        researchers.map(({ input, output }) => [input.messages[0].content, output.messages[0].content]),
      ).to.deep.equal([
        ['find 1', 'found 1'],
        ['find 2', 'found 2'],
      ]);
      for (const { spanId, input } of researchers) {
        const tool = spans().find(({ parentSpanId, kind }) => parentSpanId === spanId && kind === 'TOOL');
        expect(tool?.input.city).to.equal(input.messages[0].content.replace('find ', 'C'));
      }
    });

  it('reads the exact count and the time of the first token from partial messages', async () => {
    await run('partial', { includePartialMessages: true });
    expect(tree()).to.match(/\n {6}claude-llm LLM claude-x 130\+9 OK$/);
    expect(named('claude-llm').completionStartTime).to.be.instanceOf(Date);
    expect(named('claude-llm').output.messages[0].content).to.equal('Hello');
  });

  it('takes the exact count of each call from partial messages', async () => {
    await run('partialTwice', { includePartialMessages: true });
    const calls = spans().filter(({ kind }) => kind === 'LLM');
    expect(calls.map(({ tokenUsage }) => tokenUsage?.completion_tokens)).to.deep.equal([9, 5]);
  });

  it('records the system prompt, as far as the program has written it', async () => {
    const prompts = [
      ...(['Be brief.', ['Be brief.', 'Be kind.']] as const),
      ...([{ type: 'preset', preset: 'claude_code', append: 'Be brief.' }] as const),
      ...([{ type: 'preset', preset: 'claude_code' }] as const),
    ];
    for (const systemPrompt of prompts) await run('unhooked', { systemPrompt } as object);
    const inputs = spans().flatMap(({ kind, input }) => (kind === 'LLM' || kind === 'AGENT' ? input.messages[0] : []));
    const [brief, both, none] = ['Be brief.', 'Be brief.\nBe kind.', 'unhooked'].map((content, at) => ({
      role: at === 2 ? 'user' : 'system',
      content,
    }));
    expect(inputs).to.deep.equal([brief, both, brief, none].flatMap((message) => [message, message, message]));
    expect(spans()[0]?.input.messages).to.deep.equal([none]); // the run, as its user sees it
  });

  it('records none of the messages that were compacted as sent', async () => {
    await runTurns('plain', 'compact');
    const last = spans().findLast(({ kind }) => kind === 'LLM');
    expect(JSON.stringify(last?.input ?? {})).to.not.match(/plain|let me see|20 A/);
    expect(spans().findLast(({ kind }) => kind === 'AGENT')?.input.messages[0].content).to.equal('compact');
  });

  it('records each turn of a query as a trace, with the cost of that turn', async () => {
    await runTurns('plain', 'partial');
    expect(scene.recorded.traces.map(({ name, sessionId, input }) => [name, sessionId, input])).to.deep.equal(
      ['plain', 'partial'].map((content) => [
        ...['ClaudeAgentSDK', 'sess-1', { messages: [{ role: 'user', content }] }],
      ]),
    );
    expect(spans().flatMap(({ cost }) => cost?.total ?? [])).to.deep.equal([0.0123, 0.0123]);
    const last = spans().findLast(({ kind }) => kind === 'LLM');
    expect(last?.input.messages.at(-2)).to.deep.equal({ role: 'assistant', content: 'Hello' }); // of the turn before
  });

  for (const goesOn of [{ resume: 'sess-1' }, { continue: true }])
    it(`records what a turn has cost in a session that goes on (${Object.keys(goesOn)})`, async () => {
      await run('plain');
      await run('plain', goesOn);
      expect(spans().flatMap(({ cost }) => cost?.total ?? [])).to.deep.equal([0.0123, 0.0123]);
    });

  describe('where something goes wrong', () => {
    it('records a tool that fails as ERROR, and the turn as what it became', async () => {
      await run('toolError');
      expect(tree()).to.match(/^ClaudeAgentSDK COMPLETED\n.*OK\n.*OK\n.*OK\n {6}w TOOL ERROR\n.*LLM.*OK$/);
      expect(named('w').error).to.equal('tool broke');
    });

    it('marks a tool that is interrupted, and one that never returns', async () => {
      await run('stopped');
      expect([named('w').status, named('w').metadata]).to.deep.equal(['OK', { tool_call_id: 't1', aborted: true }]);
      expect(named('v').metadata).to.deep.equal({ tool_call_id: 't2', incomplete: true });
      expect(named('v').endedAt).to.be.instanceOf(Date);
    });

    it('records a tool that is not allowed as ERROR, and one that no hook reports', async () => {
      await run('denied');
      expect([named('w').status, named('w').error]).to.deep.equal(['ERROR', 'not allowed']);
      expect(named('ClaudeAgentSDK').status).to.equal('OK');
      scene.recorded.memory.clear();
      await run('unhooked');
      expect([named('w').status, named('w').input, named('w').output]).to.deep.equal(['OK', { city: 'A' }, '20']);
    });

    it('records a call that fails as ERROR from the trace down to it, with no model and no tokens', async () => {
      // The SDK throws what the program ends with.
      await run('error').catch(() => {});
      expect(tree()).to.equal(
        [
          'ClaudeAgentSDK ERROR',
          '  ClaudeAgentSDK CHAIN ERROR',
          '    ClaudeAgentSDK AGENT ERROR',
          '      claude-llm LLM ERROR',
        ].join('\n'),
      );
      expect(named('claude-llm').error).to.equal('invalid_request: API Error: 400');
      expect(scene.recorded.trace.metadata.error).to.equal('API Error: 400');
    });

    it('records too many turns as far as they came', async () => {
      await run('maxTurns').catch(() => {});
      expect(tree()).to.match(/^ClaudeAgentSDK ERROR\n.*CHAIN ERROR\n.*AGENT claude-x ERROR\n.*LLM.*OK\n.*w TOOL OK$/);
      expect(scene.recorded.trace.metadata.error).to.equal('error_max_turns: too many');
      expect(spans().find(({ kind }) => kind === 'AGENT')?.output.messages[0].tool_calls).to.have.lengthOf(1);
    });

    it('records a program that dies as ERROR', async () => {
      const error = await rejection(run('exit', asProcess));
      expect(tree()).to.match(
        /^ClaudeAgentSDK ERROR\n.*CHAIN ERROR\n.*AGENT claude-x ERROR\n.*LLM claude-x 130\+1 OK$/,
      );
      expect(scene.recorded.trace.metadata.error).to.include(error.message);
    });

    it('records a query that its reader breaks off, or that is closed, as incomplete', async () => {
      for (const isClosed of [false, true]) {
        const query = wrapped()({ prompt: 'hang', options: settings() });
        for await (const { type } of query) {
          if (type !== 'assistant') continue;
          if (isClosed) query.close();
          break;
        }
      }
      const one = /^ClaudeAgentSDK COMPLETED\n.*CHAIN OK\n.*AGENT claude-x OK\n {6}claude-llm LLM claude-x 130\+1 OK$/;
      expect(scene.recorded.traces).to.have.lengthOf(2);
      for (const trace of scene.recorded.traces) expect(statusTree([trace])).to.match(one);
      for (const { metadata } of spans()) expect(metadata.stream_incomplete).to.equal(true);
    });

    it('records a query that is aborted or interrupted as aborted, not as an error', async () => {
      const abortController = new AbortController();
      const query = wrapped()({ prompt: 'hang', options: { ...asProcess, abortController } });
      await rejection(
        (async () => {
          for await (const { type } of query) if (type === 'assistant') abortController.abort();
        })(),
      );
      const prompt = async function* () {
        yield userSays('hang');
      };
      const other = wrapped()({ prompt: prompt(), options: settings() });
      await (async () => {
        for await (const { type } of other) {
          if (type === 'assistant') await other.interrupt();
          if (type === 'result') break;
        }
      })();
      expect(scene.recorded.traces.map(({ status }) => status)).to.deep.equal(['COMPLETED', 'COMPLETED']);
      for (const { name, metadata } of spans()) {
        if (name === 'ClaudeAgentSDK') expect(metadata.aborted).to.equal(true);
      }
    });
  });
});
