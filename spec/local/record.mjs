// Records one run with the built package and prints its id; where it goes, the environment says.
import { score, shutdown, startTrace, withSpan } from 'pandaprobe-ts';

const t = startTrace('checkout', {
  sessionId: 'cart-1',
  tags: ['shop'],
  input: { messages: [{ role: 'user', content: 'buy' }] },
});
await t.withSpan('plan', { kind: 'AGENT' }, async () => {
  await withSpan('ask', { kind: 'LLM', model: 'gpt-5.4' }, async (s) => {
    s.setTokenUsage({ promptTokens: 7, completionTokens: 5 }).setCost({ total: 0.01 });
    return 'done';
  });
});
t.end();
score(t.traceId, 'paid', true);
await shutdown();
console.log(t.traceId);
