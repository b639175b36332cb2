// Mistral: a stream counts its tokens without being asked. With MISTRAL_API_KEY it calls Mistral, otherwise a fake server.
//
// weather-agent  21 tokens
// └─ mistral-chat LLM model-2026  21 tokens
import { Mistral } from '@mistralai/mistralai';
import { withTrace } from 'pandaprobe-ts';
import { wrapMistral } from 'pandaprobe-ts/wrappers/mistral';
import { startFake } from './fake.js';

const apiKey = process.env.MISTRAL_API_KEY;
const client = wrapMistral(
  new Mistral(apiKey === undefined ? { apiKey: 'fake', serverURL: await startFake() } : { apiKey }),
);

await withTrace('weather-agent', async () => {
  const stream = await client.chat.stream({
    model: 'mistral-small-latest',
    messages: [{ role: 'user', content: 'How warm is it in Lisbon?' }],
  });
  for await (const { data } of stream) process.stdout.write(String(data.choices[0]?.delta.content ?? ''));
  process.stdout.write('\n');
});
