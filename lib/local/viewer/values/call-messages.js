// The messages of a model call, made ready to be sent once more.

import { conversationOf } from './messages.js';
import { isFields } from './read-unknown.js';

/** @import {Span} from '../shapes.js' */
/** @import {Part} from './message-parts.js' */
/** @import {Message} from './messages.js' */

/** Types of message parts that chat completions accept. */
const chatParts = /^(text|image_url|input_audio|file|refusal)$/;
export const chatRoles = /^(system|developer|user|assistant|tool|function)$/;

/** The messages as they were sent, if chat completions accept them. @param {Span} span */
export function asSent({ input }) {
  const messages = isFields(input) && !('system' in input) && !('instructions' in input) ? input.messages : input;
  if (!Array.isArray(messages) || messages.length === 0) return undefined;
  const fits = messages.every((message) => {
    if (!isFields(message) || !chatRoles.test(String(message.role))) return false;
    const { content } = message;
    if (Array.isArray(content)) return content.every((part) => isFields(part) && chatParts.test(String(part.type)));
    return typeof content === 'string' || (!isGiven(content) && Array.isArray(message.tool_calls));
  });
  return fits ? messages : undefined;
}

/** The instructions and the conversation, separately. @param {Span} span */
export function parted(span) {
  const all = conversation(span);
  const isSystem = (/** @type {Message} */ { role }) => role === 'system' || role === 'developer';
  const system = all.filter(isSystem).map(({ parts }) => textOf(parts));
  return {
    system: system.length === 0 ? undefined : system.join('\n\n'),
    said: all.filter((message) => !isSystem(message) && message.parts.length > 0),
  };
}

/** @param {Span} span @returns {Message[]} */
export function conversation({ input }) {
  const found = conversationOf(input)?.messages;
  // Thinking is left out, because a provider accepts only its own thinking, with its signature.
  if (found !== undefined) return joined(named(found.map(withoutThoughts)));
  const text = typeof input === 'string' ? input : JSON.stringify(input ?? '');
  return [{ role: 'user', name: '', parts: [{ is: 'text', text }] }];
}

/** @param {Message} message */
function withoutThoughts(message) {
  return { ...message, parts: message.parts.filter(({ is }) => is !== 'thinking') };
}

/**
 * Gives ids to calls and results without one, such as Gemini's. A result belongs to the first call of its tool that has no result.
 *
 * @param {readonly Message[]} messages
 */
function named(messages) {
  /** @type {{id: string, name: string}[]} */
  const open = [];
  let calls = 0;
  return messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) => {
      if (part.is === 'call' && part.id === '') {
        calls += 1;
        open.push({ id: `call_${calls}`, name: part.name });
        return { ...part, id: `call_${calls}` };
      }
      if (part.is !== 'result' || part.id !== '') return part;
      const at = open.findIndex(({ name }) => name === part.name);
      const [call] = at === -1 ? [] : open.splice(at, 1);
      return { ...part, id: call?.id ?? '' };
    }),
  }));
}

/**
 * Joins consecutive messages of one role: text and calls of one answer, or results, may be in separate messages.
 *
 * @param {readonly Message[]} messages
 */
function joined(messages) {
  /** @type {Message[]} */
  const found = [];
  const areResults = (/** @type {Message} */ { parts }) => parts.length > 0 && parts.every(({ is }) => is === 'result');
  for (const message of messages) {
    const before = found.at(-1);
    const fits =
      before !== undefined &&
      ((isModel(before.role) && isModel(message.role)) || (areResults(before) && areResults(message)));
    if (fits) found[found.length - 1] = { ...before, parts: [...before.parts, ...message.parts] };
    else found.push(message);
  }
  return found;
}

/** The URL of an image; empty for anything else. @param {Part} part */
export function pictureOf(part) {
  return part.is === 'media' && part.media !== 'audio' && /^(data:image\/|https?:)/.test(part.source)
    ? part.source
    : '';
}

/** @param {readonly Part[]} parts */
export function textOf(parts) {
  return parts
    .map((part) => (part.is === 'text' ? part.text : JSON.stringify('value' in part ? part.value : part)))
    .join('\n');
}

/** @param {string} role */
export function isModel(role) {
  return /assistant|model|^ai$/.test(role);
}

/** @param {unknown} value */
export function isGiven(value) {
  return value !== undefined && value !== null;
}
