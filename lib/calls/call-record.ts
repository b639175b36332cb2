import { errorName } from '../common/error-text.js';
import { endSpanAt, openGivenSpan } from '../engine/integration/given-times.js';
import { modelText } from '../engine/normalize-text.js';
import type { Recorder } from '../engine/recorder.js';
import type { SpanNode } from '../engine/span-node.js';
import type { TraceNode } from '../engine/trace-node.js';
import type { CaptureField } from '../model/capture-values.js';
import { lastAssistantMessage, lastUserMessage } from '../model/messages.js';
import { objectJson } from '../model/object-json.js';
import type { CallFacts, CapturedText, JsonText } from '../model/records.js';
import { costJson, tokenUsageJson } from '../model/usage.js';
import type { CallAdapter, InnerCall, ReplyFacts, ReplyStream, RequestFacts } from './call-adapter.js';
import { type ErrorFacts, errorFacts } from './error-facts.js';
import { type Fields, fields, isHeaders, nonEmptyString, omitNullish, withoutNulls } from './read-unknown.js';
import { isOnlyMessage } from './shown-message.js';
import { ToolSpans } from './tool-spans.js';
import { type Short, shortened, shortJson, shortText, textWithoutBytes } from './without-bytes.js';
import type { WrapOptions } from './wrap-options.js';

/**
 * Writes the facts of one call into its span, and into its own trace if no trace was current. It references no promise and no
 * stream, so that these can be garbage-collected while it waits. Nothing here throws.
 */
export class CallRecord {
  readonly span: SpanNode;
  /** The call's own trace, if it was made outside of any trace. */
  readonly trace: TraceNode | undefined;
  readonly #adapter: CallAdapter;
  readonly #served: CallFacts | undefined;
  readonly #capturesInput: boolean;
  readonly #capturesOutput: boolean;
  readonly tools: ToolSpans;
  /** When the call was over, in milliseconds since the epoch, if that is known only later. @defaultValue now */
  endedAt: number | undefined;
  #stream: ReplyStream | undefined;
  /** How many of the reply's inner calls have a span already. */
  #innerCalls = 0;
  #isReplied = false;
  #isOver = false;

  constructor(span: SpanNode, trace: TraceNode | undefined, adapter: CallAdapter, options: WrapOptions) {
    const { recorder } = span;
    this.span = span;
    this.trace = trace;
    this.#adapter = adapter;
    this.#served = options.served;
    this.#capturesInput = options.captureInput ?? recorder.captureInput;
    this.#capturesOutput = options.captureOutput ?? recorder.captureOutput;
    this.tools = new ToolSpans(span, this.#capturesOutput);
  }

  request(request: Fields): void {
    this.#guard('request', () => this.#writeRequest(this.#adapter.request(request)));
  }

  /** The reply is a stream. The part that has arrived is kept, even if the stream is aborted or never ends. */
  streaming(isAborted: () => boolean): void {
    this.#guard('stream', () => {
      this.#stream = this.#adapter.stream();
      this.span.progress = () => this.#outputSoFar();
      this.span.partial = () => {
        if (isAborted()) this.streamed(true);
        else this.#guard('reply', () => this.#writeReply(this.#stream?.facts() ?? {}));
      };
    });
  }

  chunk(chunk: unknown): void {
    if (this.#isOver || this.#stream === undefined) return;
    // Without #guard, which would create a function for each chunk.
    try {
      if (this.#stream.add(chunk, this.tools)) this.span.firstChunk();
    } catch (error) {
      this.#unreadable('chunk', error);
    }
  }

  /** Reads the headers of the response. Facts from the body, which is read later, take precedence. */
  answered(response: unknown): void {
    const { headers } = fields(response);
    if (this.#adapter.head === undefined || !isHeaders(headers)) return;
    this.#guard('reply', () => this.#writeReply(this.#adapter.head?.((name) => headers.get(name)) ?? {}));
  }

  /** Writes a whole reply. The call is over later, with {@link finished} or {@link failed}. */
  replied(value: unknown): void {
    if (this.#isOver || this.#isReplied) return;
    this.#isReplied = true;
    this.#guard('reply', () => this.#writeReply(this.#adapter.reply(value)));
  }

  /** Ends the call if {@link replied} was called; else nothing happens. */
  finished(): void {
    if (this.#isReplied) this.#end(() => {});
  }

  /** The stream is over: at its end, broken off by its reader, or aborted. */
  streamed(isAborted: boolean): void {
    this.#end(() => {
      this.#writeReply(this.#stream?.facts() ?? {});
      if (this.#stream?.isComplete === true) return;
      this.#addMetadata(isAborted ? { stream_incomplete: true, aborted: true } : { stream_incomplete: true });
    });
  }

  /** The call is over, and nobody read the reply. */
  unread(metadata: Fields): void {
    this.#end(() => this.#addMetadata(metadata));
  }

  /**
   * The call is over with an error; the part of the reply that arrived is kept.
   *
   * @param known - the facts of an error that was reported without the error object
   */
  failed(error: unknown, known?: ErrorFacts): void {
    this.#end(() => {
      const facts = known ?? errorFacts(error);
      this.#fail(facts.text);
      this.#addMetadata(facts.metadata);
      if (this.#stream === undefined) return;
      this.#writeReply(this.#stream.facts());
      if (!this.#stream.isComplete) this.#addMetadata({ stream_incomplete: true });
    });
  }

  /** Ends the call's own trace, because nothing more will be known of the call: its stream was garbage-collected, for example. */
  abandoned(): void {
    if (!this.#isOver) this.trace?.end();
  }

  #writeRequest({ input, model, parameters, metadata, call }: RequestFacts): void {
    const { span, trace } = this;
    const { draft } = span;
    const facts = {
      ...this.#served,
      requestedModel: model,
      serviceTier: nonEmptyString(parameters?.service_tier),
    };
    draft.call = call === undefined ? facts : { ...facts, ...call };
    if (model !== undefined) draft.model = modelText(span, model);
    if (parameters !== undefined) {
      draft.modelParameters = objectJson(json(span, parameters, 'modelParameters'));
    }
    if (metadata !== undefined) this.#addMetadata(metadata);
    if (input === undefined || !this.#capturesInput) return;
    const short = shortened(input);
    draft.input = captured(span, short, 'input');
    trace?.setInputText(this.#shown(short, lastUserMessage(short.value), 'input'));
  }

  #writeReply(facts: ReplyFacts): void {
    const { output, model, usage, cost, metadata, call, reasoning, error, tools, innerCalls } = facts;
    const { span, trace } = this;
    const { draft, recorder } = span;
    const known = call && omitNullish(call as Fields);
    if (known !== undefined) draft.call = { ...draft.call, ...known };
    if (model !== undefined) draft.model = modelText(span, model);
    if (usage !== undefined) draft.tokenUsage = tokenUsageJson(usage, recorder.log);
    if (cost !== undefined) draft.cost = costJson(cost, recorder.log);
    if (metadata !== undefined) this.#addMetadata(metadata);
    if (error !== undefined) this.#fail(error);
    if (tools !== undefined) for (const tool of tools) this.tools.ended(tool);
    for (const inner of innerCalls?.slice(this.#innerCalls) ?? []) this.#addInner(inner);
    if (!this.#capturesOutput) return;
    if (reasoning !== undefined) this.#addMetadata({ reasoning_summary: reasoning });
    if (output === undefined) return;
    const short = shortened(output);
    draft.output = captured(span, short, 'output');
    if (trace !== undefined) trace.output = this.#shown(short, lastAssistantMessage(short.value), 'output');
  }

  /** The trace's input or output: `message` of the value that the span has captured; the whole value if that is undefined. */
  #shown({ value, isPlain }: Short, message: unknown, field: 'input' | 'output'): CapturedText | undefined {
    const { trace, span } = this;
    const isAll = message === undefined || isOnlyMessage(value, message);
    if (isAll && span.recorder.capture?.masks === false) return span.draft[field];
    return trace && captured(trace, { value: message ?? value, isPlain }, field);
  }

  #addInner({ name, model, usage }: InnerCall): void {
    this.#innerCalls += 1;
    const { trace, recorder, draft } = this.span;
    const inner = openGivenSpan({ trace, parent: this.span }, name, { kind: 'LLM', model });
    // The provider's own cost of this call, or of a call above it, includes the inner calls.
    const isPaidAbove = draft.cost !== undefined || draft.call?.isPaidAbove === true;
    inner.draft.call = { ...this.#served, requestedModel: model, isPaidAbove };
    if (usage !== undefined) inner.draft.tokenUsage = tokenUsageJson(usage, recorder.log);
    inner.end();
  }

  #outputSoFar(): CapturedText | undefined {
    if (!this.#capturesOutput) return undefined;
    let text: CapturedText | undefined;
    this.#guard('reply', () => {
      const output = this.#stream?.facts().output;
      if (output !== undefined) text = captured(this.span, shortened(output), 'output');
    });
    return text;
  }

  #addMetadata(metadata: Fields): void {
    const { span } = this;
    const given = withoutNulls(metadata);
    if (given !== undefined) span.addMetadata(objectJson(json(span, given, 'metadata')));
  }

  #fail(error: string): void {
    const short = textWithoutBytes(error); // providers quote the refused input
    this.span.fail(short);
    this.trace?.fail(short);
  }

  #end(write: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { span, trace } = this;
    span.partial = undefined;
    span.progress = undefined;
    this.#guard('reply', write);
    this.#guard('end', () => {
      this.tools.end();
      endSpanAt(span, this.endedAt);
      trace?.end();
    });
  }

  /** Runs `write`, which reads a reply. A reply of an unknown form loses details of its record, and never breaks the caller's call. */
  #guard(what: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#unreadable(what, error);
    }
  }

  #unreadable(what: string, error: unknown): void {
    const { log }: Recorder = this.span.recorder;
    log.warn(`wrapper ${what}`, `${this.#adapter.name}: a ${what} could not be read: ${errorName(error)} was thrown`);
  }
}

function json(node: SpanNode, value: unknown, field: CaptureField): JsonText | undefined {
  return shortJson(shortened(value), node, field);
}

function captured(node: SpanNode | TraceNode, short: Short, field: 'input' | 'output'): CapturedText | undefined {
  return shortText(short, node, field);
}
