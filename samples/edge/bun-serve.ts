// A server of Bun that is asked twice at once, and ends. What is left is delivered as the program ends.
//
// turn  9 tokens  session ana
// ├─ search TOOL
// └─ answer LLM gpt-5.4  9 tokens
//
// turn  9 tokens  session ben
// ├─ search TOOL
// └─ answer LLM gpt-5.4  9 tokens
import { session, withSpan, withTrace } from 'pandaprobe-ts';

async function reply(): Promise<string> {
  const degrees = await withSpan('search', { kind: 'TOOL' }, async () => 21);
  return withSpan('answer', { kind: 'LLM', model: 'gpt-5.4' }, async (current) => {
    current.setTokenUsage({ promptTokens: 6, completionTokens: 3 });
    return `It is ${degrees} °C.`;
  });
}

async function answer(request: Request): Promise<Response> {
  const chat = new URL(request.url).pathname.slice(1);
  return session(chat, () => withTrace('turn', async () => new Response(await reply())));
}

const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer });
const url = `http://127.0.0.1:${server.port}`;
const answers = await Promise.all(['ana', 'ben'].map(async (user) => (await fetch(`${url}/${user}`)).text()));
console.log(answers.join('\n'));
await server.stop();
