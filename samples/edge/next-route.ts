// app/ask/route.ts of Next.js 16, in its edge runtime: the settings come from the variables, and what the route records is sent after
// its answer. `after()` of Next.js would do as well: `after(() => flush())`.
//
// turn  9 tokens
// ├─ search TOOL
// └─ answer LLM gpt-5.4  9 tokens
import { flushAfter, withSpan, withTrace } from 'pandaprobe-ts';

export const runtime = 'edge';

async function reply(): Promise<Response> {
  const degrees = await withSpan('search', { kind: 'TOOL' }, async () => 21);
  const said = await withSpan('answer', { kind: 'LLM', model: 'gpt-5.4' }, async (current) => {
    current.setTokenUsage({ promptTokens: 6, completionTokens: 3 });
    return `It is ${degrees} °C.`;
  });
  return Response.json({ said });
}

export const GET = flushAfter(() => withTrace('turn', reply));
