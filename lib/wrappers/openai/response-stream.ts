import { fields, filled, isFields, list } from '../narrow.js';
import type { ReplyFacts, ReplyStream, ToolWatch } from '../translation.js';
import { itemReasoning, outputMessage } from './response-items.js';
import { responseReply } from './response-reply.js';
import { responseTool } from './response-tools.js';

/** Events that carry content. Source: OpenAI API reference, streaming events of responses. */
const contentEvents =
  /^response\.(?:output_text|refusal|reasoning_text|reasoning_summary_text|audio|audio\.transcript)\.delta$|^response\.(?:function_call_arguments|custom_tool_call_input|mcp_call_arguments|code_interpreter_call_code)\.delta$/;

/** The events after which nothing follows; each carries the whole response. */
const lastEvents: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete', 'response.failed']);

/** An item that is not done yet: its deltas are kept for a stream that is cut. */
interface PartialItem {
  readonly item: Readonly<Record<string, unknown>>;
  text: string;
  refusal: string;
  input: string;
  summary: string;
}

/** Puts the events of a streamed response together. */
export class ResponseStream implements ReplyStream {
  readonly #done = new Map<unknown, unknown>();
  readonly #open = new Map<unknown, PartialItem>();
  #id: unknown;
  #model: string | undefined;
  #last: ReplyFacts | undefined;
  #error: { text: string; code: unknown } | undefined;

  get isComplete(): boolean {
    return this.#last !== undefined || this.#error !== undefined;
  }

  add(event: unknown, tools: ToolWatch): boolean {
    const { type, response, item, output_index: index, delta, message, code } = fields(event);
    if (isFields(response)) {
      this.#id ??= response.id;
      this.#model = filled(response.model) ?? this.#model;
    }
    if (type === 'response.output_item.added') {
      this.#open.set(index, { item: { ...fields(item) }, text: '', refusal: '', input: '', summary: '' });
      const tool = responseTool(item);
      if (tool !== undefined) tools.started(tool);
    } else if (type === 'response.output_item.done') {
      this.#open.delete(index);
      this.#done.set(index, structuredClone(item));
      const tool = responseTool(item);
      if (tool !== undefined) tools.ended(tool);
    } else if (lastEvents.has(type)) this.#last = responseReply(structuredClone(response));
    else if (type === 'error') this.#error = { text: filled(message) ?? 'the stream reported an error', code };
    else if (typeof delta === 'string' && typeof type === 'string') this.#addDelta(type, index, delta);
    return typeof type === 'string' && contentEvents.test(type) && delta !== '';
  }

  facts(): ReplyFacts {
    const error = this.#error;
    const failure =
      error === undefined
        ? {}
        : { error: error.text, metadata: { response_id: this.#id, error: { type: 'error', code: error.code } } };
    if (this.#last !== undefined) return { ...this.#last, ...failure };
    const items = [...this.#done, ...[...this.#open].map(([index, item]) => [index, wholeItem(item)] as const)]
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([, item]) => item);
    const message = outputMessage(items);
    return {
      output: message === undefined ? undefined : { messages: [message] },
      model: this.#model,
      metadata: { response_id: this.#id },
      reasoning: itemReasoning(items),
      ...failure,
    };
  }

  #addDelta(type: string, index: unknown, delta: string): void {
    let partial = this.#open.get(index);
    if (partial === undefined) {
      // Compatible servers leave out the event that announces an item.
      partial = { item: { type: 'message' }, text: '', refusal: '', input: '', summary: '' };
      if (!this.#done.has(index)) this.#open.set(index, partial);
    }
    if (type === 'response.output_text.delta') partial.text += delta;
    else if (type === 'response.refusal.delta') partial.refusal += delta;
    else if (type === 'response.reasoning_summary_text.delta' || type === 'response.reasoning_text.delta') {
      partial.summary += delta;
    } else if (/^response\.(?:function_call_arguments|custom_tool_call_input)\.delta$/.test(type)) {
      partial.input += delta;
    }
  }
}

function wholeItem({ item, text, refusal, input, summary }: PartialItem): unknown {
  switch (item.type) {
    case 'message': {
      const said = text === '' ? [] : [{ type: 'output_text', text }];
      return { ...item, content: refusal === '' ? said : [...said, { type: 'refusal', refusal }] };
    }
    case 'function_call':
      return { ...item, arguments: input };
    case 'custom_tool_call':
      return { ...item, input };
    case 'reasoning':
      return { ...item, summary: summary === '' ? list(item.summary) : [{ type: 'summary_text', text: summary }] };
    default:
      return item;
  }
}
