import type { CallAdapter, ReplyFacts, ReplyStream } from '../../calls/call-adapter.js';
import { parameters, pick } from '../../calls/parameters.js';
import { mediaPart } from '../../calls/parts.js';
import { type Fields, fields, nonEmptyString, number, omitNullish } from '../../calls/read-unknown.js';
import { base64Bytes } from '../../calls/without-bytes.js';
import { mistralUsage } from './chat.js';

const allowed = {
  language: 'language',
  temperature: 'temperature',
  diarize: 'diarize',
  timestampGranularities: 'timestamp_granularities',
};

/** `client.audio.transcriptions.complete()` and `stream()`: the text, and the audio by its size or address. */
export const transcriptions: CallAdapter = {
  name: 'mistral-transcription',
  kind: 'LLM',
  request: (request) => ({
    input: { messages: [{ role: 'user', content: [soundPart(request)] }] },
    model: nonEmptyString(request.model),
    parameters: parameters(pick(request, allowed)),
  }),
  reply: transcript,
  stream: () => new TranscriptStream(),
};

/** A file is a `Blob`, or a name with a `Blob`, bytes or a stream. */
function soundPart({ file, fileUrl, fileId }: Fields): Fields {
  const { fileName, content, name } = fields(file);
  const { size, type } = fields(content ?? file);
  const source = { name: fileName ?? name, mimeType: type, bytes: content, url: fileUrl, id: fileId };
  return { ...mediaPart('audio', source), ...omitNullish({ size_bytes: number(size) }) };
}

function transcript(reply: unknown): ReplyFacts {
  const { text, model, language, usage } = fields(reply);
  return {
    output: typeof text === 'string' ? { messages: [{ role: 'assistant', content: text }] } : undefined,
    model: nonEmptyString(model),
    usage: mistralUsage(usage),
    metadata: { language, duration_seconds: fields(usage).promptAudioSeconds },
  };
}

class TranscriptStream implements ReplyStream {
  #text = '';
  #done: Fields | undefined;

  get isComplete(): boolean {
    return this.#done !== undefined;
  }

  add(event: unknown): boolean {
    const { type, text, ...rest } = fields(fields(event).data);
    const said = nonEmptyString(text);
    if (type === 'transcription.done') {
      this.#text = said ?? this.#text;
      this.#done = pick(rest, ['model', 'language', 'usage']);
    } else if (type === 'transcription.text.delta') this.#text += said ?? '';
    return type === 'transcription.text.delta' && said !== undefined;
  }

  facts(): ReplyFacts {
    return transcript({ ...this.#done, text: this.#text });
  }
}

/** `client.audio.speech.complete()`, whole and streamed: the text to be spoken, and the size of the audio. */
export const speech: CallAdapter = {
  name: 'mistral-speech',
  kind: 'LLM',
  request: ({ input, model, voiceId, responseFormat }) => ({
    input: { messages: [{ role: 'user', content: input ?? null }] },
    model: nonEmptyString(model),
    parameters: parameters({ voice: voiceId, response_format: responseFormat }),
  }),
  reply: (reply) => sound(base64Size(fields(reply).audioData), fields(reply).usage),
  stream: () => new SpeechStream(),
};

function sound(bytes: number | undefined, usage: unknown): ReplyFacts {
  const part = { type: 'audio', ...omitNullish({ size_bytes: bytes }) };
  return { output: { messages: [{ role: 'assistant', content: [part] }] }, usage: mistralUsage(usage) };
}

function base64Size(data: unknown): number | undefined {
  return typeof data === 'string' ? base64Bytes(data) : undefined;
}

class SpeechStream implements ReplyStream {
  #bytes: number | undefined;
  #usage: unknown;
  isComplete = false;

  add(event: unknown): boolean {
    const { type, audioData, usage } = fields(fields(event).data);
    const bytes = base64Size(audioData);
    if (bytes !== undefined) this.#bytes = (this.#bytes ?? 0) + bytes;
    if (type === 'speech.audio.done') {
      this.isComplete = true;
      this.#usage = { ...fields(usage) };
    }
    return bytes !== undefined;
  }

  facts(): ReplyFacts {
    return this.#bytes === undefined ? { usage: mistralUsage(this.#usage) } : sound(this.#bytes, this.#usage);
  }
}
