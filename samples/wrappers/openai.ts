// OpenAI: each call is a span, embeddings and streams included. With OPENAI_API_KEY it calls OpenAI, otherwise a fake server.
//
// weather-agent  45 tokens
// ├─ openai-embeddings EMBEDDING embed-2026  3 tokens
// ├─ openai-chat LLM model-2026  21 tokens
// └─ openai-chat LLM model-2026  21 tokens
import OpenAI from 'openai';
import { withTrace } from 'pandaprobe-ts';
import { wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';
import { startFake } from './fake.js';

const isOnline = process.env.OPENAI_API_KEY !== undefined;
const client = wrapOpenAI(isOnline ? new OpenAI() : new OpenAI({ apiKey: 'fake', baseURL: `${await startFake()}/v1` }));
const messages = [{ role: 'user' as const, content: 'How warm is it in Lisbon?' }];

await withTrace('weather-agent', async () => {
  await client.embeddings.create({ model: 'text-embedding-3-small', input: 'weather in Lisbon' });
  const answer = await client.chat.completions.create({ model: 'gpt-4.1-mini', messages });
  console.log(answer.choices[0]?.message.content);
  const stream = await client.chat.completions.create({
    model: 'gpt-4.1-mini',
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');
  process.stdout.write('\n');
});
