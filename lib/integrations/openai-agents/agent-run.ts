import { CallRecord } from '../../calls/call-record.js';
import { type Fields, fields, nonEmptyString } from '../../calls/read-unknown.js';
import { getClient } from '../../client/global-client.js';
import { recorderOf } from '../../client/recording/client-parts.js';
import { clearTimeout, setTimeout } from '../../common/real-time.js';
import { createTrace } from '../../engine/create-span.js';
import type { Frame } from '../../engine/frame.js';
import { currentFrame, placeIn } from '../../engine/scope.js';
import type { SpanNode } from '../../engine/span-node.js';
import type { TraceNode } from '../../engine/trace-node.js';
import type { SpanKind } from '../../model/kinds.js';
import { lastAssistantMessage, lastUserMessage } from '../../model/messages.js';
import { objectJson } from '../../model/object-json.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { inTrace, openStep, type Step } from '../adapter/step.js';
import { StepRecord } from '../adapter/step-record.js';
import { ModelCallEntry, ofRuns, SpanEntry } from './entries.js';
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
 * A run's own trace is over with its task. In a user's trace more may follow, so it is over when the framework says so. But the
 * framework does not report the end of a trace whose function throws; it reports the end too early if the user reads a stream
 * later; and it reports neither start nor end for a run that goes on after its user has approved a tool.
 */

/** How long a user's trace is kept open after a run in it has failed, in milliseconds. */
const waitMs = 1000;

/** The name of traces to which the framework has given only its default name; the same as in the vendor's package. */
const traceName = 'OpenAIAgentsSDK';
const unnamed = 'Agent workflow';

/** Whether a run begins with this span. */
export function beginsRun({ parentId, spanData }: Fields): boolean {
  return (parentId === null || parentId === undefined) && ofRuns.has(fields(spanData).type);
}

export class AgentRun {
  readonly #name: string;
  readonly #options: FrameworkOptions;
  /** The run's own trace; undefined if another trace is current. */
  readonly #trace: TraceNode | undefined;
  readonly #entries = new Map<unknown, SpanEntry>();
  /** Whether several traces of the framework are recorded in this one. */
  isShared = false;
  #timer: NodeJS.Timeout | undefined;
  /** How many of the framework's traces are recorded in this one and not over: a program may give several runs the same trace id. */
  #running = 1;
  /** For how many of them the framework has reported the end while a run was still going on. */
  #reportedOver = 0;

  private constructor(name: string, options: FrameworkOptions, trace: TraceNode | undefined) {
    this.#name = name;
    this.#options = options;
    this.#trace = trace;
  }

  /** Records a run that goes on in a trace of which the framework has already reported the end. Undefined if nothing is recorded. */
  static resume(started: Fields, given: FrameworkOptions): AgentRun | undefined {
    const run = AgentRun.start(started, given);
    if (run !== undefined) run.#reportedOver = 1;
    return run;
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
    // A span that the user opens begins in the flow of the user's function, where it stays current like a handle.
    const isHandle = !ofRuns.has(data.type) && parent?.isInRun !== true;
    const step = this.#open(shown.name, shown.kind, parent, { startedAt, isHandle });
    if (step === undefined) return;
    const entry = shown.isModelCall
      ? this.#modelCall(step, data, parent, frame)
      : new SpanEntry(new StepRecord(step, this.#options), data, parent, frame);
    this.#entries.set(span.spanId, entry);
    entry.enter();
  }

  /** Another trace of the framework with the same id begins. @returns false if this one has ended, so that it is a trace of its own */
  joined(): boolean {
    if (this.#trace?.ended === true) return false;
    this.#running += 1;
    this.isShared = true;
    return true;
  }

  /** @returns whether the trace is over, although the framework will not report its end again */
  spanEnded(span: Fields): boolean {
    const entry = this.#entries.get(span.spanId);
    if (entry === undefined) return false;
    this.#entries.delete(span.spanId);
    const failure = failureOf(span.error);
    const { input, output } = entry.end(failure, span.endedAt ? Date.parse(`${span.endedAt}`) : undefined);
    if (entry.isOfRun) this.#write(input, output);
    const trace = this.#trace;
    if (entry.isOfRun && entry.isWaiting) {
      trace?.addMetadata(objectJson(trace.capture({ interrupted: true }, 'metadata')));
    }
    if (entry.parent !== undefined) return false;
    if (this.#reportedOver > 0 && !this.#hasRun) return this.#over(this.#reportedOver, failure);
    if (failure === undefined) return false;
    if (entry.name === this.#name) return this.#over(1, failure);
    this.#timer = setTimeout(() => this.#over(1, failure), waitMs).unref();
    return false;
  }

  /**
   * The framework has reported the end of its trace. It does so when the function that it was given returns; a stream that the
   * function has not read is still running then.
   *
   * @returns whether the trace is over
   */
  traceEnded(): boolean {
    if (!this.#hasRun) return this.#over(1, undefined);
    this.#reportedOver += 1;
    return false;
  }

  /** Ends the trace, because the framework will report nothing more. */
  end(): void {
    this.#end(undefined);
  }

  /** Whether a run is still going on: it has an open span. The framework ends all spans of a run, also if the run fails. */
  get #hasRun(): boolean {
    return [...this.#entries.values()].some(({ isOfRun, data }) => isOfRun && ofRuns.has(data.type));
  }

  /**
   * Traces of the framework are over; ends ours with the last of them.
   * @param count - how many are over
   * @returns whether ours has ended
   */
  #over(count: number, failure: RunFailure | undefined): boolean {
    this.#running -= count;
    this.#reportedOver = 0;
    if (this.#running > 0) return false;
    this.#end(failure);
    return true;
  }

  #open(
    name: string,
    kind: SpanKind,
    parent: SpanEntry | undefined,
    how: { startedAt: number | undefined; isHandle: boolean },
  ): Step | undefined {
    const place = { parent: parent?.span, traceName, ...how };
    const frame = parent === undefined ? this.#outsideOwnSpans(currentFrame()) : currentFrame();
    const isOwn = this.#trace !== undefined && placeIn(frame)?.trace !== this.#trace;
    return openStep(name, kind, this.#options, isOwn ? inTrace(frame, this.#trace) : frame, place);
  }

  /** The frame outside of this run's open spans. A root of the framework's trace is in none of them, even if one is current. */
  #outsideOwnSpans(frame: Frame): Frame {
    const own = new Set([...this.#entries.values()].map(({ span }) => span));
    const place = placeIn(frame);
    if (place?.span === undefined || !own.has(place.span)) return frame;
    let span: SpanNode | undefined = place.span;
    while (span !== undefined && own.has(span)) span = span.parent;
    return { ...frame, trace: place.trace, span };
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
    for (const entry of [...this.#entries.values()].reverse()) entry.end(undefined, undefined);
    trace.end();
  }
}
