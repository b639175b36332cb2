/* Recognizes messages of frameworks and clients by their form, because none of these packages is imported. */

/** One message, as far as the convention goes. */
export interface Message {
  readonly role: string;
  readonly content?: string | readonly unknown[] | null | undefined;
}

/** The role for each type of LangChain's messages, and for Gemini's role `model`. */
const roles: Readonly<Record<string, string | undefined>> = {
  __proto__: null as never,
  human: 'user',
  ai: 'assistant',
  model: 'assistant',
  system: 'system',
  tool: 'tool',
  function: 'tool',
};

/** Returns `value` itself if it follows the convention, a message of another known form converted, else undefined. */
export function messageOf(value: unknown): Message | undefined {
  if (!isObject(value)) return undefined;
  const role = field(value, 'role');
  if (typeof role !== 'string' || 'lc_kwargs' in value) return langChainMessage(value) ?? responseItem(value);
  const content = field(value, 'content');
  const parts = field(value, 'parts');
  if (content === undefined && Array.isArray(parts)) return { role: roles[role] ?? role, content: contentOf(parts) };
  return isContent(content) ? (value as Message) : undefined; // its role is a string
}

/** Converts a message of LangChain: an instance, `{ lc, id, kwargs }`, `{ type, data }` or `{ type, content }`. */
function langChainMessage(value: object): Message | undefined {
  const kwargs = field(value, 'kwargs');
  const body = [kwargs, field(value, 'data')].find(isObject) ?? value;
  const { _getType } = value as { _getType?: unknown };
  const type = typeof _getType === 'function' ? _getType.call(value) : field(value, 'type');
  const name = isObject(kwargs) ? /(\w+)Message/.exec(`${field(value, 'id')}`)?.[1]?.toLowerCase() : type;
  const role = roles[`${name}`] ?? field(body, 'role');
  const content = typeof role === 'string' ? field(body, 'content') : undefined;
  if (content === undefined || !isContent(content)) return undefined;
  const calls = field(body, 'tool_calls') as readonly unknown[] | undefined;
  const tool_calls = calls?.length === 0 ? undefined : calls;
  return { role, content, tool_call_id: field(body, 'tool_call_id'), tool_calls } as Message;
}

/** Converts entries other than messages in OpenAI's Responses and Mistral's conversations: tool calls and their results. */
function responseItem(value: object): Message | undefined {
  const [type, ending = ''] =
    /^(?:reasoning|\w+[._](call|execution|output|result))$/.exec(`${field(value, 'type')}`) ?? [];
  if (type === undefined) return undefined;
  if (ending === 'call' || ending === 'execution')
    return { role: 'assistant', content: null, tool_calls: [value] } as Message;
  const output = field(value, ending);
  return { role: ending === '' ? type : 'tool', content: typeof output === 'string' ? output : [value] };
}

/** The text if it is the only part, otherwise the parts; without markers of steps. */
function contentOf(parts: readonly unknown[]): string | readonly unknown[] {
  const said = parts.filter((part) => !isObject(part) || field(part, 'type') !== 'step-start');
  const texts = said.map((part) =>
    isObject(part) && (field(part, 'type') ?? 'text') === 'text' ? field(part, 'text') : undefined,
  );
  return texts.every((text) => typeof text === 'string') ? texts.join('') : said;
}

function isContent(content: unknown): content is Message['content'] {
  return content === undefined || content === null || typeof content === 'string' || Array.isArray(content);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * A property, unless it is a getter, which may load or change something. The inherited ones of records run: Mongoose and Sequelize
 * have one for each field, and these classes have `toJSON`.
 */
export function field(value: object, key: string | number): unknown {
  const own = Object.getOwnPropertyDescriptor(value, key);
  const found = value as { readonly [key]?: unknown; readonly toJSON?: unknown };
  return own === undefined && typeof found.toJSON === 'function' ? found[key] : own?.value;
}
