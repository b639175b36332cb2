import { types } from '../common/builtins.js';
import { field, type Message, messageOf } from './message-forms.js';

/** The backend's form for LLM and trace input and output. Source: backend-contract.md, *Messages convention*. */
interface Messages {
  readonly messages: readonly Message[];
}

/** Most parameters of one call that are searched for messages. */
const maxParameters = 32;
/** How many messages of a list are searched, from its end. */
const maxMessages = 1000;

const userRoles: ReadonlySet<string> = new Set(['user', 'human']);
const assistantRoles: ReadonlySet<string> = new Set(['assistant', 'ai']);

/**
 * `value` as `{ messages: [{ role, content }] }`: itself where it is that already (at least one message, every `role` a string,
 * every `content` a string, an array of parts, null or absent); a list of messages, one message, or an object with messages,
 * also in the forms of LangChain, the AI SDK, Gemini and OpenAI's Responses, in that form; undefined for anything else. Never
 * throws, never changes `value`, and runs no getter that recording the value would run again.
 */
export function asMessages(value: unknown): unknown {
  try {
    const found = conversationOf(value);
    if (found === undefined) return undefined;
    const { list, property, messages, isForeign } = found;
    if (property === 'messages' && !isForeign) return value;
    const whole = { messages: isForeign ? [...list.slice(0, -messages.length), ...messages] : list };
    return property === undefined ? whole : { ...(value as object), [property]: undefined, ...whole };
  } catch {
    return undefined;
  }
}

/**
 * The message that a trace shows as its input: `{ messages: [the last user or human message] }`. `value` is anything that
 * {@link asMessages} takes, or an object of arguments by parameter name, exactly one of which is or has messages.
 * Undefined for any other value, or if there is no such message. Never throws, never changes `value`.
 */
export function lastUserMessage(value: unknown): Messages | undefined {
  return lastOf(value, userRoles);
}

/** Like {@link lastUserMessage}, but for a trace's output: the last assistant or ai message. */
export function lastAssistantMessage(value: unknown): Messages | undefined {
  return lastOf(value, assistantRoles);
}

function lastOf(value: unknown, shown: ReadonlySet<string>): Messages | undefined {
  try {
    const last = conversationIn(value)?.messages.findLast(({ role }) => shown.has(role));
    return last && { messages: [last] };
  } catch {
    return undefined;
  }
}

interface Conversation {
  readonly list: readonly unknown[];
  /** The name of the property that holds the list; undefined if the value itself is the list, or the only message. */
  readonly property: string | undefined;
  /** The last messages of the list, in the backend's form. */
  readonly messages: readonly Message[];
  /** Whether any of them had another form. */
  readonly isForeign: boolean;
}

/** The conversation that a value is, or the only one among the arguments of a call. */
function conversationIn(value: unknown): Conversation | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const direct = conversationOf(value, ['messages']);
  if (direct !== undefined || !isKeyed(value)) return direct;
  let found: Conversation | undefined;
  for (const key of Object.keys(value).slice(0, maxParameters)) {
    const inner = conversationOf(field(value, key));
    if (inner === undefined) continue;
    // Two of the arguments are conversations, so it is not clear which one to show.
    if (found !== undefined) return undefined;
    found = inner;
  }
  return found;
}

/** Whether an object's keys are names. Bytes and boxed strings have a key for each unit, and a proxy may have any keys. */
function isKeyed(value: object): boolean {
  if (types.isProxy(value) || Array.isArray(value)) return false;
  return !ArrayBuffer.isView(value) && !types.isBoxedPrimitive(value);
}

/** The messages of a list, of an object that has one under one of these names, or one message. */
function conversationOf(
  source: unknown,
  properties = ['messages', 'contents', 'input', 'prompt'],
): Conversation | undefined {
  if (typeof source !== 'object' || source === null) return undefined;
  if (Array.isArray(source)) return ofList(source, undefined);
  for (const property of properties) {
    const list = field(source, property);
    if (Array.isArray(list)) return ofList(list, property);
  }
  // Anything may have a role: one message must say something.
  return messageOf(source)?.content === undefined ? undefined : ofList([source], undefined);
}

function ofList(list: readonly unknown[], property: string | undefined): Conversation | undefined {
  const { length } = list;
  if (!(length > 0)) return undefined;
  const messages: Message[] = [];
  let isForeign = false;
  for (let at = Math.max(0, length - maxMessages); at < length; at += 1) {
    const item = field(list, at);
    const message = messageOf(item);
    if (message === undefined) return undefined;
    isForeign ||= message !== item;
    messages.push(message);
  }
  return { list, property, messages, isForeign };
}
