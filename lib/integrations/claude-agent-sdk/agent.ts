import { blocksMessage, requestMessages } from '../../calls/anthropic/blocks.js';
import { type Fields, fields } from '../../calls/read-unknown.js';
import { openGivenSpan } from '../../engine/integration/given-times.js';
import type { FrameworkOptions } from '../adapter/options.js';
import type { StepRecord } from '../adapter/step-record.js';
import { callName, MessageCall } from './message-call.js';

/*
 * An agent's messages arrive when the program reads them; hooks report tools at once, and may come first. So a call of the model
 * whose tool starts before its message is opened then, and waits for its message:
 *
 *   by hooks        ──────── PreToolUse w ───── PostToolUse w ────────────────────
 *   read            ─────────────────── m1 (w) ──────────────────── result ── m2 ──
 *   recorded        [── LLM ──][─────── w ─────][──────────── LLM ─────────────]
 */

/** The user's message at the end of a history. There is none if an agent goes on by itself, such as after a background task. */
export function promptOf(history: readonly unknown[]): readonly unknown[] {
  return history.slice(-1).filter((message) => fields(message).role === 'user');
}

/** The agent itself, or a sub-agent of it, in one turn. */
export class AgentRun {
  readonly step: StepRecord;
  readonly #options: FrameworkOptions;
  readonly #system: unknown;
  /** The messages that its model gets, in the form of Anthropic's API. */
  readonly #history: unknown[];
  /** Calls whose message has not been read yet. */
  readonly #unread: MessageCall[] = [];
  readonly calls: MessageCall[] = [];
  /** Whether its tool use has returned when it started. */
  isInBackground = false;
  /** Whether a hook has reported its end. */
  hasStopped = false;
  #current: MessageCall | undefined;
  /** The content of its last message: in the history there are those of earlier turns, too. */
  #last: readonly unknown[] = [];
  /** The content of its answer, if it was reported without a message. */
  #answer: readonly unknown[] = [];
  /** The time since which the model is working. */
  #askedSince: number;

  constructor(step: StepRecord, options: FrameworkOptions, system: unknown, history: unknown[]) {
    this.step = step;
    this.#options = options;
    this.#system = system;
    this.#history = history;
    this.#askedSince = step.span.trace.now();
    const messages = requestMessages(system, promptOf(history));
    if (messages.length > 0) this.step.input({ messages });
  }

  /** Handles one message of the model. */
  onAssistantMessage(message: Fields, error: unknown, isAborted: boolean): void {
    const call = this.#callOf(message);
    call.add(message, error, isAborted);
    const { span } = this.step;
    if (span.draft.model === undefined) span.draft.model = call.span.draft.model;
    span.partial = () => this.#write();
  }

  /** One event of a message that is streamed. */
  onStreamEvent(event: Fields): void {
    const { type, message } = event;
    const call = type === 'message_start' ? this.#callOf(fields(message)) : this.#current;
    call?.event(event);
  }

  /** A message to the model: the user's, or the results of its tools. */
  onModelInput(message: unknown, isResult: boolean): void {
    this.#endCurrent();
    if (isResult) this.#askedSince = this.#now;
    this.#history.push(message);
  }

  /** The tool use with this id for which its model has asked. */
  asked(toolId: string): Fields | undefined {
    const blocks = this.calls.flatMap(({ content }) => content).map(fields);
    return blocks.find(({ id }) => id === toolId);
  }

  /** Handles the start of a tool. */
  toolCalled(toolId: string): void {
    const known = this.calls.find((call) => call.asksFor(toolId));
    const waiting = this.#unread.at(-1) ?? this.#current;
    const call = known ?? (waiting?.hasAnswers === false ? waiting : this.#open());
    call.overAt(this.#now);
  }

  /** The next model call starts here; the latest one has its tool results. */
  toolEnded(): void {
    this.#askedSince = this.#now;
    const call = this.#unread.at(-1) ?? this.#current;
    if (call !== undefined) call.hasAnswers = true;
  }

  /** Sets its answer. A sub-agent's messages may be forwarded only if they ask for tools. */
  answered(content: readonly unknown[]): void {
    if (content.length > 0) this.#answer = content;
  }

  /** Ends its last model call: no more messages will come. */
  finish(): void {
    this.#endCurrent();
    for (const call of this.#unread.splice(0)) call.breakOff({});
    this.#write();
  }

  breakOff(metadata: Fields): void {
    for (const call of [this.#current, ...this.#unread.splice(0)]) call?.breakOff(metadata);
    this.#keep();
    this.#write();
    this.step.metadata({ stream_incomplete: true, ...metadata });
  }

  /** The last message of the model. */
  get last(): unknown {
    return this.#output(this.#last);
  }

  get #now(): number {
    return this.step.span.trace.now();
  }

  #write(): void {
    const content = this.#current?.content ?? [];
    this.step.output(content.length > 0 ? this.#output(content) : this.last);
  }

  #output(said: readonly unknown[]): unknown {
    const isAnswer = said.length > 0 && !said.some((block) => fields(block).type === 'tool_use');
    const content = isAnswer || this.#answer.length === 0 ? said : this.#answer;
    return content.length === 0 ? undefined : { messages: [blocksMessage(content)] };
  }

  #open(): MessageCall {
    const { span } = this.step;
    const place = { trace: span.trace, parent: span, startedAt: this.#askedSince };
    const { metadata } = this.#options;
    const call = new MessageCall(openGivenSpan(place, callName, { kind: 'LLM', metadata }), this.#options);
    this.#unread.push(call);
    this.calls.push(call);
    return call;
  }

  #callOf(message: Fields): MessageCall {
    const current = this.#current;
    if (current !== undefined && current.id === message.id) return current;
    this.#endCurrent();
    const call = this.#unread[0] ?? this.#open();
    this.#unread.shift();
    call.began(message, this.#system, [...this.#history]);
    this.#current = call;
    return call;
  }

  #endCurrent(): void {
    this.#current?.end();
    if (this.#current?.hasAnswers === false) this.#askedSince = this.#now;
    this.#keep();
  }

  #keep(): void {
    const content = this.#current?.content ?? [];
    if (content.length > 0) {
      this.#history.push({ role: 'assistant', content });
      this.#last = content;
    }
    this.#current = undefined;
  }
}
