import { expect } from 'chai';
import { init, MemorySink, spanFunction, startTrace, traceFunction, withSpan, withTrace } from '../../lib/index.js';
import { conversations, textOf } from '../model/foreign-messages.js';
import { listenToStderr } from '../support/stderr.js';
import { onlyTrace, spansOf } from './recorded.js';

interface Shown {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
}

const said = (value: unknown): unknown[] =>
  (value as Shown).messages.map(({ role, content }) => [role, textOf(content)]);
const question = [['user', 'why?']];
const answer = [['assistant', 'because']];

describe('Messages of frameworks and clients', () => {
  let memory: MemorySink;
  let stderr: ReturnType<typeof listenToStderr>;
  beforeEach(() => {
    stderr = listenToStderr();
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  afterEach(() => {
    stderr.restore();
    expect(stderr.lines).to.deep.equal([]);
  });

  for (const [form, list] of Object.entries(conversations)) {
    const [asked, answered] = [list.slice(0, -1), list.at(-1)];

    it(`of ${form} are the turn of a traced function`, async () => {
      await traceFunction(async (_messages: unknown) => answered)(asked);
      await traceFunction((_question: string, _options: object) => [answered])('x', {
        model: 'm',
        contents: asked,
        n: 1,
      });
      traceFunction((_options: object) => ({ messages: list }))({ prompt: asked });
      for (const trace of memory.traces) {
        expect(said(trace.input)).to.deep.equal(question);
        expect(said(trace.output)).to.deep.equal(answer);
      }
      expect(memory.traces).to.have.lengthOf(3);
    });

    it(`of ${form} are messages for setInput() and setOutput()`, () => {
      withTrace('t', { input: asked }, (t) => {
        t.setOutput(answered);
        withSpan('s', { kind: 'LLM' }, (s) =>
          s.setInput({ input: list, temperature: 0 }).setOutput({ messages: [answered] }),
        );
      });
      const { input, output } = onlyTrace(memory);
      expect(said(input)).to.have.lengthOf(asked.length).and.deep.include(question[0]);
      expect(said(output)).to.deep.equal(answer);
      const [span] = spansOf(memory);
      expect(said(span?.input))
        .to.have.lengthOf(list.length)
        .and.deep.include.members([...question, ...answer]);
      expect(span?.input).to.have.property('temperature', 0);
      expect(Object.keys(span?.input as object)).to.not.include('input');
      expect(said(span?.output)).to.deep.equal(answer);
    });
  }

  it('are recognized in every other way to set the input and output of an LLM span', async () => {
    const [asked, answered] = [conversations.Gemini!.slice(0, -1), conversations.Gemini!.at(-1)];
    await withTrace('t', async (t) => {
      withSpan('option', { kind: 'LLM', input: { contents: asked }, captureOutput: true }, () => answered);
      await spanFunction(async (messages: unknown[]) => [answered, ...messages].slice(0, 1), { kind: 'LLM' })(asked);
      spanFunction(({ contents }: { contents: unknown[] }) => ({ messages: [answered, ...contents].slice(0, 1) }), {
        kind: 'LLM',
      })({ contents: asked });
      t.span('handle', { kind: 'LLM', input: asked }).setOutput(answered).end();
    });
    for (const { input, output, name } of spansOf(memory)) {
      expect(said(input), name).to.have.lengthOf(asked.length).and.deep.include(question[0]);
      expect(said(output), name).to.deep.equal(answer);
    }
    expect(spansOf(memory)).to.have.lengthOf(4);
  });

  it('keep tool calls and their results', () => {
    for (const form of ['LangChain 0.3', 'LangChain 1', 'LangChain as JSON', 'LangChain stored']) {
      startTrace(form).setInput(conversations[form]).end();
      const { messages } = memory.traces.at(-1)!.input as { messages: Record<string, unknown>[] };
      expect(messages[2], form).to.have.nested.property('tool_calls[0].id', 'c1');
      expect(messages[3], form).to.deep.equal({ role: 'tool', content: 'found', tool_call_id: 'c1' });
      expect(messages[4], form).to.not.have.property('tool_calls');
    }
  });

  it('P13 are left as they were', () => {
    const list = Object.freeze(conversations.Gemini?.map((one) => Object.freeze(one)));
    const before = JSON.stringify(list);
    traceFunction((given: unknown) => given)(list);
    expect(JSON.stringify(list)).to.equal(before);
  });
});
