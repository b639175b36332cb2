import type { CallableTool } from '@google/genai';
import { expect } from 'chai';
import { withSpan, withTrace } from '../../lib/index.js';
import { unwrap, type WrapOptions, wrapGemini, wrapGoogleGenAI } from '../../lib/wrappers/gemini.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { gemini } from './support/gemini-wire.js';
import { noise } from './support/noise.js';
import { googleClients } from './support/versions.js';

const said = (content: unknown) => ({ messages: [{ role: 'assistant', content }] });
const call = { id: 'weather-1', type: 'function', function: { name: 'weather', arguments: '{"city":"Lisbon"}' } };
const weatherTool = (): CallableTool => ({
  tool: async () => ({ functionDeclarations: [{ name: 'weather' }] }),
  callTool: (calls) =>
    withSpan('weather', { kind: 'TOOL' }, async () =>
      calls.map(({ name }) => ({ functionResponse: { name: name ?? '', response: { degrees: 21 } } })),
    ),
});

for (const [name, GoogleGenAI] of await googleClients()) {
  describe(`wrapGemini(): ${name}`, () => {
    let provider: Provider;
    let recorded: Recorded;
    before(async () => {
      provider = await startProvider(gemini);
    });
    after(() => provider[Symbol.asyncDispose]());
    beforeEach(() => {
      recorded = record();
      provider.forget();
    });
    afterEach(stopRecording);

    const client = (options?: WrapOptions) =>
      wrapGemini(new GoogleGenAI({ apiKey: 'AIzaSecretKeyz4711', httpOptions: { baseUrl: provider.url } }), options);
    const generate = async (model: string, isStreamed: boolean) => {
      const ai = client();
      if (isStreamed) await drain(await ai.models.generateContentStream({ model, contents: 'Hi' }));
      else await ai.models.generateContent({ model, contents: 'Hi' });
    };

    for (const isStreamed of [false, true]) {
      describe(isStreamed ? 'streamed' : 'whole', () => {
        it('counts thoughts inside the completion, and reads the usage from whichever chunk has it', async () => {
          await generate('plain', isStreamed);
          expect(recorded.span).to.deep.include({
            name: 'gemini-generate',
            kind: 'LLM',
            status: 'OK',
            model: 'gemini-x-001',
            input: { messages: [{ role: 'user', content: 'Hi' }] },
            output: said('Hello'),
            tokenUsage: {
              prompt_tokens: 12,
              completion_tokens: 7,
              total_tokens: 19,
              reasoning_tokens: 3,
              cache_read_tokens: 5,
            },
          });
          expect(recorded.span.metadata).to.deep.equal({ response_id: 'g1', finish_reason: 'STOP' });
          expect(recorded.span.completionStartTime !== undefined).to.equal(isStreamed);
          expect(recorded.trace.output).to.deep.equal(said('Hello'));
        });

        it('records an answer that is only a function call', async () => {
          await generate('tools', isStreamed);
          expect(recorded.span.output).to.deep.equal({
            messages: [{ role: 'assistant', content: null, tool_calls: [call] }],
          });
        });

        it('keeps thoughts apart', async () => {
          await generate('thinking', isStreamed);
          expect(recorded.span.output).to.deep.equal(said('Hello'));
          expect(recorded.span.metadata.reasoning_summary).to.equal('Think of Lisbon.');
          expect(recorded.text).not.to.include('c2lnbmF0dXJl');
        });
      });
    }

    it('records parts that are not text, every candidate, and a blocked prompt', async () => {
      for (const model of ['mixed', 'two', 'blocked']) await generate(model, false);
      const [mixed, two, blocked] = recorded.spans;
      expect(mixed?.output).to.deep.equal(
        said([
          { type: 'text', text: 'Look: ' },
          { type: 'executable_code', language: 'PYTHON', code: 'print(21)' },
          { type: 'code_execution_result', outcome: 'OUTCOME_OK', output: '21' },
        ]),
      );
      expect(two?.output).to.deep.equal({
        messages: ['one', 'two'].map((content) => ({ role: 'assistant', content })),
      });
      expect(blocked).to.deep.include({
        status: 'OK',
        output: undefined,
        tokenUsage: { prompt_tokens: 12, total_tokens: 12 },
      });
      expect(blocked?.metadata.block_reason).to.equal('SAFETY');
    });

    for (const isStreamed of [false, true]) {
      it(`says in words why an answer is empty or a prompt was blocked${isStreamed ? ', streamed' : ''}`, async () => {
        // The client passes the message on only of Vertex.
        const httpOptions = { baseUrl: provider.url };
        const ai = wrapGemini(new GoogleGenAI({ vertexai: true, apiKey: 'AIzaSecretKey4711', httpOptions }));
        for (const model of ['unparsed', 'blocked']) {
          if (isStreamed) await drain(await ai.models.generateContentStream({ model, contents: 'Hi' }));
          else await ai.models.generateContent({ model, contents: 'Hi' });
        }
        const [unparsed, blocked] = recorded.spans;
        expect(unparsed?.output).to.deep.equal({
          messages: [{ role: 'assistant', content: null, finish_message: 'Malformed function call: weather(' }],
        });
        expect(unparsed?.metadata.finish_reason).to.equal('MALFORMED_FUNCTION_CALL');
        expect(blocked?.metadata).to.deep.include({
          block_reason: 'SAFETY',
          block_reason_message: 'The prompt was blocked.',
        });
      });
    }

    it('reads contents in every form', async () => {
      const ai = client();
      const inputOf = async (contents: Parameters<typeof ai.models.generateContent>[0]['contents']) => {
        recorded.memory.clear();
        await ai.models.generateContent({ model: 'plain', contents });
        return (recorded.span.input as { messages: unknown }).messages;
      };
      expect(await inputOf({ text: 'Hi' })).to.deep.equal([{ role: 'user', content: 'Hi' }]);
      expect(await inputOf({ role: 'user', parts: [{ text: 'Hi' }] })).to.deep.equal([{ role: 'user', content: 'Hi' }]);
      const bytes = noise(4000).toString('base64');
      expect(await inputOf(['a', { text: 'b' }, { inlineData: { mimeType: 'image/png', data: bytes } }])).to.deep.equal(
        [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
              { type: 'image', mime_type: 'image/png', size_bytes: 4000 },
            ],
          },
        ],
      );
      expect(
        await inputOf([
          { role: 'user', parts: [{ text: 'How warm is it?' }] },
          {
            role: 'model',
            parts: [{ text: 'Hm.', thought: true }, { functionCall: { name: 'weather', args: { city: 'Lisbon' } } }],
          },
          { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { degrees: 21 } } }] },
        ]),
      ).to.deep.equal([
        { role: 'user', content: 'How warm is it?' },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'weather-1', name: 'weather', content: '{"degrees":21}' },
      ]);
    });

    it('records system instruction, parameters and tools, and no secrets', async () => {
      const ai = client();
      await ai.models.generateContent({
        model: 'plain',
        contents: 'Hi',
        config: {
          systemInstruction: 'Be brief.',
          temperature: 0.1,
          topP: 0.5,
          maxOutputTokens: 10,
          thinkingConfig: { includeThoughts: true, thinkingBudget: 100 },
          httpOptions: { headers: { 'x-secret': 'header-z4711' } },
          tools: [{ functionDeclarations: [{ name: 'weather' }] }, { googleSearch: {} }],
        },
      });
      expect(recorded.span.modelParameters).to.deep.equal({
        temperature: 0.1,
        top_p: 0.5,
        max_output_tokens: 10,
        thinking_config: { include_thoughts: true, thinking_budget: 100 },
      });
      expect((recorded.span.input as { messages: unknown[] }).messages[0]).to.deep.equal({
        role: 'system',
        content: 'Be brief.',
      });
      expect(recorded.span.metadata.tools).to.deep.equal(['weather', 'googleSearch']);
      expect(recorded.text).not.to.include('z4711');
    });

    it('records chats, also those made before', async () => {
      const ai = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: provider.url } });
      const chat = ai.chats.create({ model: 'plain' });
      wrapGoogleGenAI(ai);
      await chat.sendMessage({ message: 'Hi' });
      await drain(await chat.sendMessageStream({ message: 'Again' }));
      expect(recorded.spans.map(({ output }) => output)).to.deep.equal([said('Hello'), said('Hello')]);
      expect(recorded.spans[1]?.input).to.have.property('messages').with.length(3);
    });

    for (const isStreamed of [false, true]) {
      it(`records each call to the model if functions are called automatically${isStreamed ? ', streamed' : ''}`, async () => {
        const params = { model: 'tools', contents: 'How warm is it?', config: { tools: [weatherTool()] } };
        await withTrace('agent', async () => {
          if (isStreamed) await drain(await client().models.generateContentStream(params));
          else await client().models.generateContent(params);
        });
        expect(recorded.memory.tree()).to.equal(
          'agent\n├─ gemini-generate LLM\n├─ weather TOOL\n└─ gemini-generate LLM',
        );
        const answers = recorded.spans.filter(({ kind }) => kind === 'LLM');
        expect(answers.map(({ tokenUsage }) => tokenUsage?.total_tokens)).to.deep.equal([19, 19]);
      });
    }

    it('keeps the output so far of a stream that is cut off, left early or aborted', async () => {
      const stream = (model: string, abortSignal?: AbortSignal) =>
        client().models.generateContentStream({ model, contents: 'Hi', config: abortSignal ? { abortSignal } : {} });
      await drain(await stream('cut')).catch(() => {});
      for await (const _ of await stream('stall')) break;
      const controller = new AbortController();
      const aborted = await stream('stall', controller.signal);
      await rejection(
        (async () => {
          for await (const _ of aborted) controller.abort();
        })(),
      );
      const [cut, broken, abort] = recorded.spans;
      expect(cut?.output).to.deep.equal(said('Hello'));
      expect(cut?.metadata.stream_incomplete).to.equal(true);
      expect(broken).to.deep.include({ status: 'OK', output: said('Hel') });
      expect(broken?.metadata.stream_incomplete).to.equal(true);
      expect(abort).to.deep.include({ status: 'ERROR', output: said('Hel') });
      expect(abort?.metadata.aborted).to.equal(true);
    });

    it('records errors without the key', async () => {
      await rejection(client().models.generateContent({ model: 'bad', contents: 'Hi' }));
      await rejection(client().models.generateContent({ model: 'no-key', contents: 'Hi' }));
      expect(recorded.spans.map(({ error }) => error)).to.deep.equal([
        'ApiError: nope',
        'ApiError: API key [key] not valid',
      ]);
      expect(recorded.spans[0]?.metadata.error).to.deep.equal({ type: 'INVALID_ARGUMENT', status: 400 });
      expect(recorded.traces.every(({ status }) => status === 'ERROR')).to.equal(true);
    });

    it('records embeddings by their size', async () => {
      await client().models.embedContent({ model: 'embed', contents: ['a', 'b'], config: { outputDimensionality: 3 } });
      expect(recorded.span).to.deep.include({
        name: 'gemini-embed',
        kind: 'EMBEDDING',
        model: 'embed',
        input: { input: ['a', 'b'] },
        output: { count: 2, dimensions: 3 },
        tokenUsage: undefined,
        modelParameters: { dimensions: 3 },
      });
      recorded.memory.clear();
      await client({ traceEmbeddings: false }).models.embedContent({ model: 'embed', contents: 'a' });
      expect(recorded.traces).to.have.length(0);
    });

    it('is undone by unwrap', async () => {
      const ai = client();
      const bare = new GoogleGenAI({ apiKey: 'k' });
      unwrap(wrapGemini(ai));
      expect(Reflect.ownKeys(ai.models)).to.deep.equal(Reflect.ownKeys(bare.models));
      await ai.models.generateContent({ model: 'plain', contents: 'Hi' });
      expect(recorded.traces).to.have.length(0);
    });
  });
}
