// Anthropic: outside of any trace a call makes one of its own. With ANTHROPIC_API_KEY it calls Anthropic, otherwise a fake server.
//
// anthropic-messages  21 tokens  session morning
// └─ anthropic-messages LLM model-2026  21 tokens
import Anthropic from '@anthropic-ai/sdk';
import { wrapAnthropic } from 'pandaprobe-ts/wrappers/anthropic';
import { startFake } from './fake.js';

const isOnline = process.env.ANTHROPIC_API_KEY !== undefined;
const bare = isOnline ? new Anthropic() : new Anthropic({ apiKey: 'fake', baseURL: await startFake() });
const client = wrapAnthropic(bare, { sessionId: 'morning' });

const answer = await client.messages.create({
  model: 'claude-haiku-4-5',
  max_tokens: 200,
  messages: [{ role: 'user', content: 'How warm is it in Lisbon?' }],
});
console.log(answer.content.map((block) => (block.type === 'text' ? block.text : '')).join(''));
