import { type BodyError, bodyError } from '../body-error.js';
import type { ReplyFacts, ReplyStream, ToolObserver } from '../call-adapter.js';
import { errorMessage } from '../error-facts.js';
import { fields, isFields, nonEmptyString } from '../read-unknown.js';
import { PartialItem } from './partial-item.js';
import { itemReasoning, outputMessage } from './response-items.js';
import { responseReply } from './response-reply.js';
import { endedTool, requestedTool, responseTool, responseTools } from './response-tools.js';

/** Events that carry content. Source: OpenAI API reference, streaming events of responses. */
const contentEvents =
  /^response\.(?:output_text|refusal|reasoning_text|reasoning_summary_text|audio|audio\.transcript|function_call_arguments|custom_tool_call_input|mcp_call_arguments|code_interpreter_call_code)\.delta$/;

/** The events after which nothing follows; each carries the whole response, or its items were streamed before. */
const lastEvents: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete', 'response.failed']);

/** Assembles a response from its events. */
export class ResponseStream implements ReplyStream {
  /** By output index; by the item's id if the server sends no index. */
  readonly #done = new Map<unknown, unknown>();
  /** Items that are not done yet, in case the stream is cut. */
  readonly #open = new Map<unknown, PartialItem>();
  #id: unknown;
  #model: string | undefined;
  #last: unknown;
  #error: BodyError | undefined;

  get isComplete(): boolean {
    return this.#last !== undefined || this.#error !== undefined;
  }

  add(event: unknown, tools: ToolObserver): boolean {
    const source = fields(event);
    const { type, response, item, delta, message, code } = source;
    if (isFields(response)) {
      this.#id ??= response.id;
      this.#model = nonEmptyString(response.model) ?? this.#model;
    }
    const key = source.output_index ?? source.item_id ?? fields(item).id;
    if (type === 'response.output_item.added') {
      this.#openItem(key).announce(fields(item));
      const tool = responseTool(item);
      if (tool !== undefined) tools.started(tool);
    } else if (type === 'response.output_item.done') {
      this.#open.delete(key);
      this.#done.set(key, structuredClone(item));
      const requested = requestedTool(item);
      const over = requested === undefined ? endedTool(item, [...this.#done.values()]) : undefined;
      if (requested !== undefined) tools.requested(requested);
      if (over !== undefined) tools.ended(over);
    } else if (lastEvents.has(type)) this.#last = structuredClone(response);
    else if (type === 'error') {
      const text = errorMessage(nonEmptyString(message) ?? bodyError(event)?.text ?? 'the stream reported an error');
      this.#error = { text, details: { type: 'error', code: code ?? fields(source.error).code } };
    } else if (typeof type === 'string' && !this.#done.has(key)) {
      // Compatible servers leave out the event that announces an item.
      if (typeof delta === 'string') this.#openItem(key).add(type, source, delta);
      else this.#open.get(key)?.complete(type, source);
    }
    return typeof type === 'string' && contentEvents.test(type) && delta !== '';
  }

  facts(): ReplyFacts {
    const error = this.#error;
    const failure =
      error === undefined ? {} : { error: error.text, metadata: { response_id: this.#id, error: error.details } };
    const items = this.#items();
    if (this.#last !== undefined) return { ...responseReply(this.#last, items), ...failure };
    const message = outputMessage(items);
    return {
      output: message === undefined ? undefined : { messages: [message] },
      model: this.#model,
      metadata: { response_id: this.#id },
      reasoning: itemReasoning(items),
      tools: responseTools([...this.#done.values()]),
      ...failure,
    };
  }

  /** The items so far, in the order of the output indexes; without indexes in the order of arrival. */
  #items(): readonly unknown[] {
    const open = [...this.#open].map(([key, item]) => [key, item.whole()] as const);
    const order = (key: unknown) => (typeof key === 'number' ? key : 0);
    return [...this.#done, ...open].sort(([a], [b]) => order(a) - order(b)).map(([, item]) => item);
  }

  #openItem(key: unknown): PartialItem {
    let item = this.#open.get(key);
    if (item === undefined) {
      item = new PartialItem();
      this.#open.set(key, item);
    }
    return item;
  }
}
