import { expect } from 'chai';
import { chunk, reply, stream, useCompatible } from './support/compatible-wire.js';

describe('wrapOpenAI(): compatible servers', () => {
  const { scene, ask, askStreamed } = useCompatible();

  describe('tool calls in pieces', () => {
    const call = (id: string | undefined, index: number, name: string | undefined, args: string) => ({
      index,
      ...(id === undefined ? {} : { id, type: 'function' }),
      function: { ...(name === undefined ? {} : { name }), arguments: args },
    });
    const calls = async (...pieces: readonly object[]) => {
      const chunks = pieces.map((piece) => chunk({ tool_calls: [piece] }));
      await askStreamed(stream(...chunks, chunk({}, { finish_reason: 'tool_calls' })));
      const { messages } = scene.recorded.span.output as { messages: { tool_calls: { function: object }[] }[] };
      return messages[0]?.tool_calls.map((each) => each.function);
    };
    const weather = { name: 'weather', arguments: '{"city":"Bern"}' };
    const time = { name: 'time', arguments: '{"zone":"UTC"}' };

    it('distinguishes calls with the same index by their ids', async () => {
      const told = await calls(call('a', 0, 'weather', '{"city":"Bern"}'), call('b', 0, 'time', '{"zone":"UTC"}'));
      expect(told).to.deep.equal([weather, time]);
    });

    it('distinguishes calls without ids if each is whole', async () => {
      const told = await calls(call('', 0, 'weather', '{"city":"Bern"}'), call('', 0, 'time', '{"zone":"UTC"}'));
      expect(told).to.deep.equal([weather, time]);
    });

    it('joins pieces of calls with the same index by their ids, in any order', async () => {
      const told = await calls(
        call('a', 0, 'weather', '{"city":'),
        call('b', 0, 'time', '{"zone":'),
        call('a', 0, undefined, '"Bern"}'),
        call('b', 0, undefined, '"UTC"}'),
      );
      expect(told).to.deep.equal([weather, time]);
    });

    it('joins pieces if the server repeats the name, or sends a new id with each', async () => {
      expect(await calls(call('a', 0, 'weather', '{"city":'), call(undefined, 0, 'weather', '"Bern"}'))).to.deep.equal([
        weather,
      ]);
      scene.recorded.memory.clear();
      expect(await calls(call('a', 0, 'weather', '{"city":'), call('b', 0, undefined, '"Bern"}'))).to.deep.equal([
        weather,
      ]);
    });

    it('keeps calls of a whole reply in the same form as those of a stream, without fields that a server adds', async () => {
      const extra_content = { google: { thought_signature: 'c2lnbmF0dXJl' } };
      const given = { index: 0, id: 'a', type: 'function', extra_content };
      const whole = { ...given, function: { name: 'weather', arguments: { city: 'Bern' } } };
      const custom = { id: 'b', type: 'custom', custom: { name: 'shell', input: 'ls' } };
      await ask(reply({ message: { role: 'assistant', content: null, tool_calls: [whole, custom] } }));
      await askStreamed(
        stream(
          chunk({ tool_calls: [whole] }),
          chunk({ tool_calls: [{ index: 1, ...custom }] }, { finish_reason: 'stop' }),
        ),
      );
      const tool_calls = [
        { id: 'a', type: 'function', function: weather },
        { id: 'b', type: 'function', function: { name: 'shell', arguments: 'ls' } },
      ];
      const said = { messages: [{ role: 'assistant', content: null, tool_calls }] };
      expect(scene.recorded.spans.map(({ output }) => output)).to.deep.equal([said, said]);
      expect(scene.recorded.text).not.to.include('c2lnbmF0dXJl');
    });

    it('orders calls by index, and accepts arguments that arrive before the name', async () => {
      const told = await calls(
        call(undefined, 1, undefined, '{"zone":'),
        call('a', 0, 'weather', '{"city":"Bern"}'),
        call('b', 1, 'time', '"UTC"}'),
      );
      expect(told).to.deep.equal([weather, time]);
    });
  });
});
