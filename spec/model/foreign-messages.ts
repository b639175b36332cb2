/* Messages as frameworks and clients make them, taken from their own output. */

const empty = { additional_kwargs: {}, response_metadata: {} };
const call = { name: 'look', args: { x: 1 }, id: 'c1', type: 'tool_call' };
const because = [{ type: 'text', text: 'because' }];

/** Class, type and fields of each message of one conversation. */
const said: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  ['SystemMessage', 'system', { content: 'be brief' }],
  ['HumanMessage', 'human', { content: 'why?' }],
  ['AIMessage', 'ai', { content: '', tool_calls: [call] }],
  ['ToolMessage', 'tool', { content: 'found', tool_call_id: 'c1' }],
  ['AIMessageChunk', 'ai', { content: because, tool_calls: [] }],
];

/** As an instance of `@langchain/core` 0.3; in 1.x there is a field `type`, too. */
class LangChainMessage {
  readonly lc_serializable = true;
  readonly lc_namespace = ['langchain_core', 'messages'];
  readonly lc_kwargs: object;
  readonly #name: string;
  readonly #type: string;
  constructor(name: string, type: string, fields: object) {
    this.lc_kwargs = fields;
    this.#name = name;
    this.#type = type;
    Object.assign(this, empty, fields);
  }
  _getType(): string {
    return this.#type;
  }
  toJSON(): unknown {
    const id = [...this.lc_namespace, this.#name];
    return { lc: 1, type: 'constructor', id, kwargs: { ...this.lc_kwargs, ...empty } };
  }
}

const old = said.map(([name, type, fields]) => new LangChainMessage(name, type, fields));
const recent = said.map(([name, type, fields]) => Object.assign(new LangChainMessage(name, type, fields), { type }));
const chat = Object.assign(new LangChainMessage('ChatMessage', 'generic', { content: 'why?', role: 'user' }));

/** Conversations in which the user says `why?`, and `because` is the answer. */
export const conversations: Readonly<Record<string, readonly unknown[]>> = {
  'LangChain 0.3': old,
  'LangChain 1': recent,
  'LangChain with a role of its own': [chat, ...recent.slice(2)],
  'LangChain as JSON': JSON.parse(JSON.stringify(recent)),
  'LangChain stored': said.map(([, type, fields]) => ({ type, data: { ...fields, ...empty } })),
  'LangChain as plain objects': said.map(([, type, fields]) => ({ type, ...fields })),
  'AI SDK, of the interface': [
    { id: 'u1', role: 'user', parts: [{ type: 'text', text: 'why?' }] },
    {
      id: 'a1',
      role: 'assistant',
      metadata: {},
      parts: [{ type: 'step-start' }, { type: 'text', text: 'because', state: 'done' }],
    },
  ],
  'AI SDK, of the model': [
    { role: 'user', content: 'why?' },
    { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: { x: 1 } }] },
    { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c1', toolName: 'look', output: {} }] },
    { role: 'assistant', content: because },
  ],
  Gemini: [
    { role: 'user', parts: [{ text: 'why?' }] },
    { role: 'model', parts: [{ functionCall: { name: 'look', args: { x: 1 } } }] },
    { role: 'user', parts: [{ functionResponse: { name: 'look', response: { a: 1 } } }] },
    { role: 'user', parts: [{ text: 'wh' }, { text: 'y?' }] },
    { role: 'model', parts: [{ text: 'because' }] },
  ],
  Anthropic: [
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'found' }] },
    { role: 'user', content: 'why?' },
    { id: 'msg_1', type: 'message', role: 'assistant', content: because, stop_reason: 'end_turn' },
  ],
  'OpenAI Responses': [
    { role: 'user', content: 'why?' },
    { type: 'reasoning', id: 'rs_1', summary: [] },
    { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{"x":1}' },
    { type: 'function_call_output', call_id: 'c1', output: 'found' },
    { type: 'web_search_call', id: 'ws_1', status: 'completed' },
    { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'because' }] },
  ],
  Mistral: [
    { role: 'user', content: 'why?' },
    { role: 'assistant', content: '', toolCalls: [{ id: 'c1', function: { name: 'look', arguments: '{}' } }] },
    { role: 'tool', content: 'found', toolCallId: 'c1' },
    { role: 'assistant', content: 'because' },
  ],
  'Mistral conversations': [
    { object: 'entry', type: 'message.input', role: 'user', content: 'why?' },
    { object: 'entry', type: 'function.call', toolCallId: 'c1', name: 'look', arguments: '{}' },
    { object: 'entry', type: 'function.result', toolCallId: 'c1', result: 'found' },
    { object: 'entry', type: 'message.output', role: 'assistant', content: 'because' },
  ],
};

/** The text of what a message says. */
export function textOf(content: unknown): unknown {
  return Array.isArray(content) ? content.map((part) => (part as { text?: unknown }).text).join('') : content;
}
