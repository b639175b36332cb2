import { expect } from 'chai';
import { withSpan } from '../../lib/index.js';
import { PandaProbeExporter } from '../../lib/integrations/mastra.js';
import { rejection } from '../support/recorded.js';
import { until } from '../support/until.js';
import { calls, useMastra } from './support/mastra-runs.js';

describe('A run of Mastra', () => {
  const own = useMastra();
  const { tree, spans, named, agent, options, run, textOf, expectTokensOnce } = own;
  const twoTools = [
    'boss COMPLETED',
    '  boss AGENT OK',
    '    gpt-x LLM gpt-x-2026 10+5 OK',
    '    w TOOL OK',
    '    w TOOL OK',
    '    gpt-x LLM gpt-x-2026 11+5 OK',
  ].join('\n');

  it('is interrupted when a workflow is suspended, and the run that goes on has the same run id', async () => {
    const workflow = await own.mastra.getWorkflow('waiting' as never).createRun();
    expect((await workflow.start({ inputData: { q: 'Deploy?' } })).status).to.equal('suspended');
    expect((await workflow.resume({ step: 'patient', resumeData: { a: 'yes' } })).status).to.equal('success');
    await until(() => own.recorded.traces.length === 2);
    const each = 'waiting COMPLETED\n  waiting CHAIN OK\n    patient CHAIN OK';
    expect(tree()).to.equal(`${each}\n${each}`);
    const [first, second] = own.recorded.traces;
    for (const { metadata } of first?.spans ?? []) {
      expect(metadata).to.include({ interrupted: true, status: 'suspended' });
    }
    expect([first?.metadata.interrupted, second?.metadata.interrupted]).to.deep.equal([true, undefined]);
    expect([first?.metadata.run_id, second?.metadata.run_id]).to.deep.equal([workflow.runId, workflow.runId]);
    expect([second?.input, second?.output]).to.deep.equal([{ a: 'yes' }, { a: 'yes' }]);
  });

  it('is interrupted when a tool waits for its approval, with the tool call, and what it waits for', async () => {
    own.models.answer([calls('A'), { text: 'Cold.' }]);
    const stream = await agent().stream('Hi', { requireToolApproval: true });
    for await (const _ of stream.fullStream);
    await until(() => own.recorded.traces.length === 1);
    expect(tree()).to.equal('boss COMPLETED\n  boss AGENT OK\n    gpt-x LLM gpt-x OK');
    const asked = { reason: 'tool-call-approval', toolName: 'w', toolCallId: 't0' };
    expect([named('boss').output, own.recorded.trace.output]).to.deep.equal([asked, asked]);
    expect(named('gpt-x').output.messages[0].tool_calls).to.deep.equal([
      { id: 't0', type: 'function', function: { name: 'w', arguments: '{"city":"A"}' } },
    ]);
    expect(named('boss').metadata.interrupted).to.equal(true);
  });

  describe('where something goes wrong', () => {
    it('records a tool that throws as ERROR, and the run as what it became', async () => {
      own.inTool = () => Promise.reject(new Error('tool broke'));
      expect(await run([calls('A'), { text: 'No luck.' }])).to.equal('No luck.');
      expect(tree()).to.match(/^boss COMPLETED\n.*AGENT OK\n.*OK\n {4}w TOOL ERROR\n.*OK$/);
      expect(named('w').error).to.equal('Error: tool broke');
    });

    it('records a tool with invalid arguments as ERROR', async () => {
      await run([{ tools: [{ id: 't', name: 'w', args: { town: 'A' } }] }, { text: 'Sorry.' }]);
      expect(tree()).to.match(/^boss COMPLETED\n.*AGENT OK\n.*OK\n {4}w TOOL ERROR\n.*OK$/);
      expect(named('w').error)
        .to.match(/^Error: Tool input validation failed for w\./)
        .and.not.include('town');
    });

    it('records a connection that is cut as ERROR, with the answer so far', async () => {
      own.models.answer([{ text: 'Hello there', cut: true }]);
      await textOf(await agent().stream('Hi'));
      await until(() => own.recorded.traces.length === 1);
      expect(tree()).to.equal(['boss ERROR', '  boss AGENT ERROR', '    gpt-x LLM gpt-x-2026 ERROR'].join('\n'));
      expect(named('gpt-x').output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Hello there' }] });
    });

    it('records a model that fails as ERROR from the trace down to the call, after a tool, too', async () => {
      const error = await rejection(run([calls('A'), { status: 400, message: 'nope' }]));
      expect(tree()).to.equal(
        [
          'boss ERROR',
          '  boss AGENT ERROR',
          '    gpt-x LLM gpt-x-2026 10+5 OK',
          '    w TOOL OK',
          '    gpt-x LLM gpt-x ERROR',
        ].join('\n'),
      );
      expect(error.message).to.include('nope');
      for (const { status, error: text } of spans()) {
        if (status === 'ERROR') expect(text).to.equal('AI_APICallError: nope');
      }
    });

    it('records the answer of a fallback model', async () => {
      expect(await run([{ status: 400, message: 'nope' }, { text: 'Cold.' }], 'careful')).to.equal('Cold.');
      expect(tree()).to.equal(
        [
          'careful COMPLETED',
          '  careful AGENT OK',
          '    gpt-x LLM gpt-x-2026 11+5 OK', // both in one call, says the framework
        ].join('\n'),
      );
    });

    it('records a run that is aborted as aborted, not as an error', async () => {
      const abort = new AbortController();
      own.models.answer([{ text: 'Hello', hang: true }]);
      const stream = await agent().stream('Hi', { abortSignal: abort.signal });
      for await (const _piece of stream.textStream) abort.abort();
      await until(() => own.recorded.traces.length === 1);
      expect(tree()).to.match(/^boss COMPLETED\n {2}boss AGENT OK\n {4}gpt-x LLM gpt-x OK$/);
      for (const { metadata, output } of spans()) {
        expect(metadata.aborted).to.equal(true);
        expect(output.messages[0].content).to.match(/^He/);
      }
      expect(own.recorded.trace.output).to.deep.equal(named('boss').output);
    });

    it('keeps the tokens of a call whose answer is not what structured output asks for', async () => {
      own.models.answer([{ text: '{"degrees":"cold"}' }]);
      await rejection(agent().generate('Hi', { structuredOutput: { schema: own.scene.degrees } }));
      await until(() => own.recorded.traces.length === 1);
      expect(tree()).to.equal('boss ERROR\n  boss AGENT ERROR\n    gpt-x LLM gpt-x-2026 10+5 ERROR');
      expect(named('gpt-x').output.messages[0].content).to.equal('{"degrees":"cold"}');
    });
  });

  it('has spans after a span of the program beside it, not below it', async () => {
    own.inTool = async (_city, span) => {
      const lookup = span?.createChildSpan({ type: 'generic' as never, name: 'lookup' });
      await withSpan('within', async () => {});
      lookup?.end();
      await withSpan('after', async () => {});
    };
    await run([calls('A'), { text: 'Cold.' }]);
    expect(tree().split('\n').slice(3, 7)).to.deep.equal([
      '    w TOOL OK',
      '      lookup OTHER OK',
      '        within OTHER OK',
      '      after OTHER OK',
    ]);
  });

  describe('with settings of the framework', () => {
    it('keeps the tree if the framework leaves out span types, and the tokens if a call has none of its own', async () => {
      const without = async (...excludeSpanTypes: string[]) => {
        own.recorded.memory.clear();
        own.mastra = own.scene.mastra([new PandaProbeExporter()], { excludeSpanTypes });
        await run([calls('A', 'B'), { text: 'Cold.' }]);
        return tree();
      };
      expect(await without('model_chunk')).to.equal(twoTools);
      expect(await without('model_step', 'model_chunk')).to.equal(twoTools);
      expect((await without('model_generation')).replaceAll('    gpt-x-2026 LLM', '    gpt-x LLM')).to.equal(twoTools);
      expect((await without('model_inference')).split('\n')).to.include('    gpt-x LLM gpt-x-2026 21+10 OK');
      expectTokensOnce();
    });

    it('shows merged spans on request, with each token still once', async () => {
      options({ showInternals: true });
      await run([calls('A'), { text: 'Cold.' }]);
      expect(tree()).to.equal(
        [
          'boss COMPLETED',
          '  boss AGENT OK',
          '    step: 0 OTHER OK',
          '      gpt-x LLM gpt-x-2026 10+5 OK',
          '      w TOOL OK',
          '    step: 1 OTHER OK',
          '      gpt-x LLM gpt-x-2026 11+5 OK',
        ].join('\n'),
      );
      expectTokensOnce();
    });

    it('records each of two runs with the same trace id', async () => {
      own.models.answer([{ text: 'Cold.' }]);
      const tracingOptions = { traceId: 'a'.repeat(32) };
      await Promise.all(['one', 'two'].map((text) => agent().generate(text, { tracingOptions })));
      expect(own.recorded.traces.map(({ name, spans: all }) => [name, all.length])).to.deep.equal([
        ['boss', 2],
        ['boss', 2],
      ]);
    });
  });
});
