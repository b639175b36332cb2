import { types } from '../common/builtins.js';

/** One message, as far as the convention goes. */
export interface Message {
  readonly role: string;
  readonly content?: string | readonly unknown[] | null | undefined;
}

/** The backend's form for LLM and trace input and output. Source: backend-contract.md, *Messages convention*. */
export interface Messages {
  readonly messages: readonly Message[];
}

/** Parameters of one call that are looked at for messages. */
const maxParameters = 32;
/** So many messages of a list are looked at, from its end. */
const maxMessages = 1000;

const userRoles: ReadonlySet<string> = new Set(['user', 'human']);
const assistantRoles: ReadonlySet<string> = new Set(['assistant', 'ai']);

/**
 * Whether `value` is `{ messages: [{ role, content }] }`: at least one message, every `role` a string,
 * every `content` a string, an array of parts, null or absent. Never throws, and runs no getter that recording the value would
 * run again.
 */
export function isMessages(value: unknown): value is Messages {
  try {
    return typeof value === 'object' && value !== null && rolesOf(field(value, 'messages')) !== undefined;
  } catch {
    return false;
  }
}

/**
 * The turn a trace shows as its input: `{ messages: [the last user or human message] }`. `value` is
 * `{ messages }`, an array of messages, or arguments keyed by parameter name of which exactly one is either.
 * Undefined where it is none of these, or has no such message. Never throws, never changes `value`.
 */
export function lastUserMessage(value: unknown): Messages | undefined {
  return lastOf(value, userRoles);
}

/** As {@link lastUserMessage}, for a trace's output: the last assistant or ai message. */
export function lastAssistantMessage(value: unknown): Messages | undefined {
  return lastOf(value, assistantRoles);
}

function lastOf(value: unknown, roles: ReadonlySet<string>): Messages | undefined {
  try {
    const list = find(value);
    const at = list?.roles.findLastIndex((role) => roles.has(role)) ?? -1;
    if (list === undefined || at < 0) return undefined;
    return { messages: [list.messages[list.messages.length - list.roles.length + at] as Message] }; // in range
  } catch {
    return undefined;
  }
}

/** A list of messages, and the roles of the last of them. */
interface Conversation {
  readonly messages: readonly unknown[];
  readonly roles: readonly string[];
}

function find(value: unknown): Conversation | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const direct = conversationOf(value);
  if (direct !== undefined || !isKeyed(value)) return direct;
  let found: Conversation | undefined;
  for (const key of Object.keys(value).slice(0, maxParameters)) {
    const inner = conversationOf(field(value, key));
    if (inner === undefined) continue;
    // With two conversations among the arguments nobody can say which is the turn.
    if (found !== undefined) return undefined;
    found = inner;
  }
  return found;
}

/** Whether the keys of an object are names: bytes and boxed strings have one for each unit, a proxy what it likes. */
function isKeyed(value: object): boolean {
  if (types.isProxy(value) || Array.isArray(value)) return false;
  return !ArrayBuffer.isView(value) && !types.isBoxedPrimitive(value);
}

function conversationOf(value: unknown): Conversation | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const messages = Array.isArray(value) ? value : field(value, 'messages');
  const roles = rolesOf(messages);
  return roles === undefined ? undefined : { messages: messages as readonly unknown[], roles }; // it has roles
}

/** The roles of the last messages of a list; undefined for anything else. */
function rolesOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || !(value.length > 0)) return undefined;
  const { length } = value;
  const roles: string[] = [];
  for (let at = Math.max(0, length - maxMessages); at < length; at += 1) {
    const role = roleOf(field(value, at));
    if (role === undefined) return undefined;
    roles.push(role);
  }
  return roles;
}

function roleOf(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const role = field(message, 'role');
  const content = field(message, 'content');
  const isContent = content === undefined || content === null || typeof content === 'string' || Array.isArray(content);
  return typeof role === 'string' && isContent ? role : undefined;
}

/** A property, unless it is a getter of the object's own: that is run where the value is recorded, and only there. */
function field(value: object, key: string | number): unknown {
  const own = Object.getOwnPropertyDescriptor(value, key);
  return own === undefined ? (value as Readonly<Record<string | number, unknown>>)[key] : own.value;
}
