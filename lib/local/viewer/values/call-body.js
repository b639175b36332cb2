// The request of a model call for another client: with that client's parameter names and message format.

import { conversationOf } from './messages.js';

/** @import {Span} from '../shapes.js' */
/** @import {Message, Part} from './messages.js' */

/** @typedef {Record<string, unknown>} Fields */

/** The providers' names of each parameter. */
const names = {
  temperature: ['temperature'],
  topP: ['top_p', 'topP'],
  topK: ['top_k', 'topK'],
  most: ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'maxOutputTokens', 'maxTokens'],
  stop: ['stop', 'stop_sequences', 'stopSequences'],
  seed: ['seed'],
  frequencyPenalty: ['frequency_penalty', 'frequencyPenalty'],
  presencePenalty: ['presence_penalty', 'presencePenalty'],
};

/** Parameters of chat completions that no other client has. */
const ofChat = ['n', 'logprobs', 'top_logprobs', 'reasoning_effort', 'verbosity', 'service_tier', 'modalities'];
/** Types of message parts that chat completions accept. */
const chatParts = /^(text|image_url|input_audio|file|refusal)$/;
const chatRoles = /^(system|developer|user|assistant|tool|function)$/;
/** The schema of every tool, because only the names of tools are recorded. */
const anything = { type: 'object', additionalProperties: true };

/** The names of the tools that the model could call. @param {Span} span @returns {string[]} */
export function toolsOf({ metadata }) {
  const { tools } = metadata ?? {};
  return Array.isArray(tools) ? tools.filter((each) => typeof each === 'string') : [];
}

/**
 * The body for OpenAI's chat completions. Messages that are in this form already are used as they were sent.
 *
 * @param {Span} span
 */
export function openAiBody(span) {
  const given = parametersOf(span);
  const own = span.model_parameters ?? {};
  const mostName = 'max_tokens' in own ? 'max_tokens' : 'max_completion_tokens';
  const tools = toolsOf(span).map((name) => ({ type: 'function', function: { name, parameters: anything } }));
  return defined({
    model: span.model ?? '',
    ...{
      temperature: given.temperature,
      top_p: given.topP,
      [mostName]: given.most,
      stop: given.stop,
      seed: given.seed,
    },
    ...{ frequency_penalty: given.frequencyPenalty, presence_penalty: given.presencePenalty },
    ...Object.fromEntries(ofChat.map((name) => [name, own[name]])),
    messages: asSent(span) ?? conversation(span).flatMap(chatMessages),
    ...(tools.length === 0 ? {} : { tools, tool_choice: chatChoice(own.tool_choice) }),
  });
}

/** The body for Anthropic's messages. @param {Span} span */
export function anthropicBody(span) {
  const given = parametersOf(span);
  const { thinking, tool_choice } = span.model_parameters ?? {};
  const tools = toolsOf(span).map((name) => ({ name, input_schema: anything }));
  const { system, said } = parted(span);
  return defined({
    model: span.model ?? '',
    max_tokens: given.most ?? 1024,
    ...{
      temperature: given.temperature,
      top_p: given.topP,
      top_k: given.topK,
      stop_sequences: listed(given.stop),
      thinking,
    },
    system,
    messages: said.map(({ role, parts }) => ({ role: isModel(role) ? 'assistant' : 'user', content: blocks(parts) })),
    ...(tools.length === 0
      ? {}
      : { tools, tool_choice: isFields(tool_choice) && !('function' in tool_choice) ? tool_choice : undefined }),
  });
}

/** The options for `generateText` of the AI SDK, except model and tools. @param {Span} span */
export function aiSdkOptions(span) {
  const { most, stop, ...same } = parametersOf(span);
  const { system, said } = parted(span);
  /** The names of called tools, by the call's id, because a result must name its tool. @type {Map<string, string>} */
  const called = new Map();
  const messages = said.flatMap(({ role, parts }) => {
    for (const part of parts) if (part.is === 'call') called.set(part.id, part.name);
    const answers = parts.filter((part) => part.is === 'result');
    const others = parts.filter((part) => part.is !== 'result');
    return [
      ...(answers.length === 0 ? [] : [{ role: 'tool', content: answers.map((part) => aiSdkResult(part, called)) }]),
      ...(others.length === 0 ? [] : [{ role: isModel(role) ? 'assistant' : 'user', content: aiSdkContent(others) }]),
    ];
  });
  return defined({ system, messages, ...same, maxOutputTokens: most, stopSequences: listed(stop) });
}

/** @param {Span} span @returns {Partial<Record<keyof typeof names, unknown>>} */
function parametersOf({ model_parameters }) {
  const own = model_parameters ?? {};
  const found = Object.entries(names).map(([name, theirs]) => [name, theirs.map((each) => own[each]).find(isGiven)]);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

/** The messages as they were sent, if chat completions accept them. @param {Span} span */
function asSent({ input }) {
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
function parted(span) {
  const all = conversation(span);
  const isSystem = (/** @type {Message} */ { role }) => role === 'system' || role === 'developer';
  const system = all.filter(isSystem).map(({ parts }) => textOf(parts));
  return {
    system: system.length === 0 ? undefined : system.join('\n\n'),
    said: all.filter((message) => !isSystem(message) && message.parts.length > 0),
  };
}

/** @param {Span} span @returns {Message[]} */
function conversation({ input }) {
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

/**
 * A message in the form of chat completions. It may become several, because each tool result is a message of its own.
 *
 * @param {Message} message
 */
function chatMessages({ role, parts }) {
  const answers = parts.filter((part) => part.is === 'result');
  const calls = parts.filter((part) => part.is === 'call');
  const said = parts.filter((part) => part.is !== 'result' && part.is !== 'call');
  /** @type {Fields[]} */
  const messages = answers.map(({ id, output }) => ({ role: 'tool', tool_call_id: id, content: asText(output) }));
  if (said.length === 0 && calls.length === 0) return messages;
  const pictures = said.some((part) => pictureOf(part) !== '');
  const content = pictures
    ? said.map((part) =>
        pictureOf(part) === ''
          ? { type: 'text', text: textOf([part]) }
          : { type: 'image_url', image_url: { url: pictureOf(part) } },
      )
    : textOf(said);
  const tool_calls = calls.map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: asText(input) },
  }));
  const own = chatRoles.test(role) && role !== 'tool' ? role : isModel(role) ? 'assistant' : 'user';
  messages.push(
    defined({
      role: own,
      content: said.length === 0 ? null : content,
      tool_calls: tool_calls.length === 0 ? undefined : tool_calls,
    }),
  );
  return messages;
}

/** @param {readonly Part[]} parts */
function blocks(parts) {
  if (parts.every((part) => part.is === 'text')) return textOf(parts);
  return parts.map((part) => {
    if (part.is === 'call')
      return { type: 'tool_use', id: part.id, name: part.name, input: isFields(part.input) ? part.input : {} };
    if (part.is === 'result')
      return defined({
        type: 'tool_result',
        tool_use_id: part.id,
        content: asText(part.output),
        is_error: part.hasFailed || undefined,
      });
    const [, media_type, data] = /^data:([^;,]+);base64,(.*)$/s.exec(pictureOf(part)) ?? [];
    if (data !== undefined) return { type: 'image', source: { type: 'base64', media_type, data } };
    if (pictureOf(part) !== '') return { type: 'image', source: { type: 'url', url: pictureOf(part) } };
    return { type: 'text', text: textOf([part]) };
  });
}

/** @param {readonly Part[]} parts */
function aiSdkContent(parts) {
  if (parts.every((part) => part.is === 'text')) return textOf(parts);
  return parts.map((part) => {
    if (part.is === 'call')
      return { type: 'tool-call', toolCallId: part.id, toolName: part.name, input: part.input ?? {} };
    const picture = pictureOf(part);
    return picture === '' ? { type: 'text', text: textOf([part]) } : { type: 'image', image: picture };
  });
}

/** @param {Extract<Part, {is: 'result'}>} part @param {ReadonlyMap<string, string>} called */
function aiSdkResult({ id, name, output }, called) {
  const value = typeof output === 'string' ? { type: 'text', value: output } : { type: 'json', value: output ?? null };
  return { type: 'tool-result', toolCallId: id, toolName: name || (called.get(id) ?? ''), output: value };
}

/** The URL of an image; empty for anything else. @param {Part} part */
function pictureOf(part) {
  return part.is === 'media' && part.media !== 'audio' && /^(data:image\/|https?:)/.test(part.source)
    ? part.source
    : '';
}

/** @param {readonly Part[]} parts */
function textOf(parts) {
  return parts
    .map((part) => (part.is === 'text' ? part.text : JSON.stringify('value' in part ? part.value : part)))
    .join('\n');
}

/** The tool choice in OpenAI's words. Anthropic has another word for "a tool must be called". @param {unknown} choice */
function chatChoice(choice) {
  return typeof choice === 'string' || (isFields(choice) && choice.type === 'function') ? choice : undefined;
}

/** @param {unknown} value */
function asText(value) {
  return typeof value === 'string' ? value : JSON.stringify(value ?? {});
}

/** @param {unknown} value */
function listed(value) {
  return value === undefined || Array.isArray(value) ? value : [value];
}

/** @param {string} role */
function isModel(role) {
  return /assistant|model|^ai$/.test(role);
}

/** @param {unknown} value */
function isGiven(value) {
  return value !== undefined && value !== null;
}

/** Removes fields that are undefined. @template {object} T @param {T} fields */
function defined(fields) {
  return /** @type {Partial<T>} */ (
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  );
}

/** @param {unknown} value @returns {value is Fields} */
function isFields(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
