import type { DemoRun, DemoStep } from './draft.js';

interface SupportTurn {
  readonly question: string;
  readonly documents: readonly { readonly title: string; readonly text: string }[];
  readonly tool?: DemoStep;
  readonly thinking: DemoStep;
  readonly answer: string;
  readonly tokens: readonly [number, number, number];
}

const system = {
  role: 'system',
  content: 'You help customers of a bicycle shop. Use the documents. Be brief and kind.',
};
const parameters = { temperature: 0.2, max_tokens: 600 };

const turns: readonly SupportTurn[] = [
  {
    question: 'Hi! I ordered a pair of brake pads on Monday. Where are they?',
    documents: [
      { title: 'Shipping times', text: 'Orders placed before 14:00 leave the same day and arrive within two days.' },
      { title: 'Tracking', text: 'Every parcel has a tracking number, sent by mail as soon as it leaves.' },
    ],
    thinking: {
      name: 'choose-tool',
      kind: 'LLM',
      takes: 640,
      model: 'gpt-5.4-mini',
      parameters,
      tokens: [812, 34],
      input: {
        messages: [system, { role: 'user', content: 'Hi! I ordered a pair of brake pads on Monday. Where are they?' }],
      },
      output: {
        messages: [
          {
            role: 'assistant',
            content: null,
            tool_calls: [
              {
                id: 'call_1',
                type: 'function',
                function: { name: 'find_order', arguments: '{"customer":"ana","item":"brake pads"}' },
              },
            ],
          },
        ],
      },
    },
    tool: {
      name: 'find_order',
      kind: 'TOOL',
      takes: 180,
      input: { customer: 'ana', item: 'brake pads' },
      output: { order: 'B-20417', status: 'in transit', carrier: 'Northpost', due: 'tomorrow' },
    },
    answer:
      'Good news, Ana: your brake pads (order B-20417) are on their way with Northpost and should be with you tomorrow.',
    tokens: [1104, 52, 768],
  },
  {
    question: 'Great. Do they fit a Vento 3 from 2021?',
    documents: [
      { title: 'Brake pads BP-7', text: 'Fits Vento 2 and Vento 3, model years 2019 to 2023, front and rear.' },
      { title: 'Vento 3', text: 'Hydraulic disc brakes, 160 mm.' },
    ],
    thinking: {
      name: 'choose-tool',
      kind: 'LLM',
      takes: 410,
      model: 'gpt-5.4-mini',
      parameters,
      tokens: [1290, 12, 1024],
      input: { messages: [system, { role: 'user', content: 'Great. Do they fit a Vento 3 from 2021?' }] },
      output: { messages: [{ role: 'assistant', content: 'No tool is needed.' }] },
    },
    answer: 'Yes: the BP-7 pads fit the Vento 3 of all years from 2019 to 2023, front and rear.',
    tokens: [1388, 41, 1024],
  },
  {
    question: 'Perfect. And can I send them back if I change my mind?',
    documents: [{ title: 'Returns', text: 'Unused parts can be returned within 30 days. The shop pays the way back.' }],
    thinking: {
      name: 'choose-tool',
      kind: 'LLM',
      takes: 380,
      model: 'gpt-5.4-mini',
      parameters,
      tokens: [1502, 12, 1280],
      input: {
        messages: [system, { role: 'user', content: 'Perfect. And can I send them back if I change my mind?' }],
      },
      output: { messages: [{ role: 'assistant', content: 'No tool is needed.' }] },
    },
    answer: 'Of course. As long as they are unused you have 30 days, and the way back is on us.',
    tokens: [1571, 38, 1280],
  },
];

/** A customer's conversation: one run a turn, all in one session. */
export function supportRuns(session: string): DemoRun[] {
  return turns.map((turn, at) => {
    const asked = { role: 'user', content: turn.question };
    const said = { role: 'assistant', content: turn.answer };
    const before = turns.slice(0, at).flatMap(({ question, answer }) => [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ]);
    const context = turn.documents.map(({ title, text }) => `# ${title}\n${text}`).join('\n\n');
    return {
      name: 'support-agent',
      status: 'COMPLETED',
      session,
      user: 'ana',
      tags: ['support', 'production'],
      input: { messages: [asked] },
      output: { messages: [said] },
      metadata: { turn: at + 1, channel: 'web chat' },
      steps: [
        {
          name: 'search-handbook',
          kind: 'RETRIEVER',
          takes: 24,
          input: { query: turn.question, limit: 4 },
          output: { documents: turn.documents },
          steps: [
            {
              name: 'embed-query',
              kind: 'EMBEDDING',
              takes: 62,
              model: 'text-embedding-3-small',
              tokens: [14 + at * 3, 0],
              input: { text: turn.question },
              output: { dimensions: 1536 },
            },
          ],
        },
        {
          name: 'answer',
          kind: 'AGENT',
          takes: 6,
          input: { question: turn.question },
          output: turn.answer,
          steps: [
            turn.thinking,
            ...(turn.tool === undefined ? [] : [turn.tool]),
            {
              name: 'write-answer',
              kind: 'LLM',
              takes: 1240 + at * 90,
              firstToken: 310 + at * 25,
              model: 'gpt-5.4',
              parameters: { ...parameters, stream: true },
              tokens: turn.tokens,
              input: { messages: [system, ...before, asked, { role: 'system', content: context }] },
              output: { messages: [said] },
            },
          ],
        },
      ],
      ...(at === turns.length - 1
        ? {
            score: {
              name: 'helpful',
              value: 'true',
              data_type: 'BOOLEAN',
              reason: 'thumbs up from the customer',
            } as const,
          }
        : {}),
    };
  });
}
