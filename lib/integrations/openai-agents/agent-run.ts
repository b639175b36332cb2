import { CallRecord } from '../../calls/call-record.js';
import { type Fields, fields, nonEmptyString } from '../../calls/read-unknown.js';
import { getClient } from '../../client/global-client.js';
import { recorderOf } from '../../client/recording/client-parts.js';
import { clearTimeout, setTimeout } from '../../common/real-time.js';
import { createTrace } from '../../engine/create-span.js';
import type { Frame } from '../../engine/frame.js';
import { currentFrame, placeIn } from '../../engine/scope.js';
import type { TraceNode } from '../../engine/trace-node.js';
import type { SpanKind } from '../../model/kinds.js';
import { lastAssistantMessage, lastUserMessage } from '../../model/messages.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { inTrace, openStep, type Step } from '../adapter/step.js';
import { StepRecord } from '../adapter/step-record.js';
import { ModelCallEntry, SpanEntry } from './entries.js';
import { failureOf, type RunFailure } from './failure.js';
import { ModelData } from './model-calls.js';
import { shownAs } from './shown-as.js';

/*
 * One trace of the framework, made by a run or by its user's `inTrace`:
 *
 *     trace "Agent workflow"                    a trace of ours, unless one is current
 *       task                                    CHAIN; one in a tool is merged
 *         agent                                 AGENT; its input is its first model call's, its output its last one's
 *           turn                                merged
 *             generation | response             LLM
 *             function                          TOOL; a task in it is that of an agent used as a tool
 *         agent                                 after a hand-off: beside the first
 *
 * The framework does not report the end of a trace if its function throws. A run's own trace is over with its task. In a
 * user's trace more may follow: it is over when nothing does.
 */

/** How long a user's trace is kept open after a run in it has failed, in milliseconds. */
const waitMs = 1000;

/** The name of traces to which the framework has given only its default name; the same as in the vendor's package. */
const traceName = 'OpenAIAgentsSDK';
const unnamed = 'Agent workflow';

export class AgentRun {
  readonly #name: string;
  readonly #options: FrameworkOptions;
  /** The run's own trace; undefined if another trace is current. */
  readonly #trace: TraceNode | undefined;
  readonly #entries = new Map<unknown, SpanEntry>();
  #timer: NodeJS.Timeout | undefined;

  private constructor(name: string, options: FrameworkOptions, trace: TraceNode | undefined) {
    this.#name = name;
    this.#options = options;
    this.#trace = trace;
  }

  /** Undefined if nothing is recorded. */
  static start(started: Fields, given: FrameworkOptions): AgentRun | undefined {
    const name = nonEmptyString(started.name) ?? unnamed;
    const outside = currentFrame();
    if (placeIn(outside) !== undefined) return new AgentRun(name, given, undefined);
    const recorder = recorderOf(given.client ?? getClient(), outside);
    if (recorder === undefined) return undefined;
    const { userId, tags } = given;
    const sessionId = given.sessionId ?? nonEmptyString(started.groupId);
    const metadata = { ...fields(started.metadata), ...given.metadata };
    const own = name === unnamed ? traceName : name;
    const trace = createTrace(recorder, outside, own, { sessionId, userId, tags, metadata }, false);
    return new AgentRun(name, given, trace);
  }

  spanStarted(span: Fields): void {
    clearTimeout(this.#timer);
    const data = fields(span.spanData);
    const parent = this.#entries.get(span.parentId);
    const shown = shownAs(data, parent === undefined, this.#options.showInternals === true);
    const frame = currentFrame();
    if (shown === undefined) {
      this.#entries.set(span.spanId, new SpanEntry(undefined, data, parent, frame));
      return;
    }
    // The framework may also report spans that have already ended.
    const startedAt = span.endedAt ? Date.parse(`${span.startedAt}`) : undefined;
    const step = this.#open(shown.name, shown.kind, parent, startedAt);
    if (step === undefined) return;
    const entry = shown.isModelCall
      ? this.#modelCall(step, data, parent, frame)
      : new SpanEntry(new StepRecord(step, this.#options), data, parent, frame);
    this.#entries.set(span.spanId, entry);
    entry.enter();
  }

  /** @returns whether the trace is over, although the framework will not report its end */
  spanEnded(span: Fields): boolean {
    const entry = this.#entries.get(span.spanId);
    if (entry === undefined) return false;
    this.#entries.delete(span.spanId);
    const failure = failureOf(span.error);
    const { input, output } = entry.end(failure, span.endedAt ? Date.parse(`${span.endedAt}`) : undefined);
    if (entry.isOfRun) this.#write(input, output);
    if (entry.parent !== undefined || failure === undefined) return false;
    if (entry.name === this.#name) {
      this.#end(failure);
      return true;
    }
    this.#timer = setTimeout(() => this.#end(failure), waitMs).unref();
    return false;
  }

  /** Ends the trace, because the framework has reported its end, or will report nothing more. */
  end(): void {
    this.#end(undefined);
  }

  #open(name: string, kind: SpanKind, parent: SpanEntry | undefined, startedAt?: number): Step | undefined {
    const place = { parent: parent?.span, traceName, startedAt };
    const frame = currentFrame();
    const isOwn = this.#trace !== undefined && placeIn(frame)?.trace !== this.#trace;
    return openStep(name, kind, this.#options, isOwn ? inTrace(frame, this.#trace) : frame, place);
  }

  #modelCall(step: Step, data: Fields, parent: SpanEntry | undefined, frame: Frame): ModelCallEntry {
    const read = new ModelData(data.type);
    return new ModelCallEntry(new CallRecord(step.span, step.trace, read, this.#options), read, data, parent, frame);
  }

  /** Writes the last user message and the last assistant message to the trace. */
  #write(input: unknown, output: unknown): void {
    const trace = this.#trace;
    if (trace === undefined || trace.ended) return;
    const { captureInput = trace.recorder.captureInput, captureOutput = trace.recorder.captureOutput } = this.#options;
    if (captureInput && input !== undefined && trace.input === undefined) {
      trace.setInputText(trace.captureText(lastUserMessage(input) ?? input, 'input'));
    }
    if (captureOutput && output !== undefined) trace.setOutput(lastAssistantMessage(output) ?? output);
  }

  #end(failure: RunFailure | undefined): void {
    clearTimeout(this.#timer);
    const trace = this.#trace;
    if (trace === undefined || trace.ended) return;
    if (failure !== undefined && !failure.isAborted) trace.fail(failure.text);
    for (const entry of this.#entries.values()) entry.end(undefined, undefined);
    trace.end();
  }
}
