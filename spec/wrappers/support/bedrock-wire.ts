import type { Answer, Seen } from '../../support/provider.js';
import { events as anthropicEvents, message as anthropicMessage } from './anthropic-wire.js';
import { frame } from './event-stream-frame.js';
import { failureOf } from './failures.js';
import { completion } from './openai-chat-wire.js';

/* The wire format of Amazon Bedrock: JSON, and AWS event streams. The model's name says what is answered. */

/** One event of a stream. */
export const event = (type: string, payload: object) =>
  frame(
    { ':message-type': 'event', ':event-type': type, ':content-type': 'application/json' },
    JSON.stringify(payload),
  );
const exception = (type: string, message: string) =>
  frame(
    { ':message-type': 'exception', ':exception-type': type, ':content-type': 'application/json' },
    JSON.stringify({ message }),
  );
/** One chunk of a body that is streamed. */
export const bodyChunk = (body: object) =>
  event('chunk', { bytes: Buffer.from(JSON.stringify(body)).toString('base64') });

const usage = { inputTokens: 5, outputTokens: 2, totalTokens: 12, cacheReadInputTokens: 3, cacheWriteInputTokens: 2 };
const toolUse = { toolUseId: 'tu1', name: 'weather', input: { city: 'Lisbon' } };

function contentOf(model: string): readonly object[] {
  if (model === 'tools') return [{ text: 'Hello' }, { toolUse }];
  if (model === 'thinking')
    return [
      { reasoningContent: { reasoningText: { text: 'Think of Lisbon.', signature: 'c2ln' } } },
      { text: 'Hello' },
    ];
  return [{ text: 'Hello' }];
}

function converseEvents(model: string): Uint8Array[] {
  const blocks = contentOf(model).flatMap((block, contentBlockIndex) => {
    const at = { contentBlockIndex };
    const delta = (piece: object) => event('contentBlockDelta', { ...at, delta: piece });
    const stop = event('contentBlockStop', at);
    if ('toolUse' in block) {
      const { input: _, ...start } = toolUse;
      return [
        event('contentBlockStart', { ...at, start: { toolUse: start } }),
        delta({ toolUse: { input: '{"city":' } }),
        delta({ toolUse: { input: '"Lisbon"}' } }),
        stop,
      ];
    }
    if ('text' in block) return [delta({ text: 'Hel' }), delta({ text: 'lo' }), stop];
    const thoughts = ['Think of ', 'Lisbon.'].map((text) => delta({ reasoningContent: { text } }));
    return [...thoughts, delta({ reasoningContent: { signature: 'c2ln' } }), stop];
  });
  return [
    event('messageStart', { role: 'assistant' }),
    ...blocks,
    event('messageStop', { stopReason: 'end_turn' }),
    event('metadata', { usage, metrics: { latencyMs: 9 } }),
  ];
}

/** Bodies of InvokeModel by the model that is asked. */
const bodies: Readonly<Record<string, object>> = {
  'anthropic.claude': anthropicMessage([{ type: 'text', text: 'Hello' }]),
  'amazon.nova': {
    output: { message: { role: 'assistant', content: [{ text: 'Hello' }] } },
    stopReason: 'end_turn',
    usage,
  },
  'amazon.titan': {
    inputTextTokenCount: 5,
    results: [{ outputText: 'Hello', tokenCount: 2, completionReason: 'FINISH' }],
  },
  'meta.llama': { generation: 'Hello', prompt_token_count: 5, generation_token_count: 2, stop_reason: 'stop' },
  'mistral.mistral': { outputs: [{ text: 'Hello', stop_reason: 'stop' }] },
  'cohere.command': {
    text: 'Hello',
    finish_reason: 'COMPLETE',
    meta: { billed_units: { input_tokens: 5, output_tokens: 2 } },
  },
  'openai.gpt-oss': completion({ content: 'Hello' }),
  'deepseek.r1': { choices: [{ text: 'Hello', stop_reason: 'stop' }] },
  'amazon.titan-embed': { embedding: [0.5, 0.25, -1], inputTextTokenCount: 3 },
};

const metrics = { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 5, outputTokenCount: 2 } };
const pieces: Readonly<Record<string, readonly object[]>> = {
  'anthropic.claude': anthropicEvents([{ type: 'text', text: 'Hello' }]).filter(
    (each) => 'type' in each && each.type !== 'ping',
  ),
  // Llama and Titan tell of the prompt in the first chunk only.
  'meta.llama': [
    { generation: 'Hel', prompt_token_count: 5, generation_token_count: 1, stop_reason: null },
    { generation: 'lo', prompt_token_count: null, generation_token_count: 2, stop_reason: 'stop', ...metrics },
  ],
  'amazon.titan': [
    { outputText: 'Hel', index: 0, totalOutputTextTokenCount: null, completionReason: null, inputTextTokenCount: 5 },
    { outputText: 'lo', index: 0, totalOutputTextTokenCount: 2, completionReason: 'FINISH', inputTextTokenCount: null },
  ],
  'amazon.nova': [
    { messageStart: { role: 'assistant' } },
    { contentBlockDelta: { delta: { text: 'Hel' }, contentBlockIndex: 0 } },
    { contentBlockDelta: { delta: { text: 'lo' }, contentBlockIndex: 0 } },
    { messageStop: { stopReason: 'end_turn' } },
    { metadata: { usage: { inputTokens: 5, outputTokens: 2 } }, ...metrics },
  ],
  'cohere.command': [
    { text: 'Hel', is_finished: false },
    { text: 'lo', is_finished: false },
    { is_finished: true, finish_reason: 'COMPLETE', ...metrics },
  ],
  'deepseek.r1': [
    { choices: [{ index: 0, text: 'Hel', stop_reason: null }] },
    { choices: [{ index: 0, text: 'lo', stop_reason: 'stop' }], ...metrics },
  ],
  'ai21.jamba': [
    { id: 'c', choices: [{ index: 0, delta: { role: 'assistant', content: 'Hel' }, finish_reason: null }] },
    { id: 'c', choices: [{ index: 0, delta: { content: 'lo' }, finish_reason: 'stop' }], ...metrics },
  ],
  'openai.gpt-oss': [
    { id: 'c', choices: [{ index: 0, delta: { content: 'Hello' }, finish_reason: null }] },
    { id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], ...metrics },
  ],
  'writer.palmyra': [
    { id: 'c', choices: [{ index: 0, delta: { content: 'Hello' }, finish_reason: 'stop' }] },
    { id: 'c', choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 }, ...metrics },
  ],
  'mistral.mistral': [
    { outputs: [{ text: 'Hel', stop_reason: null }] },
    { outputs: [{ text: 'lo', stop_reason: 'stop' }], ...metrics },
  ],
};

const error = (status: number, type: string, message: string): Answer => ({
  kind: 'json',
  status,
  body: { message },
  headers: { 'x-amzn-errortype': type, 'x-amzn-requestid': 'req_1' },
});
const failures = {
  bad: error(400, 'ValidationException', 'nope'),
  limited: error(429, 'ThrottlingException', 'slow down'),
};

/** Answers like Bedrock. */
export function bedrock(seen: Seen): Answer {
  const [, id = '', method = ''] = /^\/model\/([^/]+)\/([\w-]+)/.exec(seen.path) ?? [];
  const model = decodeURIComponent(id).split('/').at(-1) ?? '';
  const failure = failureOf(model, seen, failures, '{"output": ');
  if (failure !== undefined) return failure;
  const stream = (chunks: readonly Uint8Array[], after: 'end' | 'stall' | 'cut' = 'end'): Answer => ({
    kind: 'bytes',
    type: 'application/vnd.amazon.eventstream',
    chunks,
    after,
  });
  if (method === 'converse') {
    const message = { role: 'assistant', content: contentOf(model) };
    return { kind: 'json', body: { output: { message }, stopReason: 'end_turn', usage, metrics: { latencyMs: 12 } } };
  }
  if (method === 'converse-stream') {
    const all = converseEvents(model);
    if (model === 'stall') return stream(all.slice(0, 2), 'stall');
    if (model === 'cut') return stream(all.slice(0, 3), 'cut');
    if (model === 'error-inside') return stream([...all.slice(0, 3), exception('throttlingException', 'slow')]);
    return stream(all);
  }
  const name = model.replace(/-v\d.*$/, '');
  if (method === 'invoke-with-response-stream') return stream((pieces[name] ?? []).map(bodyChunk));
  const counted = { 'x-amzn-bedrock-input-token-count': '5', 'x-amzn-bedrock-output-token-count': '2' };
  return { kind: 'json', body: bodies[name] ?? {}, headers: counted };
}
