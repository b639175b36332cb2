// A made-up agent that reads up on a topic, for the demo runs.
import { type Fields, messages, type Step, said, traceOf, usage } from './run-steps.js';

/** Several searches at a time, one that fails, a sub-agent, a long answer. */
export function researchRun(topic: string, startedAt: number, random: () => number, more: Fields): Fields {
  const pace = 0.6 + random() * 0.8;
  const sources = ['arxiv', 'crossref', 'web', 'news'];
  const failing = Math.floor(random() * 4);
  const question = `What is known about ${topic}? Compare the three most cited results and say where they disagree.`;
  const answer = `Three results dominate the literature on ${topic}. They agree on the direction of the effect, but not on its size: the oldest reports 12 %, the two newer ones 4 % and 5 %. The difference comes from the sample: only the first was not randomised.`;
  const search = (source: string, at: number): Step => {
    const hasFailed = at === failing;
    return {
      ...{
        name: `search-${source}`,
        kind: 'TOOL',
        from: 1900 + at * 60,
        ms: hasFailed ? 3050 : 900 + Math.floor(random() * 1400),
      },
      more: {
        input: { query: topic, source, limit: 20 },
        ...(hasFailed
          ? {
              status: 'ERROR',
              error: `TimeoutError: ${source} did not answer within 3000 ms\n    at fetchWithTimeout (search.ts:41:11)\n    at async searchSource (search.ts:88:20)`,
              metadata: { attempt: 1, retried: true },
            }
          : {
              output: {
                hits: Array.from({ length: 6 }, (_, rank) => ({
                  title: `${topic}, part ${rank + 1}`,
                  year: 2018 + rank,
                  citations: 900 - rank * 140,
                })),
              },
            }),
      },
    };
  };
  const read = (at: number): Step => ({
    ...{ name: 'read-paper', kind: 'AGENT', from: 5600 + at * 180, ms: 4200 + at * 700 },
    more: { metadata: { paper: at + 1 } },
    below: [
      {
        name: 'fetch-pdf',
        kind: 'TOOL',
        from: 5620 + at * 180,
        ms: 800 + at * 150,
        more: { input: { doi: `10.1000/${at + 1}042` }, output: { pages: 14 + at, bytes: 812_000 } },
      },
      {
        ...{ name: 'extract-claims', kind: 'LLM', from: 6800 + at * 330, ms: 2600 + at * 350 },
        more: {
          input: messages(
            said('user', [
              { type: 'text', text: 'List the claims of this page, each with its evidence.' },
              { type: 'image', mime_type: 'image/png', size_bytes: 184_220 },
            ]),
          ),
          output: messages(
            said('assistant', `Claim 1: the effect of ${topic} is positive.\nClaim 2: it grows with the dose.`),
          ),
          ...{ firstTokenMs: 700, model_parameters: { temperature: 0, max_tokens: 2000 } },
          ...usage('gpt-5', Math.round((4200 + at * 900) * pace), 340, 1.25),
        },
      },
    ],
  });
  const steps: Step[] = [
    {
      ...{ name: 'research-agent', kind: 'AGENT', from: 0, ms: 16_900 },
      more: { input: { topic }, metadata: { depth: 2 } },
      below: [
        {
          name: 'plan',
          kind: 'LLM',
          from: 40,
          ms: 1650,
          more: {
            input: messages(said('user', question)),
            output: messages(
              said(
                'assistant',
                '1. Search four sources.\n2. Read the three most cited papers.\n3. Compare their claims.',
              ),
            ),
            firstTokenMs: 610,
            ...usage('gpt-5', 380, 120, 1.25),
          },
        },
        {
          name: 'gather',
          kind: 'CHAIN',
          from: 1880,
          ms: 3400,
          below: [
            ...sources.map(search),
            {
              name: `search-${sources[failing]}-cached`,
              kind: 'TOOL',
              from: 5010,
              ms: 210,
              more: { output: { hits: 3, from: 'cache' } },
            },
          ],
        },
        {
          name: 'rank',
          kind: 'EMBEDDING',
          from: 5320,
          ms: 240,
          more: { ...usage('text-embedding-3-small', 2100, 0, 0.02), metadata: { vectors: 24 } },
        },
        { name: 'read', kind: 'CHAIN', from: 5600, ms: 6100, below: [read(0), read(1), read(2)] },
        {
          name: 'write-answer',
          kind: 'LLM',
          from: 12_400,
          ms: 4400,
          more: {
            input: messages(said('system', 'Compare the claims. Name every source.'), said('user', question)),
            output: messages(said('assistant', answer)),
            firstTokenMs: 900,
            model_parameters: { temperature: 0.4, max_tokens: 4000 },
            ...usage('claude-sonnet-4-5', Math.round(6100 * pace), Math.round(820 * pace), 3),
          },
        },
      ],
    },
  ];
  return traceOf({ name: 'research', startedAt, ms: 16_910, pace, question, answer, steps, more });
}
