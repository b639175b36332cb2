import { MessageEvents } from '../../calls/anthropic/message-events.js';
import { messages } from '../../calls/anthropic/messages.js';
import { messageReply, messageUsage } from '../../calls/anthropic/reply.js';
import { type CallAdapter, noStream, type ReplyFacts } from '../../calls/call-adapter.js';
import { CallRecord } from '../../calls/call-record.js';
import { count, laterUsage } from '../../calls/counts.js';
import { type Fields, fields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';
import { endSpanAt } from '../../engine/integration/given-times.js';
import type { SpanNode } from '../../engine/span-node.js';
import { tokenUsageJson } from '../../model/usage.js';
import type { FrameworkOptions } from '../adapter/options.js';

/** The command-line program's model name for messages that it writes itself, such as errors. */
const noModel = '<synthetic>';

const noTools = {
  started() {},
  requested() {},
  ended() {},
};

/** The name of the spans, the same as in the vendor's package. */
export const callName = 'claude-llm';

const adapter: CallAdapter = {
  name: callName,
  kind: 'LLM',
  request: messages.request,
  reply(reply): ReplyFacts {
    const facts = reply instanceof MessageEvents ? reply.facts() : messageReply(reply);
    return { ...facts, innerCalls: undefined }; // the framework counts them in the turn
  },
  stream: noStream,
};

/**
 * One call of the model. It arrives as several messages with the same id, each with a block of the reply and the same usage, whose
 * output tokens were counted when the reply began. With `includePartialMessages`, the events of the reply come as well.
 */
export class MessageCall {
  readonly #call: CallRecord;
  readonly #blocks: unknown[] = [];
  #events: MessageEvents | undefined;
  #streamed = 0;
  #message: Fields = {};
  #usage: Fields | undefined;
  #error: string | undefined;
  #isAborted = false;
  #endedAt: number | undefined;
  /** Whether a tool of this call has ended. Tools that are called after that belong to another call. */
  hasAnswers = false;
  /** Whether the output tokens were counted at the end of the reply. */
  isExact = false;

  constructor(span: SpanNode, options: FrameworkOptions) {
    this.#call = new CallRecord(span, undefined, adapter, options);
  }

  get span(): SpanNode {
    return this.#call.span;
  }

  get id(): string | undefined {
    return nonEmptyString(this.#message.id);
  }

  /** The output tokens, as far as they were counted. */
  get counted(): number {
    return count(this.#usage?.output_tokens) ?? 0;
  }

  get content(): readonly unknown[] {
    return this.#blocks;
  }

  /** Writes the request, when the first message of the reply has come. */
  began(message: Fields, system: unknown, history: readonly unknown[]): void {
    const { id, model } = message;
    this.#message = { id, model: model === noModel ? undefined : model };
    this.#call.request({ system, messages: history, model: this.#message.model });
  }

  /** Adds the part of the reply that one message has. */
  add({ content, usage, stop_reason, model }: Fields, error: unknown, isAborted: boolean): void {
    this.#isAborted ||= isAborted;
    this.#blocks.push(...list(content));
    this.#message = { ...this.#message, ...omitNullish({ stop_reason }) };
    if (model !== noModel && !this.isExact) this.#usage = laterUsage(this.#usage, fields(usage));
    const failure = nonEmptyString(error);
    if (failure === undefined) return;
    const said = list(content).map((block) => nonEmptyString(fields(block).text));
    this.#error = [failure, ...said.filter((text) => text !== undefined)].join(': ');
  }

  /** Adds one event of the reply's stream. */
  event(event: Fields): void {
    this.#events ??= new MessageEvents();
    if (this.#events.add(event, noTools)) this.span.firstChunk();
    const { type, usage, message } = event;
    if (type === 'content_block_start') this.#streamed += 1;
    if (type === 'message_start') this.#usage = laterUsage(this.#usage, fields(fields(message).usage));
    if (type !== 'message_delta' || count(fields(usage).output_tokens) === undefined) return;
    this.#usage = laterUsage(this.#usage, fields(usage));
    this.isExact = true;
  }

  /** Sets the latest possible end, because one of its tools was called at this time. */
  overAt(at: number): void {
    this.#endedAt = Math.min(this.#endedAt ?? at, at);
  }

  /** Whether it has asked for this tool. */
  asksFor(toolId: string): boolean {
    return this.#blocks.some((block) => fields(block).id === toolId);
  }

  /** The reply is whole. */
  end(): void {
    const call = this.#call;
    call.replied(this.#whole());
    if (this.#error !== undefined) {
      call.failed(undefined, { text: this.#error, metadata: { error: { type: this.#error.split(':')[0] } } });
      return;
    }
    endSpanAt(this.span, this.#endedAt);
    if (this.#isAborted) call.unread({ stream_incomplete: true, aborted: true });
    else call.finished();
  }

  /** Ends it, because no more events will come. */
  breakOff(metadata: Fields): void {
    // If a block did not arrive completely, its events have the part that did.
    const isCut = this.#events !== undefined && this.#streamed > this.#blocks.length;
    this.#call.replied(isCut ? this.#events : this.#whole());
    this.#call.unread({ stream_incomplete: true, ...metadata });
  }

  /** Adds output tokens that were counted for the whole turn, and in none of its messages. */
  addOutput(tokens: number): void {
    const usage = messageUsage({ ...this.#usage, output_tokens: this.counted + tokens });
    if (usage !== undefined) this.span.draft.tokenUsage = tokenUsageJson(usage, this.span.recorder.log);
  }

  /** Marks the call's cost as part of the cost of the span above. */
  paidAbove(): void {
    const { draft } = this.span;
    draft.call = { ...draft.call, isPaidAbove: true };
  }

  #whole(): Fields {
    return { ...this.#message, content: this.#blocks.length === 0 ? undefined : this.#blocks, usage: this.#usage };
  }
}
