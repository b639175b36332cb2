import { expect } from 'chai';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { openAI } from './support/openai-wire.js';
import { openAIClients } from './support/versions.js';

const hello = { messages: [{ role: 'assistant', content: 'Hello' }] };
const call = { id: 'call1', type: 'function', function: { name: 'weather', arguments: '{"city":"Lisbon"}' } };

for (const [name, OpenAI] of await openAIClients()) {
  describe(`wrapOpenAI(): responses of ${name}`, () => {
    let provider: Provider;
    let recorded: Recorded;
    before(async () => {
      provider = await startProvider(openAI);
    });
    after(() => provider[Symbol.asyncDispose]());
    beforeEach(() => {
      recorded = record();
    });
    afterEach(stopRecording);

    const client = () =>
      wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0, logLevel: 'off' }));
    const llm = () => recorded.spans.find(({ kind }) => kind === 'LLM');
    const tools = () => recorded.spans.filter(({ kind }) => kind === 'TOOL');

    it('records input, instructions, parameters, output and tokens', async () => {
      await client().responses.create({
        model: 'plain',
        instructions: 'Be brief.',
        input: 'Hi',
        temperature: 0.1,
        user: 'user-z4711',
        text: { format: { type: 'json_schema', name: 'weather', schema: {} }, verbosity: 'low' },
        previous_response_id: 'r0',
      });
      expect(recorded.trace.input).to.deep.equal({ messages: [{ role: 'user', content: 'Hi' }] });
      expect(recorded.span).to.deep.include({
        name: 'openai-response',
        model: 'gpt-x-2026',
        input: {
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: 'Hi' },
          ],
        },
        output: hello,
        modelParameters: {
          temperature: 0.1,
          text: { format: { type: 'json_schema', name: 'weather' }, verbosity: 'low' },
        },
        tokenUsage: {
          prompt_tokens: 12,
          completion_tokens: 7,
          total_tokens: 19,
          reasoning_tokens: 3,
          cache_read_tokens: 4,
        },
      });
      expect(recorded.span.metadata).to.deep.equal({
        previous_response_id: 'r0',
        response_id: 'r1',
        status: 'completed',
      });
      expect(recorded.text).not.to.include('z4711');
    });

    it('records the variables of a prompt stored at the provider, without the bytes of its files', async () => {
      const file_data = `data:application/pdf;base64,${'A'.repeat(4000)}`;
      const file = { type: 'input_file' as const, filename: 'a.pdf', file_data };
      await client().responses.create({
        model: 'plain',
        prompt: { id: 'pmpt_1', version: '2', variables: { city: 'Lisbon', file } },
      });
      expect(recorded.span.input).to.deep.equal({
        messages: [],
        prompt_variables: {
          city: 'Lisbon',
          file: [{ type: 'file', mime_type: 'application/pdf', name: 'a.pdf', size_bytes: 3000 }],
        },
      });
      expect(recorded.span.metadata).to.deep.include({ prompt_id: 'pmpt_1', prompt_version: '2' });
    });

    it('turns the items of a conversation into messages', async () => {
      await client().responses.create({
        model: 'plain',
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: 'a' },
              { type: 'input_text', text: 'b' },
            ],
          },
          { type: 'function_call', call_id: 'call1', name: 'weather', arguments: '{"city":"Lisbon"}' },
          { type: 'function_call_output', call_id: 'call1', output: '21' },
          { id: 'rs1', type: 'reasoning', summary: [] },
          { type: 'item_reference', id: 'x1' },
        ],
      });
      expect(recorded.span.input).to.deep.equal({
        messages: [
          { role: 'user', content: 'a\nb' },
          { role: 'assistant', content: null, tool_calls: [call] },
          { role: 'tool', tool_call_id: 'call1', content: '21' },
          { role: 'assistant', content: [{ type: 'item_reference', id: 'x1' }] },
        ],
      });
    });

    it('sets an output if the model only asks for tools, whole and streamed', async () => {
      const openai = client();
      await openai.responses.create({ model: 'tools', input: 'Hi' });
      await drain(await openai.responses.create({ model: 'tools', input: 'Hi', stream: true }));
      for (const trace of recorded.traces) {
        expect(trace.spans[0]?.output).to.deep.equal({
          messages: [{ role: 'assistant', content: null, tool_calls: [call] }],
        });
        expect(trace.spans[1]).to.deep.include({ name: 'function_call:weather', input: { city: 'Lisbon' } });
        expect(trace.spans[1]?.metadata).to.deep.equal({ requested: true, call_id: 'call1' });
      }
    });

    it('records tools of the provider as spans of their own, with their times in a stream', async () => {
      const openai = client();
      await drain(await openai.responses.create({ model: 'search', input: 'Hi', stream: true }));
      const [search] = tools();
      expect(recorded.memory.tree()).to.equal('openai-response\n└─ openai-response LLM\n   └─ web_search TOOL');
      expect(search).to.deep.include({
        input: { type: 'search', query: 'weather Lisbon' },
        output: { status: 'completed' },
      });
      expect(llm()?.output).to.deep.equal(hello);
      recorded.memory.clear();
      await openai.responses.create({ model: 'mcp', input: 'Hi' });
      expect(tools().map((span) => [span.name, span.input, span.output, span.error])).to.deep.equal([
        ['mcp:docs/find', { q: 1 }, 'found', undefined],
        ['mcp:docs/read', {}, undefined, 'gone'],
      ]);
    });

    it('keeps reasoning apart and its encrypted form out', async () => {
      await client().responses.create({ model: 'reasoning', input: 'Hi' });
      expect(recorded.span.output).to.deep.equal(hello);
      expect(recorded.span.metadata.reasoning_summary).to.equal('Think of Lisbon.');
      expect(recorded.text).not.to.include('c2VjcmV0');
    });

    it('puts a blank line between two texts of an answer, and none beside a picture', async () => {
      await client().responses.create({ model: 'picture and words', input: 'Hi' });
      const { output } = llm() as { output: { messages: [{ content: { type: string; text?: string }[] }] } };
      const [first, , second] = output.messages[0].content;
      expect(output.messages[0].content.map(({ type, text }) => text ?? type)).to.deep.equal([
        ...[first?.text, '\n\n', second?.text, 'image', first?.text],
      ]);
    });

    it('tells a generated picture by its size', async () => {
      await client().responses.create({ model: 'picture', input: 'Hi' });
      expect(llm()?.output).to.deep.equal({
        messages: [{ role: 'assistant', content: [{ type: 'image', mime_type: 'image/png', size_bytes: 3000 }] }],
      });
      expect(recorded.text.length).to.be.below(4000);
    });

    for (const stream of [false, true]) {
      describe(stream ? 'streamed' : 'whole', () => {
        const create = async (model: string) => {
          const openai = client();
          if (!stream) await openai.responses.create({ model, input: 'Hi' });
          else await drain(await openai.responses.create({ model, input: 'Hi', stream: true }));
        };

        it('records a failed response as an error', async () => {
          await create('failed');
          expect(recorded.trace.status).to.equal('ERROR');
          expect(recorded.span).to.deep.include({ status: 'ERROR', error: 'it broke' });
          expect(recorded.span.metadata.error).to.deep.include({ code: 'server_error' });
        });

        it('records an incomplete response with its reason, output and tokens', async () => {
          await create('incomplete');
          expect(recorded.span).to.deep.include({ status: 'OK', output: hello });
          expect(recorded.span.metadata).to.deep.include({
            status: 'incomplete',
            incomplete_reason: 'max_output_tokens',
          });
          expect(recorded.span.tokenUsage).to.deep.include({ prompt_tokens: 12 });
        });

        it('records a refusal', async () => {
          await create('refusal');
          expect(recorded.span.output).to.deep.equal({
            messages: [{ role: 'assistant', content: null, refusal: 'I will not' }],
          });
        });
      });
    }

    it('records a response that is only queued', async () => {
      await client().responses.create({ model: 'queued', input: 'Hi', background: true });
      expect(recorded.span).to.deep.include({ status: 'OK', output: undefined, tokenUsage: undefined });
      expect(recorded.span.metadata).to.deep.include({ status: 'queued' });
    });

    it('keeps the output so far of a stream that is cut off, fails or is left early', async () => {
      const openai = client();
      const stream = (model: string) => openai.responses.create({ model, input: 'Hi', stream: true });
      await rejection(drain(await stream('cut')));
      await drain(await stream('error-inside')).catch(() => {});
      for await (const event of await stream('stall')) if (event.type === 'response.output_text.delta') break;
      const [cut, failed, broken] = recorded.spans;
      expect(cut).to.deep.include({ status: 'ERROR', output: hello, model: 'gpt-x-2026' });
      expect(failed).to.deep.include({ status: 'ERROR', output: hello });
      expect(failed?.error).to.match(/boom/);
      expect(broken).to.deep.include({ status: 'OK', output: { messages: [{ role: 'assistant', content: 'Hel' }] } });
      expect(broken?.metadata.stream_incomplete).to.equal(true);
      expect(broken?.completionStartTime).not.to.equal(undefined);
    });

    it('records parse() and stream() once', async () => {
      const openai = client();
      const format = { type: 'json_schema' as const, name: 'w', schema: {} };
      await openai.responses.parse({ model: 'json', input: 'Hi', text: { format } });
      const helper = openai.responses.stream({ model: 'json', input: 'Hi' });
      expect((await helper.finalResponse()).output_text).to.equal('{"degrees":21}');
      expect(recorded.spans.map(({ output }) => output)).to.deep.equal(
        [1, 2].map(() => ({ messages: [{ role: 'assistant', content: '{"degrees":21}' }] })),
      );
    });
  });
}
