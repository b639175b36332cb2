/** One message, as far as the convention goes. */
export interface Message {
  readonly role: string;
  readonly content?: string | readonly unknown[] | null | undefined;
}

/** The backend's form for LLM and trace input and output. Source: contract, *Messages convention*. */
export interface Messages {
  readonly messages: readonly Message[];
}

/** Parameters of one call that are looked at for messages. */
const maxParameters = 32;

const userRoles: ReadonlySet<string> = new Set(['user', 'human']);
const assistantRoles: ReadonlySet<string> = new Set(['assistant', 'ai']);

/**
 * Whether `value` is `{ messages: [{ role, content }] }`: at least one message, every `role` a string,
 * every `content` a string, an array of parts, null or absent. Never throws.
 */
export function isMessages(value: unknown): value is Messages {
  try {
    return (
      typeof value === 'object' && value !== null && listOf((value as { messages?: unknown }).messages) !== undefined
    );
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
    const last = find(value)?.findLast((message) => roles.has(message.role));
    return last === undefined ? undefined : { messages: [last] };
  } catch {
    return undefined;
  }
}

function find(value: unknown): readonly Message[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const direct = directList(value);
  if (direct !== undefined || Array.isArray(value)) return direct;
  let found: readonly Message[] | undefined;
  for (const key of Object.keys(value).slice(0, maxParameters)) {
    const inner = directList((value as Readonly<Record<string, unknown>>)[key]);
    if (inner === undefined) continue;
    // With two conversations among the arguments nobody can say which is the turn.
    if (found !== undefined) return undefined;
    found = inner;
  }
  return found;
}

function directList(value: unknown): readonly Message[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Array.isArray(value) ? listOf(value) : listOf((value as { messages?: unknown }).messages);
}

function listOf(value: unknown): readonly Message[] | undefined {
  return Array.isArray(value) && value.length > 0 && value.every(isMessage) ? value : undefined;
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false;
  const { role, content } = value as { role?: unknown; content?: unknown };
  if (typeof role !== 'string') return false;
  return content === undefined || content === null || typeof content === 'string' || Array.isArray(content);
}
