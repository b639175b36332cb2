// The request of a model call for another client: with that client's parameter names and message format.

import { asSent, chatRoles, conversation, isGiven, isModel, parted, pictureOf, textOf } from './call-messages.js';
import { isFields } from './read-unknown.js';

/** @import {Span} from '../shapes.js' */
/** @import {Part} from './message-parts.js' */
/** @import {Message} from './messages.js' */
/** @import {Fields} from './read-unknown.js' */

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

/** Removes fields that are undefined. @template {object} T @param {T} fields */
function defined(fields) {
  return /** @type {Partial<T>} */ (
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  );
}
