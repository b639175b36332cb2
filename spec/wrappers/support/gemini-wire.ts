import type { Answer, Seen } from '../../support/provider.js';
import { failureOf } from './failures.js';

/* The wire format of Gemini. The model's name in a request's path says what is answered. */

export const usage = {
  promptTokenCount: 12,
  candidatesTokenCount: 4,
  thoughtsTokenCount: 3,
  totalTokenCount: 19,
  cachedContentTokenCount: 5,
};
const weather = { functionCall: { name: 'weather', args: { city: 'Lisbon' } } };

function answer(parts: readonly object[], more: object = {}): object {
  const candidate = { content: { role: 'model', parts }, index: 0, finishReason: 'STOP', ...more };
  return { candidates: [candidate], modelVersion: 'gemini-x-001', responseId: 'g1', usageMetadata: usage };
}

/** A chunk that is not the last; usage comes before the last one. */
function chunk(parts: readonly object[], more: object = {}): object {
  return {
    candidates: [{ content: { role: 'model', parts }, index: 0 }],
    modelVersion: 'gemini-x-001',
    responseId: 'g1',
    ...more,
  };
}

/** A prompt that is not answered. */
const blocked = {
  promptFeedback: { blockReason: 'SAFETY', blockReasonMessage: 'The prompt was blocked.' },
  modelVersion: 'gemini-x-001',
  usageMetadata: { promptTokenCount: 12, totalTokenCount: 12 },
};

/** An answer that the provider itself could not read. */
const unparsed = {
  index: 0,
  finishReason: 'MALFORMED_FUNCTION_CALL',
  finishMessage: 'Malformed function call: weather(',
};

interface Request {
  readonly contents?: unknown;
  readonly requests?: readonly unknown[];
}

const error = (code: number, status: string, message: string): Answer => ({
  kind: 'json',
  status: code,
  body: { error: { code, message, status } },
});
const failures = {
  bad: error(400, 'INVALID_ARGUMENT', 'nope'),
  'no-key': error(400, 'INVALID_ARGUMENT', 'API key AIzaSyAbcdefghijklmnopqrstuvwxyz not valid'),
  limited: error(429, 'RESOURCE_EXHAUSTED', 'slow down'),
};

/** Answers like Gemini. */
export function gemini(seen: Seen): Answer {
  const [, model = '', method = ''] = /models\/([^:]+):(\w+)/.exec(seen.path) ?? [];
  const failure = failureOf(model, seen, failures, '{"candidates": [');
  if (failure !== undefined) return failure;
  const request = (seen.body ?? {}) as Request;
  if (/embed/i.test(method)) {
    const embeddings = (request.requests ?? [1]).map(() => ({ values: [0.5, 0.25, -1] }));
    return { kind: 'json', body: { embeddings } };
  }
  const isAnswered = JSON.stringify(request.contents ?? []).includes('functionResponse');
  if (method === 'streamGenerateContent') return stream(model, isAnswered);
  return { kind: 'json', body: whole(model, isAnswered) };
}

function whole(model: string, isAnswered: boolean): object {
  switch (model) {
    case 'tools':
      return answer(isAnswered ? [{ text: 'It is 21 °C' }] : [weather]);
    case 'thinking':
      return answer([
        { text: 'Think of Lisbon.', thought: true },
        { text: 'Hello', thoughtSignature: 'c2lnbmF0dXJl' },
      ]);
    case 'mixed':
      return answer([
        { text: 'Look: ' },
        { executableCode: { language: 'PYTHON', code: 'print(21)' } },
        { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '21' } },
      ]);
    case 'two': {
      const candidates = ['one', 'two'].map((text, index) => ({
        content: { role: 'model', parts: [{ text }] },
        index,
        finishReason: 'STOP',
      }));
      return { ...answer([]), candidates };
    }
    case 'blocked':
      return blocked;
    case 'unparsed':
      return { ...answer([]), candidates: [unparsed] };
    default:
      return answer([{ text: 'Hello' }]);
  }
}

function stream(model: string, isAnswered: boolean): Answer {
  const text = [chunk([{ text: 'Hel' }]), chunk([{ text: 'lo' }], { usageMetadata: usage })];
  const last = { candidates: [{ index: 0, finishReason: 'STOP' }] };
  switch (model) {
    case 'tools':
      return { kind: 'sse', events: isAnswered ? [...text, last] : [chunk([weather], { usageMetadata: usage }), last] };
    case 'thinking':
      return {
        kind: 'sse',
        events: [
          chunk([{ text: 'Think of ', thought: true }]),
          chunk([{ text: 'Lisbon.', thought: true }]),
          ...text,
          last,
        ],
      };
    case 'blocked':
      return { kind: 'sse', events: [blocked] };
    case 'unparsed':
      return { kind: 'sse', events: [{ ...chunk([], { usageMetadata: usage }), candidates: [unparsed] }] };
    case 'stall':
      return { kind: 'sse', events: text.slice(0, 1), after: 'stall' };
    case 'cut':
      return { kind: 'sse', events: text, after: 'cut' };
    case 'malformed-inside':
      return { kind: 'text', text: `data: ${JSON.stringify(text[0])}\n\ndata: {"cand\n\n`, type: 'text/event-stream' };
    default:
      return { kind: 'sse', events: [...text, last] };
  }
}
