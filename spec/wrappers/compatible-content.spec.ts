import { expect } from 'chai';
import { chunk, messages, reply, stream, useCompatible } from './support/compatible-wire.js';

describe('wrapOpenAI(): compatible servers', () => {
  const { scene, client, ask, askStreamed } = useCompatible();

  describe('content in pieces', () => {
    const pieces = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'six times ' }] },
      { type: 'thinking', thinking: 'seven' },
      { type: 'text', text: 'It is ' },
      { type: 'text', text: '42' },
    ];
    const said = { messages: [{ role: 'assistant', content: 'It is 42' }] };

    it('keeps text and thoughts of a whole reply', async () => {
      await ask(reply({ message: { role: 'assistant', content: pieces } }));
      expect(scene.recorded.span.output).to.deep.equal(said);
      expect(scene.recorded.span.metadata).to.include({ reasoning_summary: 'six times seven' });
    });

    it('keeps text and thoughts of a stream', async () => {
      const chunks = pieces.map((piece) => chunk({ content: [piece] }));
      await askStreamed(stream(...chunks, chunk({}, { finish_reason: 'stop' })));
      expect(scene.recorded.span.output).to.deep.equal(said);
      expect(scene.recorded.span.metadata).to.include({ reasoning_summary: 'six times seven' });
    });

    const others = [
      { type: 'refusal', refusal: 'I will not' },
      { type: 'image_url', image_url: { url: 'https://images.test/1.png' } },
      { type: 'audio', audio: { data: 'AAAA', format: 'wav', transcript: 'hello' } },
    ];
    const kept = {
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'image', url: 'https://images.test/1.png' },
            { type: 'audio', mime_type: 'audio/wav', data: 'AAAA', transcript: 'hello' },
          ],
          refusal: 'I will not',
        },
      ],
    };

    it('keeps refusals, pictures and transcripts, whole and streamed alike', async () => {
      await ask(reply({ message: { role: 'assistant', content: others } }));
      await askStreamed(stream(chunk({ content: others }), chunk({}, { finish_reason: 'stop' })));
      expect(scene.recorded.spans.map(({ output }) => output)).to.deep.equal([kept, kept]);
    });

    it('keeps pictures that stand beside the content', async () => {
      const images = [{ type: 'image_url', image_url: { url: 'https://images.test/1.png' } }];
      await ask(reply({ message: { role: 'assistant', content: 'here', images } }));
      await askStreamed(stream(chunk({ content: 'here' }), chunk({ images }, { finish_reason: 'stop' })));
      const [whole, streamed] = scene.recorded.spans.map(({ output }) => output);
      expect(JSON.stringify(whole)).to.include('https://images.test/1.png');
      expect(streamed).to.deep.equal(whole);
    });

    it('keeps content that is a single part instead of a list', async () => {
      await ask(reply({ message: { role: 'assistant', content: { type: 'text', text: 'warm' } } }));
      await askStreamed(stream(chunk({ content: { type: 'text', text: 'warm' } }, { finish_reason: 'stop' })));
      const warm = { messages: [{ role: 'assistant', content: 'warm' }] };
      expect(scene.recorded.spans.map(({ output }) => output)).to.deep.equal([warm, warm]);
    });

    it('keeps annotations and sources, whole and streamed alike', async () => {
      const annotations = [{ type: 'url_citation', url_citation: { url: 'https://pandas.test/1' } }];
      const citations = ['https://pandas.test/1', 'https://pandas.test/2'];
      await ask(
        reply({ message: { role: 'assistant', content: 'warm', annotations } }, { citations, provider: 'Acme' }),
      );
      await askStreamed(
        stream(
          chunk({ content: 'wa' }, {}, { citations, provider: 'Acme' }),
          chunk({ content: 'rm', annotations }, { finish_reason: 'stop' }, { citations }),
        ),
      );
      const cited = { messages: [{ role: 'assistant', content: 'warm', annotations, citations }] };
      expect(scene.recorded.spans.map(({ output }) => output)).to.deep.equal([cited, cited]);
      expect(scene.recorded.spans.map(({ metadata }) => metadata?.provider)).to.deep.equal(['Acme', 'Acme']);
    });

    it('joins messages sent in place of deltas, and skips one that repeats them', async () => {
      await askStreamed(
        stream(
          chunk(undefined, { message: { role: 'assistant', content: 'wa' } }),
          chunk(undefined, { message: { role: 'assistant', content: 'rm' }, finish_reason: 'stop' }),
        ),
      );
      await askStreamed(
        stream(
          chunk({ content: 'wa' }),
          chunk({ content: 'rm' }),
          chunk(undefined, { message: { role: 'assistant', content: 'warm' }, finish_reason: 'stop' }),
        ),
      );
      const warm = { messages: [{ role: 'assistant', content: 'warm' }] };
      expect(scene.recorded.spans.map(({ output }) => output)).to.deep.equal([warm, warm]);
    });

    it('is incomplete if it stops early, though every chunk has an empty reason', async () => {
      scene.answer = stream(
        chunk({ content: 'wa' }, { finish_reason: '' }),
        chunk({ content: 'rm' }, { finish_reason: 'stop' }),
      );
      for await (const _ of await client().chat.completions.create({ model: 'm', messages, stream: true })) break;
      expect(scene.recorded.span.metadata).to.deep.include({ stream_incomplete: true });
    });

    it('has the id of the first chunk that has one: that of Azure begins with an empty one', async () => {
      const filtered = { ...chunk({}), id: '', model: '', choices: [], prompt_filter_results: [] };
      await askStreamed(stream(filtered, { ...chunk({ content: 'warm' }, { finish_reason: 'stop' }), id: 'c7' }));
      expect(scene.recorded.span.metadata).to.deep.equal({ response_id: 'c7', finish_reason: 'stop' });
    });

    it('reads thoughts under each of their names', async () => {
      await ask(reply({ message: { role: 'assistant', content: '42', reasoning: 'r1' } }));
      await ask(reply({ message: { content: '42', reasoning_details: [{ type: 'reasoning.text', text: 'r2' }] } }));
      const thinking_blocks = [{ type: 'thinking', thinking: 'r4', signature: 'sig' }];
      await ask(reply({ message: { content: '42', thinking_blocks } }));
      await askStreamed(
        stream(
          chunk({ reasoning_details: [{ type: 'reasoning.summary', summary: 'r' }] }),
          chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'xx' }] }),
          chunk({ reasoning_details: [{ type: 'reasoning.text', text: '3' }] }, { finish_reason: 'stop' }),
        ),
      );
      const thoughts = scene.recorded.spans.map(({ metadata }) => metadata?.reasoning_summary);
      expect(thoughts).to.deep.equal(['r1', 'r2', 'r4', 'r3']);
    });
  });
});
