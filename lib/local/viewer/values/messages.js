// Finds the conversation in a value of any provider, and converts its messages to one form. Pure.

import { callOf, mediaOf, partOf, plainText } from './message-parts.js';
import { isFields, text } from './read-unknown.js';

/** @import {Part} from './message-parts.js' */
/** @import {Fields} from './read-unknown.js' */

/** @typedef {{role: string, name: string, parts: Part[]}} Message */

/**
 * The conversation that `value` is, and what else it holds; undefined when it is none. Known forms: `{messages}`,
 * `{contents}`, `{choices: [{message}]}`, `{candidates: [{content}]}`, `{input: […]}` and `{output: […]}` of OpenAI's
 * responses, an array of messages, one message. Instructions that stand beside them come first.
 *
 * @param {unknown} value
 * @returns {{messages: Message[], rest: Fields} | undefined}
 */
export function conversationOf(value) {
  if (Array.isArray(value)) return listOf(value, {});
  if (!isFields(value)) return undefined;
  for (const key of ['messages', 'contents', 'input', 'output']) {
    const { [key]: list, ...others } = value;
    if (!Array.isArray(list) || list.length === 0) continue;
    const { instructions, rest } = withoutInstructions(others);
    const found = listOf(list, rest);
    if (found === undefined || instructions === '') return found;
    return {
      ...found,
      messages: [{ role: 'system', name: '', parts: [{ is: 'text', text: instructions }] }, ...found.messages],
    };
  }
  if (Array.isArray(value.candidates)) {
    const { candidates, ...rest } = value;
    return listOf(
      /** @type {unknown[]} */ (candidates).map((each) => (isFields(each) ? each.content : undefined)),
      rest,
    );
  }
  if (Array.isArray(value.choices)) {
    const { choices, ...rest } = value;
    return listOf(
      /** @type {unknown[]} */ (choices).map((choice) => (isFields(choice) ? choice.message : undefined)),
      rest,
    );
  }
  return isMessage(value) ? listOf([value], {}) : undefined;
}

/** @param {unknown[]} list @param {Fields} rest */
function listOf(list, rest) {
  return list.length > 0 && list.every(isMessage) ? { messages: list.map(messageOf), rest } : undefined;
}

/** Separates the instructions, which providers put into a field of their own. @param {Fields} fields */
function withoutInstructions(fields) {
  for (const key of ['system', 'instructions', 'systemInstruction', 'system_instruction']) {
    const { [key]: given, ...rest } = fields;
    const inner = isFields(given) ? (given.parts ?? given.text) : given;
    const instructions = typeof inner === 'string' ? inner : plainText(inner);
    if (instructions !== undefined && instructions !== '') return { instructions, rest };
  }
  return { instructions: '', rest: fields };
}

/** The role for each type of item that is not in a message, as in OpenAI's responses. @type {Record<string, string>} */
const loose = { function_call: 'assistant', reasoning: 'assistant', function_call_output: 'tool' };

/** @param {unknown} value @returns {value is Fields} */
function isMessage(value) {
  if (isFields(value) && !('role' in value) && Object.hasOwn(loose, text(value.type))) return true;
  return (
    isFields(value) &&
    typeof value.role === 'string' &&
    ('content' in value || 'parts' in value || 'tool_calls' in value || Object.keys(value).length === 1)
  );
}

/** @param {Fields} message @returns {Message} */
function messageOf(message) {
  if (!('role' in message)) return { role: loose[text(message.type)] ?? '', name: '', parts: [partOf(message)] };
  const role = text(message.role);
  const content = message.content ?? message.parts;
  const isAnswerOfTool = role === 'tool' || role === 'function';
  /** @type {Part[]} */
  const parts = thoughtsOf(message);
  if (
    isAnswerOfTool &&
    Array.isArray(content) &&
    content.some((part) => isFields(part) && /^tool(-result|_call_response)$/.test(text(part.type)))
  ) {
    parts.push(...content.map(partOf));
  } else if (isAnswerOfTool) {
    const id = text(message.tool_call_id);
    parts.push({
      is: 'result',
      name: text(message.name),
      id,
      output: plainText(content) ?? content,
      hasFailed: message.is_error === true,
    });
  } else if (typeof content === 'string') {
    if (content !== '') parts.push({ is: 'text', text: content });
  } else if (Array.isArray(content)) parts.push(...content.map(partOf));
  else if (content !== null && content !== undefined) parts.push({ is: 'other', value: content });
  parts.push(...mediaBeside(message));
  if (typeof message.refusal === 'string') parts.push({ is: 'text', text: `Refused: ${message.refusal}` });
  if (Array.isArray(message.tool_calls)) parts.push(...message.tool_calls.map(callOf));
  if (isFields(message.function_call)) parts.push(callOf(message.function_call));
  return { role, name: isAnswerOfTool ? '' : text(message.name), parts };
}

/** The thinking that stands beside the content, as OpenAI-compatible servers send it. @param {Fields} message @returns {Part[]} */
function thoughtsOf({ reasoning_content, reasoning, thinking, thinking_blocks }) {
  const said = [reasoning_content, reasoning, thinking].map(text).find((each) => each !== '');
  if (said !== undefined) return [{ is: 'thinking', text: said }];
  return Array.isArray(thinking_blocks) ? thinking_blocks.map(partOf) : [];
}

/** Sound and pictures that stand beside the content. @param {Fields} message @returns {Part[]} */
function mediaBeside({ audio, images }) {
  /** @type {Part[]} */
  const parts = [];
  // Ollama's images are Base64 alone.
  for (const image of Array.isArray(images) ? images : [])
    parts.push((typeof image === 'string' && mediaOf({ data: image }, 'image')) || partOf(image));
  if (!isFields(audio)) return parts;
  const { transcript, ...sound } = audio;
  if (typeof transcript === 'string' && transcript !== '') parts.push({ is: 'text', text: transcript });
  return [...parts, mediaOf(sound, 'audio') ?? { is: 'other', value: sound }];
}
