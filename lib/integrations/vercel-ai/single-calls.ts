import { type CallAdapter, noStream, type RequestFacts } from '../../calls/call-adapter.js';
import { responseUsage } from '../../calls/openai/usage.js';
import { parameters, pick } from '../../calls/parameters.js';
import { content, mediaPart, systemMessages } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { embedding } from './embedding.js';
import { clientOf } from './language-model.js';
import { requestPart } from './messages.js';
import { usageOf } from './usage.js';

/*
 * Operations that are one call of a model. Their events have no bytes of audio, only its size. Source: `ai` 7,
 * `GenerateSpeechStartEvent`, `TranscriptionStartEvent`, `StreamTranscriptionStartEvent`, `DecideStartEvent` and their ends.
 */

/** `generateSpeech`: the text, and the audio by its size. */
const speech: CallAdapter = {
  name: 'ai-sdk-speech',
  kind: 'LLM',
  request: (request) => ({
    ...called(request),
    input: { messages: [...systemMessages(request.instructions), { role: 'user', content: request.text ?? null }] },
    parameters: parameters(
      pick({ ...request, response_format: request.outputFormat }, ['voice', 'response_format', 'speed', 'language']),
    ),
  }),
  reply: (result) => ({
    output: { messages: [{ role: 'assistant', content: [audioPart(fields(result).audio)] }] },
    ...answered(result),
  }),
  stream: noStream,
};

/** `transcribe` and `streamTranscribe`: the audio by its size, and the text. */
const transcription: CallAdapter = {
  name: 'ai-sdk-transcription',
  kind: 'LLM',
  request: (request) => ({
    ...called(request),
    input: { messages: [{ role: 'user', content: [audioPart(request.audio)] }] },
    parameters: parameters({ timestamp_granularities: request.timestampGranularities }),
  }),
  reply(result) {
    const { text, language, durationInSeconds } = fields(result);
    return {
      output: typeof text === 'string' ? { messages: [{ role: 'assistant', content: text }] } : undefined,
      ...answered(result),
      metadata: { language, duration_seconds: durationInSeconds },
    };
  },
  stream: noStream,
};

/** `decide`: questions about a text, data or parts, and an answer to each. */
const decision: CallAdapter = {
  name: 'ai-sdk-decision',
  kind: 'LLM',
  request: (request) => ({
    ...called(request),
    input: { messages: [{ role: 'user', content: stateContent(request.state) }], questions: request.questions },
    parameters: parameters(pick(request, ['reasoning']), { max_output_tokens: request.maxOutputTokens }),
  }),
  reply: (result) => ({ output: { answers: fields(result).answers }, ...answered(result) }),
  stream: noStream,
};

/** The adapter of each operation that is one call of a model, by the SDK's name for it. */
export const singleCalls: ReadonlyMap<string, CallAdapter> = new Map([
  ['ai.embed', embedding],
  ['ai.embedMany', embedding],
  ['ai.generateSpeech', speech],
  ['ai.transcribe', transcription],
  ['ai.streamTranscribe', transcription],
  ['ai.decide', decision],
]);

function called({ modelId, provider }: Fields): RequestFacts {
  return { model: nonEmptyString(modelId), metadata: { provider }, call: { provider: clientOf(provider) } };
}

/** Its counts have the names of the SDK, or those of the provider. */
function answered(result: unknown) {
  const { response, usage, providerMetadata } = fields(result);
  return {
    model: nonEmptyString(fields(response).modelId),
    usage: responseUsage(usage) ?? usageOf(usage, providerMetadata),
  };
}

function audioPart(audio: unknown): Fields {
  const { byteLength, mediaType } = fields(audio);
  return {
    ...mediaPart('audio', { mimeType: mediaType }),
    ...(byteLength === undefined ? {} : { size_bytes: byteLength }),
  };
}

function stateContent(state: unknown): unknown {
  return Array.isArray(state) ? content(list(state).map(requestPart), '\n') : state;
}
