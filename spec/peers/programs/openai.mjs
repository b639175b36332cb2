import { abortAt, clientOf, question, read, weather } from './scene.mjs';

const tools = [{ type: 'function', function: { name: 'w', parameters: { type: 'object', properties: {} } } }];

/** An agent written by hand: a wrapped client, and the user's own spans around the tools. */
export function programs({ attach, tracer, models }) {
  const prepared = () => attach({ client: clientOf(models) });
  const request = { model: 'gpt-x', messages: [{ role: 'user', content: question }], tools };
  const streaming = { ...request, stream: true, stream_options: { include_usage: true } };
  const textOf = ({ choices }) => choices[0]?.delta?.content;

  async function agent(ask, answer) {
    const asked = await ask(request.messages);
    const results = await Promise.all(
      asked.tool_calls.map(async (call) => ({
        role: 'tool',
        tool_call_id: call.id,
        content: await tracer.tool('w', async () => answer(JSON.parse(call.function.arguments).city)),
      })),
    );
    return ask([...request.messages, asked, ...results]);
  }
  const whole = (client) => async (messages) =>
    (await client.chat.completions.create({ ...request, messages })).choices[0].message;
  const streamed = (client) => async (messages) => {
    const message = { role: 'assistant', content: '', tool_calls: [] };
    await read(await client.chat.completions.create({ ...streaming, messages }), ({ choices }) => {
      message.content += choices[0]?.delta?.content ?? '';
      message.tool_calls.push(...(choices[0]?.delta?.tool_calls ?? []));
    });
    return message;
  };
  return {
    async tools() {
      const client = await prepared();
      await tracer.root('mine', () => agent(whole(client), weather(tracer)));
    },
    async stream() {
      const client = await prepared();
      await tracer.root('mine', () => agent(streamed(client), weather(tracer)));
    },
    async nested() {
      const client = await prepared();
      await tracer.root('mine', () => agent(whole(client), weather(tracer, client)));
    },
    async break() {
      const client = await prepared();
      await read(await client.chat.completions.create(streaming), (chunk) => !textOf(chunk));
    },
    async abort() {
      const client = await prepared();
      const { signal, on } = abortAt('Hello');
      await read(await client.chat.completions.create(streaming, { signal }), (chunk) => on(textOf(chunk)));
    },
    async error() {
      const client = await prepared();
      await client.chat.completions.create(request);
    },
  };
}
