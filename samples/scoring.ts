// Scores: numbers, yes or no, and categories for a trace, at any time after it began.
//
// qa-agent  49 tokens  $0.00019
// └─ generate LLM gpt-5.4  49 tokens  $0.00019
// score exact-match = true
// score length-ratio = 0.75  answer against reference
// score verdict = PASS  checked by rule
import { score, withTrace } from 'pandaprobe-ts';

const question = 'What is the capital of Portugal?';
const reference = 'It is Lisbon';

const { traceId, answer } = await withTrace(
  'qa-agent',
  { input: { messages: [{ role: 'user', content: question }] } },
  async (t) => {
    const reply = await t.withSpan('generate', { kind: 'LLM', model: 'gpt-5.4' }, async (s) => {
      s.setTokenUsage({ promptTokens: 40, completionTokens: 9 }).setCost({ total: 0.00019 });
      return 'It is Lisbon, of course.';
    });
    t.setOutput({ messages: [{ role: 'assistant', content: reply }] });
    return { traceId: t.traceId, answer: reply };
  },
);

// The data type follows from the value. Scores are sent after their trace.
score(traceId, 'exact-match', answer.startsWith(reference));
score(traceId, 'length-ratio', 0.75, { reason: 'answer against reference' });
score(traceId, 'verdict', 'PASS', {
  dataType: 'CATEGORICAL',
  reason: 'checked by rule',
  metadata: { rule: 'contains-reference' },
});
console.log(answer);
