import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { createAgent } from 'langchain';
import { z } from 'zod';
import { abortAt, clientOf, question, read, weather } from './scene.mjs';

export function programs({ attach, tracer, models }) {
  const prepared = async (client) => {
    const callbacks = await attach();
    const answer = weather(tracer, client);
    const w = tool(({ city }) => answer(city), {
      name: 'w',
      description: 'Weather',
      schema: z.object({ city: z.string() }),
    });
    const model = new ChatOpenAI({
      model: 'gpt-x',
      apiKey: 'k',
      maxRetries: 0,
      configuration: { baseURL: models },
    });
    const agent = createAgent({ model, tools: [w], name: 'boss' });
    const input = { messages: [{ role: 'user', content: question }] };
    return {
      invoke: () => agent.invoke(input, { callbacks }),
      stream: (more = {}) => agent.stream(input, { callbacks, streamMode: 'messages', ...more }),
    };
  };
  return {
    tools: async () => (await prepared()).invoke(),
    stream: async () => read(await (await prepared()).stream()),
    async nested() {
      const { invoke } = await prepared(await tracer.wrapClient(clientOf(models)));
      await tracer.root('mine', invoke);
    },
    break: async () => read(await (await prepared()).stream(), ([message]) => message.content === ''),
    async abort() {
      const { signal, on } = abortAt('Hello');
      await read(await (await prepared()).stream({ signal }), ([message]) => on(message.content));
    },
    error: async () => (await prepared()).invoke(),
  };
}
