import type { RecordedMessage, ToolCall } from './call-adapter.js';
import { asText, type Fields, fields, nonEmptyString, omitNullish, withGiven } from './read-unknown.js';
import { base64Bytes, maxInlineBytes } from './without-bytes.js';

/*
 * The parts of a message, in one form for all providers:
 *   {type: 'text', text}
 *   {type: 'image' | 'audio' | 'video' | 'file', mime_type?, name?, url | id | data | size_bytes}
 * Any other part is kept as its provider writes it.
 */

/** Where the content of a media part is. */
interface MediaSource {
  readonly mimeType?: unknown;
  readonly name?: unknown;
  /** An address, or a `data:` URL. */
  readonly url?: unknown;
  /** The id of a file that the provider keeps. */
  readonly id?: unknown;
  readonly base64?: unknown;
  readonly bytes?: unknown;
}

export function textPart(text: string): Fields {
  return { type: 'text', text };
}

/** Adds the parts of the next message of an answer, with an empty line between two texts. */
export function addParagraph(parts: unknown[], further: readonly unknown[]): void {
  const areTexts = [parts.at(-1), further[0]].every((part) => (part as Fields | undefined)?.type === 'text'); // parts are objects
  if (areTexts) parts.push(textPart('\n\n'));
  parts.push(...further);
}

/** An image, audio, video or file: its URL, its content up to 1 KiB, or its size. */
export function mediaPart(type: 'image' | 'audio' | 'video' | 'file', source: MediaSource): Fields {
  const url = nonEmptyString(source.url);
  const inUrl = url === undefined ? undefined : /^data:([^;,]*)[^,]*?(;base64)?,/.exec(url);
  const base64 = nonEmptyString(source.base64) ?? (inUrl?.[2] === undefined ? undefined : url?.slice(inUrl[0].length));
  const size = bytesIn(source.bytes) ?? (base64 === undefined ? undefined : base64Bytes(base64));
  const isShort = base64 !== undefined && size !== undefined && size <= maxInlineBytes;
  return {
    type,
    ...omitNullish({
      mime_type: nonEmptyString(source.mimeType) ?? nonEmptyString(inUrl?.[1]),
      name: nonEmptyString(source.name),
      url: base64 === undefined ? url : undefined,
      id: nonEmptyString(source.id),
      data: isShort ? base64 : undefined,
      size_bytes: isShort ? undefined : size,
    }),
  };
}

function bytesIn(value: unknown): number | undefined {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  return undefined;
}

/** One text if all parts are plain text, else the parts themselves; null if there are none. */
export function content(parts: readonly unknown[], separator: string): string | readonly unknown[] | null {
  if (parts.length === 0) return null;
  const texts: string[] = [];
  for (const part of parts) {
    const { type, text } = fields(part); // a program may pass null as a part by mistake
    if (type !== 'text' || typeof text !== 'string' || Object.keys(fields(part)).length > 2) return parts;
    texts.push(text);
  }
  return texts.length === 1 ? (texts[0] as string) : texts.join(separator); // `as`: the list has one item
}

/** A tool call of the model; its arguments are the JSON text that the model wrote. */
export function toolCall(id: unknown, name: unknown, input: unknown): ToolCall {
  const called = {
    name: nonEmptyString(name) ?? '',
    arguments: typeof input === 'string' ? input : asText(input ?? {}),
  };
  const known = nonEmptyString(id);
  return known === undefined
    ? { type: 'function', function: called }
    : { id: known, type: 'function', function: called };
}

/** The system prompt as messages: one, or none if there is no prompt. */
export function systemMessages(prompt: unknown): readonly RecordedMessage[] {
  const text = nonEmptyString(prompt);
  return text === undefined ? [] : [{ role: 'system', content: text }];
}

/** The model's answer, in the one form for all providers. */
export function assistantMessage(
  parts: readonly unknown[],
  calls: readonly unknown[],
  rest: Fields = {},
): RecordedMessage {
  const said = content(parts, '');
  const message =
    calls.length > 0 ? { role: 'assistant', content: said, tool_calls: calls } : { role: 'assistant', content: said };
  return withGiven(message, rest);
}

/** The result of a tool. */
export function toolMessage(id: unknown, name: unknown, result: unknown): RecordedMessage {
  const isContent = typeof result === 'string' || Array.isArray(result) || result === null;
  return {
    role: 'tool',
    ...omitNullish({ tool_call_id: nonEmptyString(id), name: nonEmptyString(name) }),
    content: isContent ? result : asText(result),
  };
}

/** Joins thoughts into one text; undefined if there are none. */
export function reasoning(thoughts: readonly (string | undefined)[]): string | undefined {
  return nonEmptyString(thoughts.filter((thought) => thought !== undefined && thought !== '').join('\n\n'));
}
