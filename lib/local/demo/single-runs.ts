import type { DemoRun, DemoStep } from './draft.js';

function search(query: string, takes: number, found: readonly string[]): DemoStep {
  return {
    name: 'web-search',
    kind: 'TOOL',
    takes,
    input: { query },
    output: { results: found.map((title, at) => ({ rank: at + 1, title })) },
  };
}

const topic = 'How do cities in northern Europe clear bicycle lanes of snow?';

/** Searches in parallel, one of which is refused and tried again, then a long streamed report. */
export const researchRun: DemoRun = {
  name: 'research-agent',
  status: 'COMPLETED',
  user: 'ben',
  tags: ['research'],
  input: { messages: [{ role: 'user', content: topic }] },
  output: { messages: [{ role: 'assistant', content: 'Most of them sweep and salt before 6 in the morning …' }] },
  steps: [
    {
      name: 'plan',
      kind: 'LLM',
      takes: 980,
      model: 'claude-sonnet-4-5',
      parameters: { temperature: 0, max_tokens: 1024 },
      tokens: [356, 118],
      input: { messages: [{ role: 'user', content: topic }] },
      output: { messages: [{ role: 'assistant', content: '1. Copenhagen  2. Oulu  3. Umeå' }] },
    },
    {
      name: 'gather',
      kind: 'CHAIN',
      takes: 8,
      together: true,
      steps: [
        search('Copenhagen bicycle lanes snow sweeping', 610, ['Snow plan of the city', 'Why lanes come before roads']),
        search('Oulu winter cycling maintenance', 870, ['The winter cycling capital', 'Compacted snow, not salt']),
        {
          name: 'search-with-retry',
          kind: 'CHAIN',
          takes: 4,
          steps: [
            {
              name: 'web-search',
              kind: 'TOOL',
              takes: 95,
              input: { query: 'Umeå cykelvägar snöröjning' },
              error: 'HTTP 429: too many requests, try again in 1 s',
            },
            search('Umeå cykelvägar snöröjning', 540, ['Prioriterade cykelvägar']),
          ],
        },
      ],
    },
    {
      name: 'write-report',
      kind: 'LLM',
      takes: 6400,
      firstToken: 720,
      model: 'claude-sonnet-4-5',
      parameters: { temperature: 0.4, max_tokens: 4096, stream: true },
      tokens: [5210, 1480, 2048],
      input: {
        messages: [
          { role: 'system', content: 'Write a short report with sources.' },
          { role: 'user', content: topic },
        ],
      },
      output: {
        messages: [
          {
            role: 'assistant',
            content: '# Snow on bicycle lanes\n\nMost of them sweep and salt before 6 in the morning …',
          },
        ],
      },
    },
  ],
  score: { name: 'faithfulness', value: '0.92', data_type: 'NUMERIC', reason: 'all but one claim has a source' },
};

/** An agent that gives up: its tool fails twice and the model's answer is cut off. */
export const failingRun: DemoRun = {
  name: 'invoice-agent',
  status: 'ERROR',
  user: 'clara',
  tags: ['billing', 'production'],
  input: { messages: [{ role: 'user', content: 'Please book the invoice in invoice-0417.pdf.' }] },
  steps: [
    {
      name: 'invoice-agent',
      kind: 'AGENT',
      takes: 12,
      input: { file: 'invoice-0417.pdf' },
      error: 'InvoiceError: the total could not be read after two attempts',
      steps: [
        {
          name: 'read-page',
          kind: 'LLM',
          takes: 2100,
          model: 'gemini-2.5-flash',
          parameters: { temperature: 0 },
          tokens: [1620, 210],
          input: {
            messages: [
              {
                role: 'user',
                content: [
                  { type: 'text', text: 'Read sender, date and total of this page.' },
                  { type: 'image_url', image_url: { url: 'https://files.example/invoice-0417-1.png', detail: 'high' } },
                ],
              },
            ],
          },
          output: {
            messages: [{ role: 'assistant', content: '{"sender":"Velo Parts Ltd","date":"2026-03-02","total":null}' }],
          },
        },
        {
          name: 'parse-total',
          kind: 'TOOL',
          takes: 3,
          input: { total: null },
          error: 'TypeError: expected an amount, got null',
        },
        {
          name: 'read-page',
          kind: 'LLM',
          takes: 30_000,
          firstToken: 2900,
          model: 'gemini-2.5-flash',
          parameters: { temperature: 0.7 },
          tokens: [1660, 0],
          input: { messages: [{ role: 'user', content: 'Look again: what is the total?' }] },
          error: 'TimeoutError: the stream broke off after 30 s',
        },
      ],
    },
  ],
};

/** A pipeline without a conversation: plain values in and out. */
export const pipelineRun: DemoRun = {
  name: 'nightly-index',
  status: 'COMPLETED',
  tags: ['batch'],
  input: { folder: 'handbook/', changed: 3 },
  output: { indexed: 3, chunks: 41 },
  steps: ['returns.md', 'shipping.md', 'brakes.md'].map((file, at) => ({
    name: 'index-file',
    kind: 'CHAIN',
    takes: 15,
    input: { file },
    output: { chunks: 11 + at * 4 },
    steps: [
      { name: 'split', kind: 'OTHER', takes: 4, input: { file }, output: { chunks: 11 + at * 4 } },
      {
        name: 'embed-chunks',
        kind: 'EMBEDDING',
        takes: 240 + at * 70,
        model: 'text-embedding-3-small',
        tokens: [5200 + at * 1800, 0],
        input: { texts: 11 + at * 4 },
        output: { dimensions: 1536 },
      },
    ],
  })),
};
