// Streams: the span stays open while its generator is read, and ends with it. The first chunk of an LLM span is
// its time to first token, the chunks together its output.
//
// streamed-answer  18 tokens
// └─ answer AGENT
//    ├─ rows RETRIEVER
//    └─ tokens LLM gpt-5.4  18 tokens
//       └─ look-up TOOL
//
// stopped-early  14 tokens
// └─ tokens LLM gpt-5.4  14 tokens
//    └─ look-up TOOL
import { getCurrentSpan, span, withSpan, withTrace } from 'pandaprobe-ts';

const text = 'It is 21 °C in Lisbon.';
const asMessage = (content: string) => ({ messages: [{ role: 'assistant', content }] });

class WeatherAgent {
  @span({ kind: 'AGENT' })
  async *answer(question: string): AsyncGenerator<string> {
    const rows = [...this.rows(question)];
    if (rows.length > 0) yield* this.tokens(question);
  }

  @span({ kind: 'RETRIEVER' })
  *rows(question: string): Generator<{ city: string; degrees: number }> {
    if (question.includes('Lisbon')) yield { city: 'Lisbon', degrees: 21 };
  }

  @span({ kind: 'LLM', model: 'gpt-5.4', reduce: (chunks: string[]) => asMessage(chunks.join('')) })
  async *tokens(_question: string): AsyncGenerator<string> {
    const current = getCurrentSpan();
    let completionTokens = 0;
    try {
      await withSpan('look-up', { kind: 'TOOL' }, async () => 21);
      for (const word of text.match(/\S+\s*/g) ?? []) {
        completionTokens += 1;
        yield word;
      }
    } finally {
      current?.setTokenUsage({ promptTokens: 12, completionTokens }); // also when the reader stops early
    }
  }
}

const agent = new WeatherAgent();
const question = 'How warm is it in Lisbon?';

await withTrace('streamed-answer', async () => {
  for await (const chunk of agent.answer(question)) process.stdout.write(chunk);
  process.stdout.write('\n');
});
await withTrace('stopped-early', async () => {
  let read = '';
  for await (const chunk of agent.tokens(question)) {
    read += chunk;
    if (read.length > 5) break;
  }
});
