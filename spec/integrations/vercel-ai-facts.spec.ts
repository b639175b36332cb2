import { expect } from 'chai';
import type { SpanView } from '../../lib/client/sinks/trace-view.js';
import { withTrace } from '../../lib/index.js';
import { type AISDKTelemetry, instrumentAISDK, pandaProbeTelemetry } from '../../lib/integrations/vercel-ai.js';
import { rejection } from '../support/recorded.js';
import { read, sdkScene, tokensOf, two, versions } from './support/vercel-ai.js';

const prompt = 'How warm is it?';
const secret = 'S3CRET';

for (const version of versions) {
  describe(`What is recorded of the Vercel AI SDK ${version}`, () => {
    const scene = sdkScene(version);
    const model = () => scene.openai.chat('gpt-x');
    const withTools = (more: object = {}) =>
      scene.ai.generateText({
        model: model(),
        system: 'Be brief',
        prompt,
        tools: scene.tools(),
        temperature: 0.5,
        maxOutputTokens: 100,
        stopWhen: scene.ai.stepCountIs(5),
        ...scene.traced(),
        ...more,
      } as never);
    const spans = (kind: string) => scene.recorded.spans.filter((span) => span.kind === kind);

    it('are the messages in one form for all providers, with the parameters of each call', async () => {
      scene.answer([{ text: 'I look', tools: two.slice(1) }, { text: 'Cold' }]);
      await withTools();
      const [first, second] = spans('LLM');
      const asked = [
        { role: 'system', content: 'Be brief' },
        { role: 'user', content: prompt },
      ];
      const calls = [{ id: 't2', type: 'function', function: { name: 'w', arguments: '{"city":"Oslo"}' } }];
      const called = { role: 'assistant', content: 'I look', tool_calls: calls };
      const answered = { role: 'tool', tool_call_id: 't2', name: 'w', content: 'Oslo: 21 °C' };
      expect(first?.input).to.deep.equal({ messages: asked });
      expect(first?.output).to.deep.equal({ messages: [called] });
      expect(second?.input).to.deep.equal({ messages: [...asked, called, answered] });
      expect(second?.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Cold' }] });
      expect(first?.modelParameters).to.deep.equal({ max_output_tokens: 100, temperature: 0.5, tools: ['w'] });
      expect(first?.metadata).to.deep.equal({
        provider: 'openai.chat',
        response_id: 'c0',
        finish_reason: 'tool-calls',
      });
      const [tool] = spans('TOOL');
      expect([tool?.input, tool?.output]).to.deep.equal([{ city: 'Oslo' }, 'Oslo: 21 °C']);
      const { input, output } = scene.recorded.trace;
      expect(input).to.deep.equal({ messages: [asked[1]] });
      expect(output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Cold' }] });
    });

    it('are pictures and files by their size, and addresses unchanged', async () => {
      scene.answer([{ text: 'A cat' }]);
      const content = [
        { type: 'text', text: 'Look' },
        { type: 'image', image: new Uint8Array(5000), mediaType: 'image/png' },
        { type: 'file', data: new Uint8Array(6000), mediaType: 'application/pdf', filename: 'a.pdf' },
      ];
      await scene.ai.generateText({
        model: model(),
        messages: [{ role: 'user', content } as never],
        ...scene.traced(),
      });
      const [llm] = spans('LLM');
      const { messages } = (llm as SpanView).input as { messages: [{ content: unknown[] }] };
      const [{ content: seen }] = messages;
      expect(seen[0]).to.deep.equal({ type: 'text', text: 'Look' });
      expect(seen[1]).to.deep.include({ mime_type: 'image/png', size_bytes: 5000 });
      expect(seen[2]).to.deep.equal({
        type: 'file',
        mime_type: 'application/pdf',
        name: 'a.pdf',
        size_bytes: 6000,
      });
    });

    it('are no headers, keys and provider options', async () => {
      scene.answer([{ tools: two }, { text: 'Warm' }]);
      await withTools({
        headers: { authorization: `Bearer ${secret}`, 'x-own': secret },
        providerOptions: { openai: { user: secret } },
      });
      scene.answer([{ status: 400 }]);
      await rejection(withTools({ headers: { 'x-own': secret }, maxRetries: 0 }));
      scene.answer([{}]);
      const embedded = { model: scene.openai.embedding('e-x'), value: 'rain', headers: { 'x-own': secret } };
      await scene.ai.embed({ ...embedded, ...scene.traced() });
      expect(scene.recorded.traces).to.have.lengthOf(3);
      expect(scene.models.calls[0]?.headers['x-own']).to.equal(secret);
      expect(scene.recorded.text).not.to.include(secret);
    });

    it('are the number and length of vectors, not the vectors, for one value or several', async () => {
      scene.answer([{}, {}, {}]);
      const of = { model: scene.openai.embedding('e-x'), maxRetries: 0 };
      await scene.ai.embed({ ...of, value: 'rain', ...scene.traced() });
      await scene.ai.embedMany({ ...of, values: ['rain', 'snow', 'sun'], ...scene.traced() });
      await scene.ai.embedMany({ ...of, values: ['rain'], ...scene.traced() });
      const told = spans('EMBEDDING').map(({ input, output, tokenUsage }) => [input, output, tokenUsage]);
      const used = { prompt_tokens: 3, completion_tokens: 0, total_tokens: 3 };
      expect(told).to.deep.equal([
        [{ input: 'rain' }, { count: 1, dimensions: 2 }, used],
        [{ input: ['rain', 'snow', 'sun'] }, { count: 3, dimensions: 2 }, used],
        [{ input: ['rain'] }, { count: 1, dimensions: 2 }, used],
      ]);
    });

    it('are the session, user, tags and metadata of the options', async () => {
      scene.answer([{ text: 'Warm' }]);
      const own = { sessionId: 's-1', userId: 'u-1', tags: ['weather'], metadata: { team: 'a' } };
      await withTools(scene.traced('weather', own));
      const { trace } = scene.recorded;
      expect(trace).to.deep.include({ name: 'weather', sessionId: 's-1', userId: 'u-1', tags: ['weather'] });
      expect(trace.spans.map(({ metadata }) => metadata?.team)).to.deep.equal(['a', 'a']);
    });

    it('are no inputs or outputs if the options, the client or the call say so', async () => {
      const texts = async (run: () => unknown) => {
        scene.answer([{ tools: two }, { text: 'Warm' }]);
        await run();
        const { text } = scene.recorded;
        scene.recorded.memory.clear();
        return [prompt, 'Rome"', '21 °C', 'Warm'].filter((each) => text.includes(each));
      };
      const only = (options: object, telemetry?: object) =>
        texts(() => withTools(scene.traced('a', options as never, telemetry)));
      expect(await only({ captureInput: false, captureOutput: false })).to.deep.equal([]);
      expect(await only({}, { recordInputs: false, recordOutputs: false })).to.deep.equal([]);
      expect(await only({ captureOutput: false })).to.include(prompt);
      expect(await only({ captureInput: false }))
        .to.include('Warm')
        .and.not.to.include(prompt);
      scene.record({ captureInput: false, captureOutput: false });
      expect(await texts(() => withTools())).to.deep.equal([]);
      expect(tokensOf(scene.recorded)).to.deep.equal({ prompt: 0, completion: 0 }); // cleared
    });

    it('are errors with type and status, aborts, and the number of attempts', async () => {
      scene.answer([{ status: 400 }]);
      await rejection(withTools());
      const failed = scene.recorded.spans.find(({ kind }) => kind === 'LLM');
      expect(failed?.error).to.equal('AI_APICallError: nope');
      expect(failed?.metadata?.error).to.deep.equal({ type: 'AI_APICallError', status: 400 });
      scene.recorded.memory.clear();

      scene.answer((_, n) => (n < 2 ? { status: 429 } : { text: 'Warm' }));
      await scene.ai.generateText({ model: model(), prompt, ...scene.traced() });
      expect(spans('LLM').map(({ metadata }) => metadata?.attempts)).to.deep.equal([3]);
      scene.recorded.memory.clear();

      const abort = new AbortController();
      scene.answer(() => {
        abort.abort();
        return { hang: true };
      });
      await rejection(withTools({ abortSignal: abort.signal }));
      expect(scene.recorded.spans.map(({ metadata }) => metadata?.aborted)).to.deep.equal([true, true]);
    });

    it('is nothing if recording is off, and the calls work as before', async () => {
      scene.record({ enabled: false });
      scene.answer([{ tools: two }, { text: 'Warm' }]);
      expect(((await withTools()) as { text: string }).text).to.equal('Warm');
      scene.answer([{ tools: two }, { text: 'Warm' }]);
      const { textStream } = scene.ai.streamText({
        model: model(),
        prompt,
        tools: scene.tools(),
        stopWhen: scene.ai.stepCountIs(5),
        ...scene.traced(),
      });
      expect(await read(textStream)).to.equal('Warm');
      expect(scene.recorded.traces).to.deep.equal([]);
    });
  });
}

describe('instrumentAISDK', () => {
  const scene = sdkScene(7);
  const call = (telemetry?: object) =>
    scene.ai.generateText({ model: scene.openai.chat('gpt-x'), prompt, ...(telemetry && { telemetry }) });

  beforeEach(() => scene.answer([{ text: 'Warm' }]));

  it('records once, however often it is called, and can be detached', async () => {
    const again = instrumentAISDK();
    expect(again.isNew).to.equal(false);
    await call();
    expect(scene.recorded.traces).to.have.lengthOf(1);
    again.uninstrument();
    again.uninstrument();
    await call();
    expect(scene.recorded.traces).to.have.lengthOf(1);
    const anew = instrumentAISDK();
    expect(anew.isNew).to.equal(true);
    await call();
    expect(scene.recorded.traces).to.have.lengthOf(2);
  });

  it('does not remove the telemetry of others', async () => {
    const seen: string[] = [];
    const other = { onStart: () => void seen.push('other') };
    scene.ai.registerTelemetry(other);
    const list = (globalThis as { AI_SDK_TELEMETRY_INTEGRATIONS?: unknown[] }).AI_SDK_TELEMETRY_INTEGRATIONS ?? [];
    instrumentAISDK().uninstrument();
    await call();
    expect(seen).to.deep.equal(['other']);
    list.splice(list.indexOf(other), 1);
  });

  it('does not record a call with isEnabled: false, or with telemetry of its own', async () => {
    await call({ isEnabled: false });
    await call({ integrations: [] });
    expect(scene.recorded.traces).to.deep.equal([]);
  });

  it('records a call once that has our telemetry twice', async () => {
    const both = [pandaProbeTelemetry(), pandaProbeTelemetry()];
    scene.answer([{ tools: two }, { text: 'Warm' }]);
    await withTrace('mine', async () => {
      await scene.ai.generateText({
        model: scene.openai.chat('gpt-x'),
        prompt,
        tools: scene.tools(),
        stopWhen: scene.ai.stepCountIs(5),
        telemetry: { integrations: both },
      });
    });
    expect(scene.recorded.spans.map(({ name }) => name)).to.deep.equal(['ai.generateText', 'gpt-x', 'w', 'w', 'gpt-x']);
    expect(tokensOf(scene.recorded)).to.deep.equal(scene.models.counted);
  });

  it('shows the steps on request', async () => {
    scene.answer([{ tools: two.slice(1) }, { text: 'Warm' }]);
    await scene.ai.generateText({
      model: scene.openai.chat('gpt-x'),
      prompt,
      tools: scene.tools(),
      stopWhen: scene.ai.stepCountIs(5),
      telemetry: { integrations: pandaProbeTelemetry({ showInternals: true }) },
    });
    expect(scene.tree()).to.equal(`ai.generateText COMPLETED
  ai.generateText AGENT OK
    step 1 CHAIN OK
      gpt-x LLM gpt-x-2026 10+5 OK
      w TOOL OK
    step 2 CHAIN OK
      gpt-x LLM gpt-x-2026 11+5 OK`);
  });

  it('listens to the events of steps only if steps are shown, because the SDK copies an event for each listener', () => {
    const ofSteps = (telemetry: AISDKTelemetry) => [typeof telemetry.onStepStart, typeof telemetry.onStepEnd];
    expect(ofSteps(pandaProbeTelemetry())).to.deep.equal(['undefined', 'undefined']);
    expect(ofSteps(pandaProbeTelemetry({ showInternals: true }))).to.deep.equal(['function', 'function']);
  });

  for (const isStreamed of [false, true]) {
    it(`marks a run interrupted that asks its user to approve a tool${isStreamed ? ', streamed' : ''}`, async () => {
      const { ai } = scene;
      scene.answer([{ tools: two.slice(1) }]);
      const call = {
        model: scene.openai.chat('gpt-x'),
        prompt,
        tools: scene.tools(),
        toolApproval: { w: 'user-approval' },
        ...scene.traced(),
      };
      if (isStreamed) await read(ai.streamText(call as never).textStream);
      else await ai.generateText(call as never);
      for (let turns = 0; scene.recorded.traces.length === 0 && turns < 100; turns += 1)
        await new Promise(setImmediate);
      const { trace, spans } = scene.recorded;
      expect([trace.status, trace.metadata.interrupted]).to.deep.equal(['COMPLETED', true]);
      expect(spans.map(({ kind, metadata }) => [kind, metadata.interrupted])).to.deep.equal([
        ['AGENT', true],
        ['LLM', undefined],
      ]);
    });
  }

  it('marks a call that timed out as ERROR', async () => {
    scene.answer([{ text: 'Hello', hang: true }]);
    const clock = new AbortController();
    const { textStream } = scene.ai.streamText({
      model: scene.openai.chat('gpt-x'),
      prompt,
      abortSignal: clock.signal,
    });
    let text = '';
    for await (const piece of textStream) {
      text += piece;
      if (text === 'Hello') clock.abort(new DOMException('too slow', 'TimeoutError')); // as AbortSignal.timeout() does
    }
    expect(scene.tree()).to.equal(`ai.streamText ERROR
  ai.streamText CHAIN ERROR
    gpt-x LLM gpt-x-2026 ERROR`);
    const { output, error } = scene.recorded.spans[1] ?? {};
    expect(error).to.match(/^TimeoutError/);
    expect(output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Hello' }] });
  });

  it('refuses invalid options when it is called', () => {
    expect(() => instrumentAISDK(null as never)).to.throw(/options/);
    expect(() => pandaProbeTelemetry({ client: {} as never })).to.throw(/client/);
  });
});
