import { expect } from 'chai';
import { chunk, reply, stream, useCompatible } from './support/compatible-wire.js';

describe('wrapOpenAI(): compatible servers', () => {
  const { scene, ask, askStreamed } = useCompatible();

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

    it('reads thoughts under each name', async () => {
      await ask(reply({ message: { role: 'assistant', content: '42', reasoning: 'r1' } }));
      await ask(reply({ message: { content: '42', reasoning_details: [{ type: 'reasoning.text', text: 'r2' }] } }));
      await askStreamed(
        stream(
          chunk({ reasoning_details: [{ type: 'reasoning.summary', summary: 'r' }] }),
          chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'xx' }] }),
          chunk({ reasoning_details: [{ type: 'reasoning.text', text: '3' }] }, { finish_reason: 'stop' }),
        ),
      );
      const thoughts = scene.recorded.spans.map(({ metadata }) => metadata?.reasoning_summary);
      expect(thoughts).to.deep.equal(['r1', 'r2', 'r3']);
    });
  });
});
