import * as agents from '@openai/agents';
import { z } from 'zod';
import { abortAt, clientOf, question, read, weather } from './scene.mjs';

export function programs({ attach, tracer, models }) {
  agents.setTraceProcessors([]); // OpenAI's own would ask the network
  agents.setTracingDisabled(false);
  agents.setDefaultOpenAIClient(clientOf(models));
  const prepared = async (client) => {
    await attach({ agents });
    const answer = weather(tracer, client);
    const w = agents.tool({
      name: 'w',
      description: 'Weather',
      parameters: z.object({ city: z.string() }),
      execute: async ({ city }) => answer(city),
    });
    const boss = new agents.Agent({ name: 'boss', instructions: 'Be brief.', model: 'gpt-x', tools: [w] });
    return (options) => agents.run(boss, question, options);
  };
  const streamed = async (on, options) => {
    const stream = await (await prepared())({ stream: true, ...options });
    await read(stream, on);
    await stream.completed.catch(() => {});
  };
  const textOf = ({ data }) => (data?.type === 'output_text_delta' ? data.delta : undefined);
  return {
    tools: async () => (await prepared())(),
    stream: () => streamed(),
    async nested() {
      const run = await prepared(await tracer.wrapClient(clientOf(models)));
      await tracer.root('mine', () => run());
    },
    break: () => streamed((event) => textOf(event) === undefined),
    async abort() {
      const { signal, on } = abortAt('Hello');
      await streamed((event) => on(textOf(event)), { signal });
    },
    error: async () => (await prepared())(),
  };
}
