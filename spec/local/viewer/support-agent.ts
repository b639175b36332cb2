// A made-up agent that answers customers, for the demo runs.
import { type Fields, messages, type Step, said, traceOf, usage } from './run-steps.js';

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
