import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import type { Frame } from '../../engine/frame.js';
import { toolFrame } from '../../engine/integration/tool-span.js';
import { canEnter, currentFrame, enter, within } from '../../engine/scope.js';
import { guarded } from '../adapter/guarded.js';
import { OpenSteps } from '../adapter/open-steps.js';
import type { FrameworkOptions } from '../adapter/options.js';
import type { StepRecord } from '../adapter/step-record.js';
import { whenCollected } from '../adapter/when-collected.js';
import { attempt } from './model-step.js';
import { hasTools, Run } from './run.js';
import type { AISDKTelemetry } from './types.js';

/*
 * The events of the SDK (`ai` 7) in their order, each with the `callId` of its operation:
 *
 *     onStart
 *       onStepStart
 *         onLanguageModelCallStart   executeLanguageModelCall, once for each attempt   onLanguageModelCallEnd
 *         onToolExecutionStart       executeTool                                       onToolExecutionEnd
 *       onStepEnd
 *     onEnd, or onError, or onAbort
 *
 * generateObject and streamObject have onObjectStepStart and onObjectStepEnd around their one call of a model. `decide` and
 * `streamTranscribe` begin and end with events of their own. No event tells the end of a stream whose reader leaves early, or whose
 * result nobody reads.
 */

/**
 * The ids of the operations that a telemetry of this package records in this process, so that no second telemetry, also of another
 * copy of the package, records them again.
 */
const key = Symbol.for('pandaprobe.vercel-ai.v1');
const shared = globalThis as { [key]?: Set<string> };
shared[key] ??= new Set();
const claimed = shared[key];

/** The `callId` of all runs of `WorkflowAgent`. They share it, so their events cannot be told apart. Source: `@ai-sdk/workflow` 2. */
const ofEveryWorkflow = 'workflow-agent';

/** The part of `Telemetry` of `ai` 7 that is used. */
export class Telemetry implements AISDKTelemetry {
  readonly #options: FrameworkOptions;
  readonly #runs = new OpenSteps<string, Run>();
  readonly #tools = new OpenSteps<string, StepRecord>();
  /** The frame before an object's model call was made current. */
  readonly #outside = new WeakMap<Run, Frame>();

  /**
   * Undefined unless steps are shown, because a listener costs time: for each event that has one, the SDK copies the event with
   * every tool in it, and searches it for credentials.
   */
  readonly onStepStart?: (event: unknown) => void;
  readonly onStepEnd?: (event: unknown) => void;

  constructor(options: FrameworkOptions) {
    this.#options = options;
    if (options.showInternals !== true) return;
    this.onStepStart = (event) => this.#beginStep(event);
    this.onStepEnd = (event) => this.#endStep(event);
  }

  /**
   * A new function each time. The SDK reads this property for each operation, and keeps the function as long as the operation can go
   * on. So when the function is garbage-collected, its stream was left. (Operations that are no streams go on by themselves.)
   */
  get onStart(): (event: unknown) => void {
    return this.#newListener();
  }

  /** A new function each time, like {@link onStart}. */
  get experimental_onStreamTranscriptionStart(): (event: unknown) => void {
    return this.#newListener();
  }

  experimental_onDecideStart(event: unknown): void {
    this.#begin(event);
  }

  #newListener(): (event: unknown) => void {
    const listener = (event: unknown): void => {
      const run = this.#begin(event);
      if (run !== undefined && streams.has(fields(event).operationId)) endWhenCollected(listener, run);
    };
    return listener;
  }

  #begin(event: unknown): Run | undefined {
    return guarded('AI SDK', 'the start of an operation', () => {
      const begun = fields(event);
      const callId = nonEmptyString(begun.callId);
      // Older versions report calls without their ids.
      if (callId === undefined || callId === ofEveryWorkflow || claimed.has(callId)) return undefined;
      const { operationId, functionId, tools } = begun;
      const options = this.#optionsOf(begun);
      const release = () => {
        claimed.delete(callId);
        this.#runs.take(callId);
      };
      const run = Run.open(
        {
          operationId: nonEmptyString(operationId) ?? 'ai',
          functionId: nonEmptyString(functionId),
          hasTools: hasTools(tools),
          event: begun,
          options,
        },
        release,
      );
      if (run === undefined) return undefined;
      claimed.add(callId);
      this.#runs.add(callId, run);
      return run;
    });
  }

  onLanguageModelCallStart(event: unknown): void {
    this.#inRun('the start of a model call', event, (run, begun) => run.openModel(begun));
  }

  executeLanguageModelCall<T>(call: { callId: string; execute: () => PromiseLike<T> }): PromiseLike<T> {
    const model = this.#inRun('a model call', call, (run) => run.model);
    return model === undefined || model.isOver ? call.execute() : attempt(model, call.execute);
  }

  /** Ends the model call, unless its reply has ended it already. */
  onLanguageModelCallEnd(event: unknown): void {
    this.#inRun('the end of a model call', event, (run, ended) => {
      const { model } = run;
      if (model?.isStream === true) model.streamed();
      else model?.returned(ended);
      for (const part of list(ended.content)) {
        const call = fields(part);
        if (call.type === 'tool-call' && call.invalid === true) run.recordInvalid(call);
      }
    });
  }

  onObjectStepStart(event: unknown): void {
    this.#inRun('the start of a model call', event, (run, begun) => {
      const model = run.openModel(begun);
      if (model === undefined || !canEnter()) return;
      const outside = currentFrame();
      this.#outside.set(run, outside);
      enter(model.attempt(outside));
    });
  }

  onObjectStepEnd(event: unknown): void {
    this.#inRun('the end of a model call', event, (run, ended) => {
      const { objectText, reasoning, msToFirstChunk } = ended;
      const content = [
        { type: 'reasoning', text: reasoning },
        { type: 'text', text: objectText },
      ];
      if (typeof msToFirstChunk === 'number') run.model?.firstChunkAfter(msToFirstChunk);
      run.model?.returned({ ...ended, content });
      const outside = this.#outside.get(run);
      if (outside !== undefined) enter(outside);
    });
  }

  onToolExecutionStart(event: unknown): void {
    this.#inRun('the start of a tool', event, (run, { callId, toolCall }) => {
      const { toolCallId, toolName, input } = fields(toolCall);
      const id = String(toolCallId);
      const tool = run.openTool(id, nonEmptyString(toolName) ?? 'tool', input);
      if (tool !== undefined) this.#tools.add(`${callId} ${id}`, tool);
    });
  }

  executeTool<T>(call: { callId: string; toolCallId: string; execute: () => PromiseLike<T> }): PromiseLike<T> {
    const frame = guarded('AI SDK', 'a tool', () => {
      const tool = this.#tools.get(`${call.callId} ${call.toolCallId}`);
      return tool && toolFrame(tool.span, currentFrame());
    });
    return frame === undefined ? call.execute() : within(frame, call.execute);
  }

  /** A tool may end after its run, because an abort ends the run at once. */
  onToolExecutionEnd(event: unknown): void {
    guarded('AI SDK', 'the end of a tool', () => {
      const { callId, toolCall, toolOutput } = fields(event);
      const tool = this.#tools.take(`${callId} ${fields(toolCall).toolCallId}`);
      if (tool === undefined) return;
      const { type, output, error } = fields(toolOutput);
      if (type === 'tool-error') tool.fail(error ?? 'the tool failed');
      else tool.output(output);
      tool.end();
    });
  }

  onError(event: unknown): void {
    this.#inRun('an error', event, (run, { error }) => run.failed(error ?? 'the operation failed'));
  }

  onAbort(event: unknown): void {
    this.#inRun('an abort', event, (run, { reason }) => {
      if (fields(reason).name === 'TimeoutError') run.failed(reason);
      else run.aborted();
    });
  }

  /** Ends the operation. The end of a streamed object may have an error, which the caller gets when it reads the object. */
  onEnd(event: unknown): void {
    this.#inRun('the end of an operation', event, (run, ended) => {
      if (ended.error === undefined) run.answered(ended);
      else run.failed(ended.error);
    });
  }

  experimental_onDecideEnd(event: unknown): void {
    this.onEnd(event);
  }

  experimental_onStreamTranscriptionEnd(event: unknown): void {
    this.onEnd(event);
  }

  #beginStep(event: unknown): void {
    this.#inRun('the start of a step', event, (run, { stepNumber }) => run.beginStep(`step ${Number(stepNumber) + 1}`));
  }

  #endStep(event: unknown): void {
    this.#inRun('the end of a step', event, (run) => run.endStep());
  }

  #inRun<R>(what: string, event: unknown, use: (run: Run, event: Fields) => R): R | undefined {
    return guarded('AI SDK', what, () => {
      const data = fields(event);
      const run = this.#runs.get(String(data.callId));
      return run === undefined ? undefined : use(run, data);
    });
  }

  /** The options of a call; `recordInputs` and `recordOutputs` of the call take precedence over the options for all calls. */
  #optionsOf({ recordInputs, recordOutputs }: Fields): FrameworkOptions {
    return {
      ...this.#options,
      ...(recordInputs === false && { captureInput: false }),
      ...(recordOutputs === false && { captureOutput: false }),
    };
  }
}

/** The operations that go on only while somebody reads. */
const streams: ReadonlySet<unknown> = new Set(['ai.streamText', 'ai.streamObject', 'ai.streamTranscribe']);

/** A function outside of the listener, so that the callback does not reference the listener. */
function endWhenCollected(listener: object, run: Run): void {
  whenCollected(listener, () => run.aborted());
}
