import { expect } from 'chai';
import type { SpanView } from '../../lib/client/sinks/trace-view.js';
import { drain } from '../support/recorded.js';
import { useCompatible } from './support/compatible-wire.js';

describe('wrapOpenAI(): compatible servers', () => {
  const { scene, client } = useCompatible();

  describe('responses', () => {
    const completed = (output: readonly object[]) => ({
      type: 'response.completed',
      response: { id: 'r', status: 'completed', model: 'm', output, usage: { input_tokens: 1, output_tokens: 2 } },
    });
    const message = (text: string) => ({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text }],
    });
    const drained = async (...events: readonly object[]) => {
      scene.answer = { kind: 'sse', events, named: true };
      await drain(await client().responses.create({ model: 'm', input: 'x', stream: true }));
      return scene.recorded.spans.find(({ kind }) => kind === 'LLM') as SpanView;
    };

    it('keeps the streamed output if the last event has none', async () => {
      const span = await drained(
        { type: 'response.output_item.done', output_index: 0, item: message('streamed') },
        completed([]),
      );
      expect(span.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'streamed' }] });
      expect(span.tokenUsage).to.deep.equal({ prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 });
    });

    it('keeps an item of an unknown type, whole, streamed and cut off, without its encrypted form', async () => {
      const item = { type: 'hologram', id: 'h1', encrypted_content: 'c2VjcmV0', points: [1, 2] };
      const output = {
        messages: [
          {
            role: 'assistant',
            content: [
              { type: 'hologram', id: 'h1', points: [1, 2] },
              { type: 'text', text: 'there' },
            ],
          },
        ],
      };
      const done = [item, message('there')].map((each, output_index) => ({
        type: 'response.output_item.done',
        output_index,
        item: each,
      }));
      expect((await drained(...done, completed([item, message('there')]))).output).to.deep.equal(output);
      scene.recorded.memory.clear();
      expect((await drained(...done)).output).to.deep.equal(output);
      scene.answer = { kind: 'json', body: completed([item, message('there')]).response };
      await client().responses.create({ model: 'm', input: 'x' });
      expect(scene.recorded.spans.at(-1)?.output).to.deep.equal(output);
    });

    it('shows no item of a tool, of reasoning or of a compaction in the answer', async () => {
      const others = [
        'web_search_call',
        'shell_call',
        'shell_call_output',
        'reasoning',
        'compaction',
        'mcp_list_tools',
      ];
      const items = others.map((type) => ({ type, id: type, summary: [], tools: [], encrypted_content: 'x' }));
      const { output } = await drained(completed([...items, message('there')]));
      expect(output).to.deep.equal({ messages: [{ role: 'assistant', content: 'there' }] });
    });

    it('orders texts by their index, in whatever order they arrive', async () => {
      const delta = (content_index: number, text: string) => ({
        type: 'response.output_text.delta',
        output_index: 0,
        content_index,
        delta: text,
      });
      const span = await drained(
        delta(1, 'wor'),
        delta(0, 'hello '),
        {
          type: 'response.output_item.added',
          output_index: 0,
          item: { type: 'message', role: 'assistant', content: [] },
        },
        delta(1, 'ld'),
      );
      expect(span.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'hello world' }] });
    });

    for (const [what, deltas, reasoning] of [
      ['thoughts', [['reasoning_text', 'First the city, ']], 'First the city, then the weather.'],
      ['the summary of thoughts that were streamed too', [['reasoning_summary_text', 'A plan.']], 'A plan.'],
    ] as const) {
      it(`records ${what} of a stream without a last event`, async () => {
        const events = [...deltas, ['reasoning_text', 'then the weather.']].map(([type, delta]) => ({
          type: `response.${type}.delta`,
          output_index: 0,
          delta,
        }));
        const item = { type: 'reasoning', summary: [] };
        const span = await drained({ type: 'response.output_item.added', output_index: 0, item }, ...events);
        expect(span.metadata.reasoning_summary).to.equal(reasoning);
      });
    }

    it('distinguishes items by id if no index is given', async () => {
      const added = (id: string, name: string) => ({
        type: 'response.output_item.added',
        item: { type: 'function_call', id, call_id: id, name },
      });
      const delta = (item_id: string, text: string) => ({
        type: 'response.function_call_arguments.delta',
        item_id,
        delta: text,
      });
      const span = await drained(added('a', 'f'), added('b', 'g'), delta('b', '{"b":1}'), delta('a', '{"a":1}'));
      const { messages: told } = span.output as { messages: { tool_calls: { function: object }[] }[] };
      expect(told[0]?.tool_calls.map((each) => each.function)).to.deep.equal([
        { name: 'f', arguments: '{"a":1}' },
        { name: 'g', arguments: '{"b":1}' },
      ]);
    });
  });
});
