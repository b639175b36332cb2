// As in the platform vendor's manual, with only the import name changed: callback wrappers.
import { flush, init, SpanKind, withSpan, withTrace } from 'pandaprobe-ts';

init({ apiKey: 'sk_pp_...', projectName: 'my-project', endpoint: process.env.PANDAPROBE_ENDPOINT ?? '' });

await withTrace('agent', { input: { messages: [{ role: 'user', content: 'hi' }] } }, async (t) => {
  const answer = await withSpan('llm', { kind: SpanKind.LLM, model: 'gpt-4o' }, async (s) => {
    s.setInput({ messages: [{ role: 'user', content: 'hi' }] });
    const out = { messages: [{ role: 'assistant', content: 'hello' }] };
    s.setOutput(out);
    return out;
  });
  t.setOutput(answer);
});
await flush();
