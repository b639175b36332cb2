import { bodyError } from '../../calls/body-error.js';
import { type CallAdapter, noStream, type ReplyFacts, type ReplyStream } from '../../calls/call-adapter.js';
import { statedCost } from '../../calls/openai/cost.js';
import { responseUsage } from '../../calls/openai/usage.js';
import { parameters, pick } from '../../calls/parameters.js';
import { content, mediaPart, systemMessages, textPart } from '../../calls/parts.js';
import { fields, isHeaders, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';
import { uploadPart } from './uploads.js';

const allowed = [
  'language',
  'languages',
  'response_format',
  'temperature',
  'timestamp_granularities',
  'include',
  'chunking_strategy',
];

/** `client.audio.transcriptions.create()`: the text, and the audio by its size. */
export const transcriptions: CallAdapter = {
  name: 'openai-transcription',
  kind: 'LLM',
  request(request) {
    const { file, prompt, model } = request;
    const hint = nonEmptyString(prompt);
    const parts = [uploadPart('audio', file), ...(hint === undefined ? [] : [textPart(hint)])];
    return {
      input: { messages: [{ role: 'user', content: content(parts, '\n') }] },
      model: nonEmptyString(model),
      parameters: parameters(pick(request, allowed)),
    };
  },
  reply: transcript,
  stream: () => new TranscriptStream(),
};

/** `client.audio.translations.create()`. */
export const translations: CallAdapter = { ...transcriptions, name: 'openai-translation' };

/** The facts of a reply, which is an object or a text, as the request's format says. */
function transcript(reply: unknown): ReplyFacts {
  const { text, usage, duration, language, languages } = fields(reply);
  const heard = list(languages).flatMap((each) => nonEmptyString(fields(each).code) ?? []);
  const error = bodyError(reply);
  const said = typeof reply === 'string' ? reply : text;
  return {
    output: typeof said === 'string' ? { messages: [{ role: 'assistant', content: said }] } : undefined,
    usage: responseUsage(usage),
    cost: statedCost(reply, usage),
    metadata: {
      language,
      languages: heard.length === 0 ? undefined : heard,
      duration_seconds: duration ?? fields(usage).seconds,
      error: error?.details,
    },
    error: error?.text,
  };
}

/** Source: OpenAI API reference, streaming events of transcriptions. */
class TranscriptStream implements ReplyStream {
  #text = '';
  #usage: unknown;
  #languages: unknown;
  isComplete = false;

  add(event: unknown): boolean {
    const { type, delta, text, usage, languages } = fields(event);
    if (type === 'transcript.text.done') {
      this.isComplete = true;
      this.#text = nonEmptyString(text) ?? this.#text;
      this.#usage = { ...fields(usage) };
      this.#languages = structuredClone(languages);
    } else if (type === 'transcript.text.delta') this.#text += nonEmptyString(delta) ?? '';
    return nonEmptyString(delta) !== undefined;
  }

  facts(): ReplyFacts {
    return transcript({ text: this.#text, usage: this.#usage, languages: this.#languages });
  }
}

/** `client.audio.speech.create()`: the text, and the audio's type and size from the headers. Its bytes belong to the caller and are not read. */
export const speech: CallAdapter = {
  name: 'openai-speech',
  kind: 'LLM',
  request(request) {
    const { input, model, instructions } = request;
    return {
      input: { messages: [...systemMessages(instructions), { role: 'user', content: input ?? null }] },
      model: nonEmptyString(model),
      parameters: parameters(pick(request, ['voice', 'response_format', 'speed', 'stream_format'])),
    };
  },
  reply(reply) {
    const { status, headers } = fields(reply);
    const header = (name: string) => (isHeaders(headers) ? nonEmptyString(headers.get(name)) : undefined);
    const bytes = header('content-length');
    const part = {
      ...mediaPart('audio', { mimeType: header('content-type') }),
      ...omitNullish({ size_bytes: bytes === undefined ? undefined : Number(bytes) }),
    };
    return { output: { messages: [{ role: 'assistant', content: [part] }] }, metadata: { http_status: status } };
  },
  stream: noStream,
};
