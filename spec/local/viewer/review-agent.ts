// A made-up agent that reviews code, for the demo runs.
import { type Fields, messages, type Step, said, traceOf } from './run-steps.js';

/** A run that ends with an error of the provider. */
export function failedReview(startedAt: number, random: () => number, more: Fields): Fields {
  const question = 'Review pull request #318: “Cache the price list”.';
  const error = 'RateLimitError: 429 Too many requests: tokens per minute exceeded, try again in 12 s';
  const steps: Step[] = [
    {
      ...{ name: 'review-agent', kind: 'AGENT', from: 0, ms: 5200 },
      more: { status: 'ERROR', error },
      below: [
        {
          name: 'read-diff',
          kind: 'TOOL',
          from: 20,
          ms: 300 + Math.floor(random() * 200),
          more: { input: { pull_request: 318 }, output: { files: 4, additions: 212, deletions: 38 } },
        },
        {
          name: 'review',
          kind: 'LLM',
          from: 700,
          ms: 4400,
          more: {
            status: 'ERROR',
            error,
            input: messages(said('user', question)),
            model: 'claude-sonnet-4-5',
            metadata: { attempts: 3, status: 429 },
          },
        },
      ],
    },
  ];
  return traceOf({ name: 'code-review', startedAt, ms: 5210, question, answer: undefined, steps, more });
}
