import type { RecordedMessage } from '../call-adapter.js';
import { assistantMessage, content, mediaPart, reasoning, textPart, toolCall } from '../parts.js';
import { type Fields, fields, isFields, list, nonEmptyString, set } from '../read-unknown.js';
import { piecesOf } from './pieces.js';

/** A message of a request. Roles are kept, including `developer`; of files and images only the size is recorded. */
export function requestMessage(message: unknown): unknown {
  if (!isFields(message)) return message;
  const written: Record<string, unknown> = {};
  for (const name of Object.keys(message)) {
    const value = message[name];
    if (value !== null && value !== undefined && name !== 'audio' && name !== 'function_call')
      set(written, name, value);
  }
  const { content: said, audio, function_call } = message;
  written.content = Array.isArray(said) ? content(said.map(requestPart), '\n') : (said ?? null);
  const { id } = fields(audio);
  if (id !== undefined && id !== null) written.audio_id = id;
  if (isFields(function_call)) written.tool_calls = [legacyCall(function_call)];
  return written;
}

function requestPart(part: unknown): unknown {
  const { type, text, image_url, input_audio, file } = fields(part);
  switch (type) {
    case 'text':
      return typeof text === 'string' ? textPart(text) : part;
    case 'image_url':
      return mediaPart('image', { url: fields(image_url).url });
    case 'input_audio': {
      const { data, format } = fields(input_audio);
      return mediaPart('audio', { base64: data, mimeType: typeof format === 'string' ? `audio/${format}` : undefined });
    }
    case 'file': {
      const { file_data, file_id, filename } = fields(file);
      return mediaPart('file', { ...fileSource(file_data), id: file_id, name: filename });
    }
    default:
      return part;
  }
}

/** A file's content comes as a `data:` URL or as bare base64. */
export function fileSource(data: unknown): { url?: unknown; base64?: unknown } {
  return typeof data === 'string' && data.startsWith('data:') ? { url: data } : { base64: data };
}

/** The contents of one choice, from a whole reply or from chunks. */
interface Choice {
  readonly parts: readonly unknown[];
  readonly refusal?: string | undefined;
  readonly toolCalls?: readonly unknown[];
  readonly rest?: Fields | undefined;
}

/** The message of one choice. */
export function choiceMessage({ parts, refusal, toolCalls = [], rest }: Choice): RecordedMessage {
  const said = parts.some(isEmptyText) ? parts.filter((part) => !isEmptyText(part)) : parts;
  const message = assistantMessage(said, toolCalls, rest);
  if (nonEmptyString(refusal)) return { ...message, refusal };
  // An empty text is recorded as the answer only if the model did nothing else.
  const isEmpty = said.length === 0 && parts.length > 0 && toolCalls.length === 0 && !rest?.audio_id;
  return isEmpty ? { ...message, content: '' } : message;
}

function isEmptyText(part: unknown): boolean {
  const { type, text } = fields(part);
  return type === 'text' && text === '';
}

/** A tool call in the recorded form, without additions of a server, such as a signature. */
function wholeCall(call: unknown): unknown {
  const { id, function: called, custom } = fields(call);
  const { name, arguments: input, input: text } = fields(called ?? custom);
  return toolCall(id, name, input ?? text);
}

/** The message of a whole choice. */
export function replyMessage(message: unknown): RecordedMessage {
  const { content: written, refusal, tool_calls, function_call, audio, annotations, images } = fields(message);
  const calls = list(tool_calls).map(wholeCall);
  const pieces = piecesOf(written);
  const { id, transcript } = fields(audio);
  return choiceMessage({
    parts: images === undefined ? pieces.parts : [...pieces.parts, ...piecesOf(images).parts],
    refusal: `${nonEmptyString(refusal) ?? ''}${pieces.refusal}`,
    toolCalls: isFields(function_call) ? [...calls, legacyCall(function_call)] : calls,
    rest: { audio_id: id, transcript, annotations: list(annotations).length > 0 ? annotations : undefined },
  });
}

/** The reasoning that compatible servers send beside the answer. */
export function replyReasoning(messages: readonly unknown[]): string | undefined {
  return reasoning(
    messages.map((message) => {
      const said = fields(message);
      const thoughts = thoughtOf(said) ?? '';
      return typeof said.content === 'string' ? thoughts : thoughts + piecesOf(said.content).thoughts;
    }),
  );
}

/**
 * The reasoning in a message or a delta, by the name that its server uses: `reasoning_content` (DeepSeek, Kimi, xAI, vLLM),
 * `reasoning` (OpenRouter, Groq, Ollama, Together), `reasoning_details` (OpenRouter, MiniMax), `thinking_blocks` (LiteLLM).
 */
export function thoughtOf(message: Fields): string | undefined {
  const { reasoning_content, reasoning: thoughts, reasoning_details, thinking_blocks } = message;
  const plain = nonEmptyString(reasoning_content) ?? nonEmptyString(thoughts);
  if (plain !== undefined) return plain;
  if (reasoning_details === undefined && thinking_blocks === undefined) return undefined;
  const details = [...list(reasoning_details), ...list(thinking_blocks)].map((detail) => {
    const { text, summary, thinking } = fields(detail); // encrypted ones have none
    return nonEmptyString(text) ?? nonEmptyString(summary) ?? nonEmptyString(thinking) ?? '';
  });
  return nonEmptyString(details.join(''));
}

function legacyCall({ name, arguments: input }: Fields): unknown {
  return toolCall(undefined, name, input);
}

/** Adds web sources that a reply has beside its choices (xAI, Perplexity) to the first message. */
export function withSources(messages: readonly RecordedMessage[], sources: unknown): readonly RecordedMessage[] {
  const [first, ...rest] = messages;
  if (first === undefined || list(sources).length === 0) return messages;
  return [{ ...first, ...{ citations: sources } }, ...rest];
}

/** Why the first choice ended; for several choices, the reasons of all, too. */
export function finishReasons(reasons: readonly unknown[]): Fields {
  return reasons.length > 1 ? { finish_reason: reasons[0], finish_reasons: reasons } : { finish_reason: reasons[0] };
}
