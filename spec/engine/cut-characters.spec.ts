import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import OpenAI from 'openai';
import { init, MemorySink, shutdown, spanFunction, withSpan, withTrace } from '../../lib/index.js';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';

const texts: Record<string, string> = {
  'a surrogate pair': 'a😀b',
  'a sequence with joiners': 'a👩‍👩‍👧b',
  'two pairs side by side': '😀😀',
};

/** Bytes in pieces of three, so that characters are cut. */
function inBytes(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 3) }, (_, i) => bytes.slice(i * 3, i * 3 + 3));
  return ReadableStream.from(pieces) as ReadableStream<Uint8Array>; // of what it is made from
}

const sse = (events: readonly object[]) => async () => {
  const body = events.map(
    (event) => `${'type' in event ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`,
  );
  return new Response(inBytes(body.join('')), { headers: { 'content-type': 'text/event-stream' } });
};

describe('A character that is cut by chunks', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  afterEach(() => shutdown({ timeoutMs: 0 }));

  const outputs = () => memory.traces.flatMap(({ spans }) => spans.map(({ output }) => output));
  async function read(stream: AsyncIterable<unknown> | Iterable<unknown>): Promise<unknown[]> {
    const chunks: unknown[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return chunks;
  }

  for (const [title, text] of Object.entries(texts)) {
    const halves = text.split(''); // every unit apart

    it(`is whole in the joined output of strings: ${title}`, async () => {
      const streams: (() => AsyncIterable<string> | Iterable<string>)[] = [
        async function* () {
          yield* halves;
        },
        function* () {
          yield* halves;
        },
        () => ReadableStream.from(halves),
      ];
      await withTrace('t', async () => {
        for (const stream of streams) expect(await read(spanFunction(stream)())).to.deep.equal(halves);
        await read(withSpan('s', { captureOutput: true }, () => ReadableStream.from(halves)));
      });
      const recorded = outputs() as string[][];
      expect(recorded.map((chunks) => chunks.join(''))).to.deep.equal([text, text, text, text]);
      for (const chunks of recorded) expect(chunks).to.have.length(halves.length);
    });

    it(`is whole in what reduce makes of strings and of bytes: ${title}`, async () => {
      const decoded = (chunks: readonly Uint8Array[]) => {
        const decoder = new TextDecoder();
        return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('');
      };
      await withTrace('t', async () => {
        await read(
          spanFunction(() => ReadableStream.from(halves), { reduce: (chunks: string[]) => chunks.join('') })(),
        );
        await read(spanFunction(() => inBytes(text), { reduce: decoded })());
        await read(
          spanFunction(() => inBytes(text).pipeThrough(new TextDecoderStream()), {
            reduce: (all: string[]) => all.join(''),
          })(),
        );
      });
      expect(outputs()).to.deep.equal([text, text, text]);
    });

    it(`is whole in the answers of providers, cut in strings and in bytes: ${title}`, async () => {
      const chunk = (delta: object, finish_reason: string | null = null) => ({
        id: 'c',
        object: 'chat.completion.chunk',
        model: 'm',
        choices: [{ index: 0, delta, finish_reason }],
      });
      const openai = wrapOpenAI(
        new OpenAI({
          apiKey: 'k',
          fetch: sse([
            chunk({ role: 'assistant', content: '' }),
            ...halves.map((content) => chunk({ content })),
            chunk({}, 'stop'),
          ]),
        }),
      );
      const messages = [{ role: 'user' as const, content: 'Hello' }];
      await read(await openai.chat.completions.create({ model: 'm', messages, stream: true }));
      const anthropic = wrapAnthropic(
        new Anthropic({
          apiKey: 'k',
          fetch: sse([
            {
              type: 'message_start',
              message: { id: 'm', type: 'message', role: 'assistant', model: 'c', content: [], usage: {} },
            },
            { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
            ...halves.map((piece) => ({
              type: 'content_block_delta',
              index: 0,
              delta: { type: 'text_delta', text: piece },
            })),
            { type: 'content_block_stop', index: 0 },
            { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: {} },
            { type: 'message_stop' },
          ]),
        }),
      );
      await read(await anthropic.messages.create({ model: 'c', max_tokens: 9, messages, stream: true }));
      const answer = { messages: [{ role: 'assistant', content: text }] };
      expect(outputs()).to.deep.equal([answer, answer]);
    });
  }

  it('is left out if its other half never comes', async () => {
    await withTrace('t', async () => {
      const halves = ['a\ud83d', 'b', '\ude00c', 1, '\ud83d'];
      await read(spanFunction(() => ReadableStream.from(halves))());
    });
    expect(outputs()).to.deep.equal([['a', 'b', 'c', 1, '']]);
  });
});
