// Converts a part of a message, of any provider, to one form. Pure.

import { isFields, parsed, text } from './read-unknown.js';

/** @import {Fields} from './read-unknown.js' */

/**
 * @typedef {{is: 'text', text: string}
 *   | {is: 'thinking', text: string}
 *   | {is: 'call', name: string, id: string, input: unknown}
 *   | {is: 'result', name: string, id: string, output: unknown, hasFailed: boolean}
 *   | {is: 'media', media: string, facts: string[], source: string}
 *   | {is: 'other', value: unknown}} Part
 */

/** @param {unknown} part @returns {Part} */
export function partOf(part) {
  if (typeof part === 'string') return { is: 'text', text: part };
  if (!isFields(part)) return { is: 'other', value: part };
  const type = text(part.type);
  if (part.thought === true && typeof part.text === 'string') return { is: 'thinking', text: part.text };
  if (typeof part.text === 'string' && /^($|text$|input_text$|output_text$|summary_text$)/.test(type))
    return { is: 'text', text: part.text };
  // The form of the GenAI conventions.
  if (type === 'text' && typeof part.content === 'string') return { is: 'text', text: part.content };
  if (type === 'thinking' || type === 'reasoning') {
    const said = [part.thinking, part.text, part.content, plainText(part.summary)]
      .map(text)
      .find((each) => each !== '');
    return { is: 'thinking', text: said ?? '' };
  }
  if (type === 'tool_use' || type === 'tool_call' || type === 'tool-call' || type === 'function_call')
    return callOf(part);
  if (/^(tool_result|tool-result|function_call_output|tool_call_response)$/.test(type))
    return resultOf(part, part.content ?? part.output ?? part.response ?? part.result);
  if (isFields(part.functionCall)) return callOf({ name: part.functionCall.name, input: part.functionCall.args });
  if (isFields(part.functionResponse)) return resultOf(part.functionResponse, part.functionResponse.response);
  const media = mediaOf(part, type);
  return media ?? { is: 'other', value: part };
}

/** @param {unknown} call @returns {Part} */
export function callOf(call) {
  if (!isFields(call)) return { is: 'other', value: call };
  const inner = isFields(call.function) ? call.function : call;
  const input = inner.arguments ?? inner.input ?? inner.args;
  return {
    is: 'call',
    name: text(inner.name ?? inner.toolName),
    id: text(call.call_id ?? call.toolCallId ?? call.id),
    input: parsed(input),
  };
}

/** @param {Fields} part @param {unknown} output @returns {Part} */
function resultOf(part, output) {
  const id = text(part.tool_use_id ?? part.call_id ?? part.toolCallId ?? part.id);
  return {
    is: 'result',
    name: text(part.name ?? part.toolName),
    id,
    output: plainText(output) ?? output,
    hasFailed: part.is_error === true,
  };
}

/** The text of parts that are all text. @param {unknown} content */
export function plainText(content) {
  if (!Array.isArray(content) || content.length === 0) return undefined;
  const parts = content.map(partOf);
  return parts.every((part) => part.is === 'text') ? parts.map((part) => part.text).join('\n') : undefined;
}

/**
 * An image, audio or file, shown by its facts and its address; nothing is loaded.
 *
 * @param {Fields} part
 * @param {string} type
 * @returns {Part | undefined}
 */
export function mediaOf(part, type) {
  const media =
    /image|audio|video|file|document/.exec(type)?.[0] ??
    // The form of the GenAI conventions.
    (/^(blob|uri|binary)$/.test(type) ? text(part.modality) || 'file' : undefined) ??
    ('inlineData' in part || 'fileData' in part ? 'file' : undefined);
  if (media === undefined) return undefined;
  /** @type {string[]} */
  const facts = [];
  const look = (/** @type {Fields} */ fields, /** @type {number} */ depth) => {
    for (const [name, value] of Object.entries(fields)) {
      if (name === 'type' || value === null || value === undefined) continue;
      if (isFields(value) && depth < 2) look(value, depth + 1);
      else if (typeof value === 'string' && value.startsWith('data:')) {
        facts.push(
          value.slice(5, value.indexOf(';') === -1 ? 40 : value.indexOf(';')),
          `about ${Math.round((value.length * 0.75) / 1000)} kB inline`,
        );
      } else if (typeof value === 'string' && value.length > 400) facts.push(`${name}: ${value.length} characters`);
      else if (typeof value === 'string' || typeof value === 'number')
        facts.push(/mime|media_type|url/.test(name) ? String(value) : `${name}: ${value}`);
    }
  };
  look(part, 0);
  return { is: 'media', media, facts, source: sourceOf(part) };
}

/** The URL of an image, which may be a `data:` URL; empty if there is none. @param {Fields} part */
function sourceOf(part) {
  const image = [part.image_url, part.source, part.inlineData, part.fileData, part.image, part].find(
    (each) => typeof each === 'string' || isFields(each),
  );
  if (!isFields(image)) return text(image);
  const type = text(image.media_type ?? image.mimeType ?? image.mediaType ?? image.mime_type);
  const data = text(image.data ?? image.content);
  if (type !== '' && data !== '' && !/^(data|https?):/.test(data)) return `data:${type};base64,${data}`;
  return data || text(image.url ?? image.fileUri ?? image.uri);
}
