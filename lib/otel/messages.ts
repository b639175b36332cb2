import { parsed } from './reading/parsed.js';
import type { JsonObject } from './values.js';
import { isObject } from './wire/any-value.js';

/*
 * Converts messages between the form of the GenAI conventions and PandaProbe's:
 *
 *     { role, parts: [{ type: 'text', content }, { type: 'tool_call', id, name, arguments }] }
 *     { role, content, tool_calls: [{ id, type: 'function', function: { name, arguments } }] }
 *
 * Fields that only one of them has are kept unchanged. Source: OpenTelemetry specification, semantic conventions for generative
 * AI, *gen-ai-input-messages.json* and *gen-ai-output-messages.json*.
 */

/** `{ messages }` of a PandaProbe input or output; undefined for any other value, and for messages without a form in the conventions. */
export function messagesIn(value: unknown): readonly JsonObject[] | undefined {
  if (!isObject(value) || !Array.isArray(value.messages) || Object.keys(value).length !== 1) return undefined;
  const { messages } = value;
  return messages.length > 0 && messages.every(isMessage)
    ? (messages as readonly JsonObject[]) // each was looked at
    : undefined;
}

function isMessage(value: unknown): boolean {
  if (!isObject(value) || typeof value.role !== 'string' || value.parts !== undefined) return false;
  const { role, content } = value;
  return role === 'tool' || typeof (content ?? '') === 'string' || Array.isArray(content);
}

/** PandaProbe's messages in the form of the conventions. */
export function toConvention(messages: readonly JsonObject[], isOutput: boolean): readonly JsonObject[] {
  return messages.map((message) => {
    const { role, content, tool_calls: calls, tool_call_id: callId, ...rest } = message;
    const parts: unknown[] =
      role === 'tool'
        ? [{ type: 'tool_call_response', ...(callId === undefined ? {} : { id: callId }), response: content ?? null }]
        : contentParts(content);
    for (const call of Array.isArray(calls) ? calls : []) parts.push(callPart(call));
    return { role, parts, ...(isOutput && rest.finish_reason === undefined ? { finish_reason: 'stop' } : {}), ...rest };
  });
}

function contentParts(content: unknown): unknown[] {
  if (typeof content === 'string') return [{ type: 'text', content }];
  return (Array.isArray(content) ? content : []).map((part: unknown) => {
    if (typeof part === 'string') return { type: 'text', content: part };
    if (!isObject(part)) return { type: 'text', content: String(part) };
    const { type, text, image_url: image, ...rest } = part;
    if (type === 'text' && typeof text === 'string') return { type, content: text, ...rest };
    if (type === 'reasoning' && typeof text === 'string') return { type, content: text, ...rest };
    if (type !== 'image_url' || !isObject(image) || typeof image.url !== 'string' || Object.keys(rest).length > 0)
      return part;
    const { url, ...others } = image;
    return { type: 'uri', modality: 'image', uri: url, ...others };
  });
}

function callPart(call: unknown): JsonObject {
  const { id, type: _, function: named, name, ...rest } = isObject(call) ? call : {};
  const { name: tool = name, arguments: given } = isObject(named) ? named : {};
  const read = parsed(given);
  const isText = typeof read === 'string'; // a text that is a JSON string stays unchanged
  return {
    type: 'tool_call',
    ...(id === undefined ? {} : { id }),
    name: tool,
    arguments: isText ? given : read,
    ...rest,
  };
}

/** Messages in the form of the conventions as `{ messages }`; undefined when there is none. */
export function fromConvention(list: unknown, instructions?: unknown): { readonly messages: JsonObject[] } | undefined {
  const messages: JsonObject[] = [];
  const system = textOfInstructions(parsed(instructions));
  if (system !== undefined) messages.push({ role: 'system', content: system });
  const given = parsed(list);
  for (const each of Array.isArray(given) ? given : []) if (isObject(each)) messages.push(...messagesOf(each));
  return messages.length === 0 ? undefined : { messages };
}

/** The messages in one message: itself, and one for each tool result in it. */
function messagesOf(message: JsonObject): JsonObject[] {
  const { parts, role, finish_reason: ending, ...rest } = message;
  if (!Array.isArray(parts)) return [message];
  const objects = parts.filter(isObject);
  const answers = objects.filter(({ type }) => type === 'tool_call_response');
  const calls = objects.filter(({ type }) => type === 'tool_call');
  const said = parts.filter((part: unknown) => !isObject(part) || !answersOrCalls.has(String(part.type)));
  const messages: JsonObject[] = answers.map(({ id, response, result }) => ({
    ...rest,
    ...{ role: 'tool', ...(id === undefined ? {} : { tool_call_id: id }) },
    content: asContent(response ?? result ?? null),
  }));
  if (answers.length > 0 && said.length === 0 && calls.length === 0) return messages;
  messages.push({
    role: typeof role === 'string' ? role : 'user',
    content: contentOf(said),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(callOf) }),
    ...(ending === undefined || ending === 'stop' ? {} : { finish_reason: ending }),
    ...rest,
  });
  return messages;
}

const answersOrCalls = new Set(['tool_call_response', 'tool_call']);

function contentOf(parts: readonly unknown[]): unknown {
  if (parts.length === 0) return null;
  const contents = parts.map((part) => {
    if (!isObject(part)) return part;
    const { type, content, ...rest } = part;
    if ((type === 'text' || type === 'reasoning') && typeof content === 'string')
      return { type, text: content, ...rest };
    const { modality, uri, ...others } = rest;
    if (type === 'uri' && modality === 'image' && typeof uri === 'string')
      return { type: 'image_url', image_url: { url: uri, ...others } };
    return part;
  });
  const [first] = contents;
  const isText = contents.length === 1 && isObject(first) && first.type === 'text' && Object.keys(first).length === 2;
  return isText ? first.text : contents;
}

function callOf({ type: _, id, name, arguments: given, ...rest }: JsonObject): JsonObject {
  const text = typeof given === 'string' ? given : JSON.stringify(given ?? {});
  return { ...(id === undefined ? {} : { id }), type: 'function', function: { name, arguments: text }, ...rest };
}

function asContent(value: unknown): unknown {
  return value === null || typeof value === 'string' || Array.isArray(value) ? value : JSON.stringify(value);
}

function textOfInstructions(value: unknown): string | undefined {
  if (typeof value === 'string') return value || undefined;
  const texts = (Array.isArray(value) ? value : []).flatMap((part: unknown) => {
    const text = isObject(part) ? (part.content ?? part.text) : part;
    return typeof text === 'string' ? [text] : [];
  });
  return texts.length === 0 ? undefined : texts.join('\n');
}
