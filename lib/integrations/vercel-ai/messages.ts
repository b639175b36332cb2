import { assistantMessage, content, mediaPart, textPart, toolCall, toolMessage } from '../../calls/parts.js';
import { fields, isFields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';

/*
 * The SDK's messages come in two forms that differ in little: those that users write (`ModelMessage`), and those that
 * models get (`LanguageModelV2Prompt` to V4).
 */

/** The messages of a request in the recorded form, the instructions in front; undefined where there are none. */
export function requestMessages(messages: unknown, instructions?: unknown): { messages: unknown[] } | undefined {
  const asked = typeof messages === 'string' ? [{ role: 'user', content: messages }] : list(messages);
  const all = [...systemMessages(instructions), ...asked.flatMap(recorded)];
  return all.length === 0 ? undefined : { messages: all };
}

/** A text, a message, or a list of messages. */
function systemMessages(instructions: unknown): unknown[] {
  if (typeof instructions === 'string') return [{ role: 'system', content: instructions }];
  return (Array.isArray(instructions) ? instructions : isFields(instructions) ? [instructions] : []).flatMap(recorded);
}

function recorded(message: unknown): unknown {
  const { role, content: written } = fields(message);
  if (!Array.isArray(written)) return isFields(message) ? { role, content: written ?? null } : message;
  if (role === 'tool') return written.flatMap(toolResult);
  if (role !== 'assistant') return { role, content: content(written.map(requestPart), '\n') };
  const typeOf = (part: unknown) => fields(part).type;
  const calls = written.filter((part) => typeOf(part) === 'tool-call');
  // A tool of the provider's has answered within the message.
  const results = written.filter((part) => typeOf(part) === 'tool-result');
  const said = written.filter((part) => !apart.has(typeOf(part)));
  return [assistantMessage(said.map(requestPart), calls.map(calledTool)), ...results.flatMap(toolResult)];
}

/** Types of parts of an assistant's message that are not content: tool calls, reasoning and approvals. */
const apart: ReadonlySet<unknown> = new Set(['tool-call', 'tool-result', 'reasoning', 'tool-approval-request']);

/** The call that a model asks for, whole; its input is JSON text or has been read. */
export function calledTool(part: unknown): unknown {
  const { toolCallId, toolName, input, args } = fields(part);
  return toolCall(toolCallId, toolName, input ?? args);
}

function toolResult(part: unknown): unknown {
  const { type, toolCallId, toolName, output, result } = fields(part);
  if (type !== 'tool-result') return [];
  return toolMessage(toolCallId, toolName, outputValue(output ?? result) ?? null);
}

/** A tool's result, without the SDK's wrapper: `{ type: 'text' | 'json' | 'error-text' | …, value }`. */
function outputValue(output: unknown): unknown {
  const { type, value, reason } = fields(output);
  if (type === 'execution-denied') return nonEmptyString(reason) ?? type;
  if (type === 'content') return list(value).map(requestPart);
  return typeof type === 'string' && value !== undefined ? value : output;
}

/** A part of a message in the recorded form. */
export function requestPart(part: unknown): unknown {
  const { type, text } = fields(part);
  switch (type) {
    case 'text':
      return typeof text === 'string' ? textPart(text) : part;
    case 'image':
    case 'file':
    case 'media':
    case 'file-data':
    case 'image-data':
    case 'file-url':
    case 'image-url':
      return filePart(part);
    default:
      return part;
  }
}

/** A file in any of the SDK's forms: with `data` or `image`, as bytes, base64 or an address, or one that was generated. */
export function filePart(part: unknown): unknown {
  const { type, image, data, url, file, filename, mediaType, mimeType } = fields(part);
  const mime = String(mediaType ?? mimeType ?? fields(file).mediaType ?? '');
  const [sort] = /^(?:image|audio|video)(?=\/|$)/.exec(mime) ?? [];
  const source = mediaSource(image ?? data ?? url ?? fields(file).base64);
  const kind = String(type).startsWith('image') ? 'image' : ((sort as 'image' | 'audio' | 'video') ?? 'file');
  // A type may be only its first half, such as `image`.
  const known = mediaPart(kind, { ...source, mimeType: mime.includes('/') ? mime : undefined, name: filename });
  return { ...known, ...omitNullish({ content: source.text }) };
}

/** Where a file's content is. `text`: the content itself. */
interface Source {
  readonly url?: unknown;
  readonly base64?: unknown;
  readonly bytes?: unknown;
  readonly id?: unknown;
  readonly text?: string;
}

function mediaSource(data: unknown): Source {
  if (data instanceof URL) return { url: data.href };
  if (typeof data === 'string') return /^(?:https?|data|gs|s3|file):/.test(data) ? { url: data } : { base64: data };
  if (!isFields(data) || ArrayBuffer.isView(data) || data instanceof ArrayBuffer) return { bytes: data };
  const { type, data: inner, url, reference, text } = data;
  if (inner !== undefined || url !== undefined) return mediaSource(inner ?? url);
  if (typeof text === 'string') return { text };
  return { id: Object.values(type === 'reference' ? fields(reference) : data)[0] }; // by the name of the provider
}
