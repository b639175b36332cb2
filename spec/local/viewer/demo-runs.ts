// Runs of made-up agents, always the same ones, counted back from a given time: for screenshots and for eyes.
import { type Fields, makeRandom, messages, type Step, said, traceOf, usage } from './run-steps.js';

const instruction =
  'You are the support agent of Bamboo Outfitters. Answer in two or three sentences. Look up orders before you speak of ' +
  'them. Never promise a refund above 200 EUR without a person. When a tool fails, say what you could not check.';

interface Turn {
  readonly question: string;
  readonly tool: string;
  readonly args: Fields;
  readonly result: Fields;
  readonly answer: string;
}

/** The turns of one customer's conversation. */
export const turns: readonly Turn[] = [
  {
    question: 'Hi, where is my order 48213? It was supposed to arrive on Friday.',
    tool: 'lookup_order',
    args: { order_id: 48213 },
    result: {
      order_id: 48213,
      status: 'in_transit',
      carrier: 'DHL',
      eta: '2026-11-24',
      items: ['Trail pack 30 l', 'Rain cover'],
    },
    answer:
      'Your order 48213 (Trail pack 30 l and rain cover) is on its way with DHL. It was held up for a day in the Leipzig hub and is now expected on Tuesday, 24 November.',
  },
  {
    question: 'That is too late, I leave on Monday. Can I change the delivery address to a pick-up shop in Munich?',
    tool: 'change_delivery',
    args: { order_id: 48213, kind: 'pickup', city: 'Munich' },
    result: { changed: false, reason: 'already_sorted', alternatives: ['return_on_arrival', 'forward_after_arrival'] },
    answer:
      'The parcel has already been sorted, so its address cannot be changed any more. I can have it forwarded once it arrives, or we take it back free of charge.',
  },
  {
    question: 'Then please take it back and refund me.',
    tool: 'create_refund',
    args: { order_id: 48213, amount: 149.9, currency: 'EUR' },
    result: { refund_id: 'rf_9921', amount: 149.9, currency: 'EUR', state: 'pending_return' },
    answer:
      'Done: refund rf_9921 over 149.90 EUR is set up and will be paid as soon as the parcel is back with us. You need not be at home, the carrier returns it by itself.',
  },
];

/** One turn of the support agent. */
export function supportTurn(turn: Turn, startedAt: number, random: () => number, more: Fields): Fields {
  const slow = 0.7 + random() * 0.9;
  const at = (ms: number) => Math.round(ms * slow);
  const callId = `call_${Math.floor(random() * 1e8).toString(36)}`;
  const call = { id: callId, type: 'function', function: { name: turn.tool, arguments: JSON.stringify(turn.args) } };
  const asked = [said('system', instruction), said('user', turn.question)];
  const decided = said('assistant', null, { tool_calls: [call] });
  const returned = said('tool', JSON.stringify(turn.result), { tool_call_id: callId, name: turn.tool });
  const parameters = { model_parameters: { temperature: 0.2, max_tokens: 800, tool_choice: 'auto' } };
  const policies = ['Returns within 30 days', 'Delivery changes until sorting', 'Refund limits'];
  const steps: Step[] = [
    {
      ...{ name: 'support-agent', kind: 'AGENT', from: 0, ms: at(4280) },
      more: {
        input: { question: turn.question, channel: 'chat' },
        output: { answer: turn.answer },
        metadata: { max_steps: 6, locale: 'en-GB' },
      },
      below: [
        {
          ...{ name: 'search-policies', kind: 'RETRIEVER', from: at(30), ms: at(410) },
          more: {
            input: { query: turn.question, top_k: 3 },
            output: { documents: policies.map((title, rank) => ({ title, score: 0.91 - rank * 0.13 })) },
          },
          below: [
            {
              ...{ name: 'embed-query', kind: 'EMBEDDING', from: at(40), ms: at(120) },
              more: { input: turn.question, ...usage('text-embedding-3-small', 18, 0, 0.02) },
            },
          ],
        },
        {
          ...{ name: 'decide', kind: 'LLM', from: at(470), ms: at(1180) },
          more: {
            input: messages(...asked),
            output: messages(decided),
            firstTokenMs: at(390),
            ...parameters,
            ...usage('gpt-5-mini', 612 + Math.floor(random() * 300), 48, 0.25),
          },
        },
        {
          ...{ name: turn.tool, kind: 'TOOL', from: at(1810), ms: at(640) },
          more: { input: turn.args, output: turn.result, metadata: { service: 'orders', region: 'eu-central-1' } },
        },
        {
          ...{ name: 'answer', kind: 'LLM', from: at(2510), ms: at(1730) },
          more: {
            input: messages(...asked, decided, returned),
            output: messages(said('assistant', turn.answer)),
            firstTokenMs: at(520),
            ...parameters,
            ...usage('claude-sonnet-4-5', 890 + Math.floor(random() * 400), 96, 3),
          },
        },
      ],
    },
  ];
  return traceOf({
    name: 'support-turn',
    startedAt,
    ms: at(4290),
    question: turn.question,
    answer: turn.answer,
    steps,
    more,
  });
}

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

const hour = 3_600_000;
const topics = [
  'remote work and productivity',
  'spaced repetition',
  'cold exposure',
  'code review speed',
  'four-day weeks',
];
const users = ['mina.park', 'jonas.weber', 'a.okafor', 'li.chen'];

/** Three days of work, the newest a few seconds before `now`. */
export function demoRuns(now: number): Fields[] {
  const random = makeRandom(7);
  const runs: Fields[] = [];
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  for (let at = 110; at > 0; at -= 1) {
    const startedAt = now - at * (72 / 110) * hour + (random() - 0.5) * 0.5 * hour - 90_000;
    const hourOfDay = new Date(startedAt).getUTCHours();
    if ((hourOfDay < 6 || hourOfDay > 21) && random() < 0.75) continue;
    const common = { environment: 'production', release: at > 40 ? '2.3.1' : '2.4.0' };
    const dice = random();
    if (dice < 0.6) {
      const user = pick(users);
      const session = `chat-${1000 + at}`;
      const several = 1 + Math.floor(random() * 3);
      for (const [turn, each] of turns.slice(0, several).entries()) {
        runs.push(
          supportTurn(each, startedAt + turn * 70_000, random, {
            ...common,
            session_id: session,
            user_id: user,
            tags: ['support'],
          }),
        );
      }
    } else if (dice < 0.88)
      runs.push(
        researchRun(pick(topics), startedAt, random, { ...common, user_id: pick(users), tags: ['research', 'batch'] }),
      );
    else runs.push(failedReview(startedAt, random, { ...common, tags: ['ci'] }));
  }
  const today = { environment: 'production', release: '2.4.0' };
  runs.push(failedReview(now - 400_000, random, { ...today, tags: ['ci'] }));
  runs.push(
    researchRun('spaced repetition', now - 300_000, random, { ...today, user_id: 'li.chen', tags: ['research'] }),
  );
  for (const [turn, each] of turns.entries()) {
    runs.push(
      supportTurn(each, now - 240_000 + turn * 70_000, random, {
        ...today,
        session_id: 'chat-2048',
        user_id: 'mina.park',
        tags: ['support', 'vip'],
      }),
    );
  }
  return runs;
}
