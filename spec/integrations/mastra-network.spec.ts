import { expect } from 'chai';
import { init, shutdown, withSpan, withTrace } from '../../lib/index.js';
import { PandaProbeExporter } from '../../lib/integrations/mastra.js';
import { rejection } from '../support/recorded.js';
import type { ModelReply } from './support/fake-models.js';
import { useMastra } from './support/mastra-runs.js';

/** The network's model chooses who does the next step. */
const chooses = (primitiveType: 'agent' | 'tool' | 'workflow', primitiveId: string, prompt: unknown): ModelReply => ({
  text: JSON.stringify({
    ...{ primitiveId, primitiveType, selectionReason: 'it fits' },
    prompt: typeof prompt === 'string' ? prompt : JSON.stringify(prompt),
  }),
});
/** It looks whether the task is done. */
const looks = (isComplete: boolean): ModelReply => ({
  text: JSON.stringify({ isComplete, completionReason: 'so it is', finalResult: isComplete ? 'It is cold.' : '' }),
});
/** An exporter of somebody else's. */
const otherExporter = {
  name: 'other',
  exportTracingEvent: async () => {},
  flush: async () => {},
  shutdown: async () => {},
} as never;

const memory = { thread: 'thread', resource: 'mo' };

describe('A network of Mastra', () => {
  const own = useMastra();
  const { tree, named, options, expectTokensOnce } = own;

  async function network(replies: Parameters<typeof own.models.answer>[0], more: object = {}): Promise<string> {
    own.models.answer(replies);
    const stream = await own.agent('router').network('How warm is it?', { memory, maxSteps: 4, ...more } as never);
    for await (const _chunk of stream);
    const { result } = ((await stream.result) ?? {}) as { readonly result?: { readonly result?: string } };
    return result?.result ?? '';
  }
  const withoutTokens = () => tree().replace(/ \d\d\+5/g, '');

  it('is one tree of the model calls that choose and of the chosen agents, tools and workflows', async () => {
    const said = await network([
      chooses('agent', 'helper', 'Help'),
      ...[{ text: 'Ask the tool.' }, looks(false)],
      ...[chooses('tool', 'w', { city: 'Oslo' }), looks(false)],
      ...[chooses('workflow', 'wf', { q: 'hi' }), { text: 'Cold.' }, looks(true)],
    ]);
    expect(said).to.equal('It is cold.');
    expect(withoutTokens()).to.equal(
      [
        'router COMPLETED',
        '  router AGENT OK',
        '    gpt-x LLM gpt-x-2026 OK',
        '    helper AGENT OK',
        '      gpt-x LLM gpt-x-2026 OK',
        '    gpt-x LLM gpt-x-2026 OK',
        '    gpt-x LLM gpt-x-2026 OK',
        '    w TOOL OK',
        '    gpt-x LLM gpt-x-2026 OK',
        '    gpt-x LLM gpt-x-2026 OK',
        '    wf CHAIN OK',
        '      st CHAIN OK',
        '        in the step OTHER OK',
        '        boss AGENT OK',
        '          gpt-x LLM gpt-x-2026 OK',
        '    gpt-x LLM gpt-x-2026 OK',
      ].join('\n'),
    );
    expectTokensOnce();
    expect([named('w').input, named('w').output]).to.deep.equal([{ city: 'Oslo' }, { city: 'Oslo', degrees: 3 }]);
    const { sessionId, userId, input, output } = own.recorded.trace;
    expect({ sessionId, userId, input, output }).to.deep.equal({
      ...{ sessionId: 'thread', userId: 'mo' },
      input: { messages: [{ role: 'user', content: 'How warm is it?' }] },
      output: { messages: [{ role: 'assistant', content: 'It is cold.' }] },
    });
    expect(own.recorded.text).to.not.include('S3CRET');
  });

  it('nests in the current span, with the spans of its tools, and leaves nothing current', async () => {
    own.inTool = (city) => withSpan(`lookup ${city}`, () => {});
    await withTrace('mine', async () => {
      await network([chooses('tool', 'w', { city: 'A' }), looks(true)]);
      await withSpan('after', () => {});
    });
    expect(withoutTokens()).to.equal(
      [
        'mine COMPLETED',
        '  router AGENT OK',
        '    gpt-x LLM gpt-x-2026 OK',
        '    w TOOL OK',
        '      lookup A OTHER OK',
        '    gpt-x LLM gpt-x-2026 OK',
        '  after OTHER OK',
      ].join('\n'),
    );
  });

  it('is two traces when it runs twice at once', async () => {
    const answers = ({ messages = [] }: { readonly messages?: readonly object[] }) =>
      JSON.stringify(messages.at(-1)).includes('isComplete') ? looks(true) : chooses('tool', 'w', { city: 'A' });
    own.models.answer(answers);
    await Promise.all([network(answers), network(answers, { memory: { thread: 'other', resource: 'mo' } })]);
    const [first, second, ...more] = withoutTokens().split(/\n(?=\S)/);
    expect(more).to.deep.equal([]);
    expect(first?.split('\n')).to.have.lengthOf(5);
    expect(first).to.equal(second);
  });

  it('records a tool that throws as ERROR, and goes on or ends as without this package', async () => {
    own.inTool = () => Promise.reject(new Error('tool broke'));
    const running = network([chooses('tool', 'w', { city: 'A' }), looks(true)]).catch(() => 'failed');
    await running;
    expect(named('w').status).to.equal('ERROR');
    expect(named('w').error).to.equal('Error: tool broke');
    expect(own.recorded.traces).to.have.lengthOf(1);
  });

  it('is ERROR if its model fails, with the error', async () => {
    await network([{ status: 400, message: 'nope' }]).catch(() => {});
    expect(tree().split('\n')[0]).to.equal('router ERROR');
    expect(named('gpt-x').error).to.include('nope');
  });

  it('is ERROR if it cannot start', async () => {
    const fault = await rejection(own.agent('lead').network('Hi'));
    expect(tree()).to.equal('lead ERROR\n  lead AGENT ERROR');
    expect(fault.message).to.include('memory');
    expect(named('lead').error).to.include('memory');
  });

  it('records no values with captureInput and captureOutput false', async () => {
    options({ captureInput: false, captureOutput: false });
    await network([chooses('tool', 'w', { city: 'Oslo' }), looks(true)]);
    for (const span of own.recorded.spans) expect([span.input, span.output]).to.deep.equal([undefined, undefined]);
    expect(own.recorded.text).to.not.match(/How warm|Oslo|cold/);
  });

  it('is recorded once by two exporters, and not without one', async () => {
    own.mastra = own.scene.mastra([new PandaProbeExporter(), new PandaProbeExporter()]);
    await network([chooses('tool', 'w', { city: 'A' }), looks(true)]);
    expect(tree().match(/ TOOL /g)).to.have.lengthOf(1);
    own.mastra = own.scene.mastra([otherExporter]);
    await network([chooses('tool', 'w', { city: 'A' }), looks(true)]);
    expect(own.recorded.traces).to.have.lengthOf(1);
  });

  it('makes no difference while the SDK is disabled', async () => {
    await shutdown();
    init({ enabled: false });
    expect(await network([chooses('tool', 'w', { city: 'A' }), looks(true)])).to.equal('It is cold.');
  });
});
