// Calls models through wrapped clients, one of each subpath, and prints what the first said. OpenAI's is its real client;
// the others have the shape of theirs, which is what the wrappers go by.
import OpenAI from 'openai';
import { flush, init, withTrace } from 'pandaprobe-ts';
import { wrapAnthropic } from 'pandaprobe-ts/wrappers/anthropic';
import { wrapBedrock } from 'pandaprobe-ts/wrappers/bedrock';
import { wrapGemini } from 'pandaprobe-ts/wrappers/gemini';
import { wrapMistral } from 'pandaprobe-ts/wrappers/mistral';
import { wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';

init();

const openai = wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: process.env.PROVIDER }));
const anthropic = wrapAnthropic({ messages: { create: async () => ({ role: 'assistant', content: [] }) } });
const gemini = wrapGemini({ models: { generateContent: async () => ({ candidates: [] }) } });
const mistral = wrapMistral({ chat: { complete: async () => ({ choices: [] }) } });
const stack = [];
wrapBedrock({ middlewareStack: { add: (middleware) => stack.push(middleware), remove: () => true } });
const send = stack[0](async () => ({ output: {}, response: {} }), { commandName: 'ConverseCommand' });

const messages = [{ role: 'user', content: 'How warm is it?' }];
await withTrace('turn', async () => {
  const answer = await openai.chat.completions.create({ model: 'plain', messages });
  await anthropic.messages.create({ model: 'plain', messages });
  await gemini.models.generateContent({ model: 'plain', contents: 'How warm is it?' });
  await mistral.chat.complete({ model: 'plain', messages });
  await send({ input: { modelId: 'plain', messages: [] } });
  console.log(answer.choices[0].message.content);
});
const { ok, delivered } = await flush();
console.log(`${ok ? 'ok' : 'not ok'}, ${delivered} delivered`);
