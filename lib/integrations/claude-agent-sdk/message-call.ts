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

/** What the command-line program names as the model of a message that it has written itself, such as of an error. */
const noModel = '<synthetic>';

const noTools = {
  started() {},
  ended() {},
};

/** The name of the spans, as the vendor's package calls them. */
export const callName = 'claude-llm';

const adapter: CallAdapter = {
  name: callName,
  kind: 'LLM',
  request: messages.request,
  reply: (reply): ReplyFacts => (reply instanceof MessageEvents ? reply.facts() : messageReply(reply)),
  stream: noStream,
};

/**
 * One call of the model. It arrives as several messages of one id, each with a block of the reply and the same usage, in which
 * the output is only what was counted when the reply began; with partial messages its events come, too.
 */
export class MessageCall {
  readonly #call: CallRecord;
  readonly #blocks: unknown[] = [];
  #events: MessageEvents | undefined;
  #streamed = 0;
  #message: Fields = {};
  #usage: Fields | undefined;
  #error: string | undefined;
  #endedAt: number | undefined;
  /** A tool of it has ended: what is called from here on, another call has asked for. */
  hasAnswers = false;
  /** The output was counted when the reply was over. */
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

  /** What was generated, as far as it was counted. */
  get counted(): number {
    return count(this.#usage?.output_tokens) ?? 0;
  }

  get content(): readonly unknown[] {
    return this.#blocks;
  }

  /** Its first message is here. */
  began(message: Fields, system: unknown, history: readonly unknown[]): void {
    const { id, model } = message;
    this.#message = { id, model: model === noModel ? undefined : model };
    this.#call.request({ system, messages: history, model: this.#message.model });
  }

  /** Adds what one message holds of the reply. */
  add({ content, usage, stop_reason, model }: Fields, error: unknown): void {
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

  /** A tool that it asked for was called then: it was over before. */
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
    call.finished();
  }

  /** It gets no more events. */
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

  /** What it cost is a part of what the span above says. */
  paidAbove(): void {
    const { draft } = this.span;
    draft.call = { ...draft.call, isPaidAbove: true };
  }

  #whole(): Fields {
    return { ...this.#message, content: this.#blocks.length === 0 ? undefined : this.#blocks, usage: this.#usage };
  }
}
