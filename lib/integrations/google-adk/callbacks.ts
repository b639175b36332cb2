import { CallRecord } from '../../calls/call-record.js';
import { type Method, Patches } from '../../calls/patch.js';
import { fields, nonEmptyString } from '../../calls/read-unknown.js';
import { suppressesProviderSpans } from '../../client/recording/suppression.js';
import type { Frame } from '../../engine/frame.js';
import { modelFrame } from '../../engine/integration/model-frame.js';
import { toolFrame } from '../../engine/integration/tool-span.js';
import { canEnter, currentFrame, enter } from '../../engine/scope.js';
import type { SpanNode } from '../../engine/span-node.js';
import { tokenUsageJson } from '../../model/usage.js';
import { guarded } from '../adapter/guarded.js';
import { openStep } from '../adapter/step.js';
import { StepRecord } from '../adapter/step-record.js';
import type { Instrumented } from './instrumented.js';
import { modelAdapter, modelOf } from './model-call.js';

/*
 * A runner calls its plugins for model calls and tools. This integration is not a plugin: plugins are logged, a plugin may stop
 * the calls of later ones, and an error in one ends the run. So the methods that call the plugins are patched:
 *
 *   runBeforeModelCallback ─ the model ─ runAfterModelCallback (each piece, then the whole) │ runOnModelErrorCallback
 *   runBeforeToolCallback  ─ the tool  ─ runOnToolErrorCallback, if it throws ─ runAfterToolCallback
 *
 * The span that is made current in the first of them stays current until the last.
 */

/** A running step, and the frame that was current before. */
interface RunningCall<T> {
  readonly record: T;
  readonly outside: Frame;
  isStream?: boolean;
  /** Why the stream of a model has ended. The whole answer mostly follows. */
  ending?: unknown;
}

/** The running model call of each invocation context. */
const models = new WeakMap<object, RunningCall<CallRecord>>();
/** The last answered model call of each invocation context. */
const answered = new WeakMap<object, CallRecord>();
/** The invocation context of an agent's last model call, by the agent's span. */
const invocationOfAgent = new WeakMap<SpanNode, object>();
/** The running tool call of each tool context. */
const tools = new WeakMap<object, RunningCall<StepRecord>>();
/** The patched plugin managers. */
const patched = new WeakSet<object>();

/** Patches a runner's plugin manager, once, so that model calls and tools are recorded. */
export function observeManager(manager: unknown, instrumented: Instrumented): void {
  if (typeof manager !== 'object' || manager === null || patched.has(manager)) return;
  patched.add(manager);
  const patches = new Patches();
  for (const [name, { what, report }] of Object.entries(callbacks)) {
    patches.method(manager, name, (original): Method => {
      return function observed(...args) {
        if (instrumented.isOn) guarded('Google ADK', what, () => report(args[0], instrumented));
        return original.apply(this, args);
      };
    });
  }
}

/** Ends an agent's model call that is still open: a callback of the user has answered instead, or the run was left early. */
export function endOpenModelCall(agent: SpanNode, isAborted: boolean): void {
  const invocation = invocationOfAgent.get(agent);
  if (invocation !== undefined) endOpenCallOf(invocation, isAborted);
}

function endOpenCallOf(invocation: object, isAborted: boolean): void {
  const running = models.get(invocation);
  if (running === undefined) return;
  models.delete(invocation);
  if (running.ending !== undefined) {
    running.record.replied(running.ending);
    running.record.finished();
  } else if (running.isStream === true) running.record.streamed(isAborted);
  else running.record.unread(isAborted ? { aborted: true } : { skipped: true });
}

interface Callback {
  /** What it reports, for warnings. */
  readonly what: string;
  readonly report: (params: unknown, instrumented: Instrumented) => void;
}

const callbacks: Readonly<Record<string, Callback>> = {
  runBeforeModelCallback: { what: 'a model call', report: modelCalled },
  runAfterModelCallback: { what: 'a response of a model', report: modelAnswered },
  runOnModelErrorCallback: { what: 'an error of a model', report: modelFailed },
  runBeforeToolCallback: { what: 'a tool', report: toolCalled },
  runAfterToolCallback: { what: 'the end of a tool', report: toolAnswered },
  runOnToolErrorCallback: { what: 'an error of a tool', report: toolFailed },
};

function modelCalled(params: unknown, { options }: Instrumented): void {
  const { callbackContext, llmRequest } = fields(params);
  const invocation = invocationOf(callbackContext);
  endOpenCallOf(invocation, false);
  const outside = currentFrame();
  if (suppressesProviderSpans(outside)) return;
  const { agent } = invocation as { readonly agent?: unknown };
  const model = modelOf(fields(llmRequest), agent);
  const step = openStep(model, 'LLM', options, outside);
  if (step === undefined) return;
  const record = new CallRecord(step.span, step.trace, modelAdapter(model), options);
  record.request({ ...fields(llmRequest), model });
  models.set(invocation, { record, outside });
  if (step.span.parent !== undefined) invocationOfAgent.set(step.span.parent, invocation);
  makeCurrent(modelFrame(step.span, outside));
}

function modelAnswered(params: unknown): void {
  const { callbackContext, llmResponse } = fields(params);
  const invocation = invocationOf(callbackContext);
  const running = models.get(invocation);
  if (running === undefined) {
    addLateUsage(invocation, llmResponse);
    return;
  }
  const { record, outside } = running;
  if (fields(llmResponse).partial === true) {
    if (running.isStream !== true) record.streaming(() => false);
    running.isStream = true;
    record.chunk(llmResponse);
    return;
  }
  if (running.isStream === true && fields(llmResponse).content === undefined && running.ending === undefined) {
    running.ending = llmResponse;
    makeCurrent(outside);
    return;
  }
  models.delete(invocation);
  answered.set(invocation, record);
  record.replied(llmResponse);
  record.finished();
  makeCurrent(outside);
}

/** Adds token counts that come after the call: in a stream that calls tools, they come after the tools. */
function addLateUsage(invocation: object, response: unknown): void {
  const { span } = answered.get(invocation) ?? {};
  if (span === undefined || span.draft.tokenUsage !== undefined) return;
  const { usage } = modelAdapter('').reply(response);
  if (usage !== undefined) span.draft.tokenUsage = tokenUsageJson(usage, span.recorder.log);
}

function modelFailed(params: unknown): void {
  const { callbackContext, error } = fields(params);
  const invocation = invocationOf(callbackContext);
  const running = models.get(invocation);
  if (running === undefined) return;
  models.delete(invocation);
  running.record.failed(error);
  makeCurrent(running.outside);
}

function toolCalled(params: unknown, { options }: Instrumented): void {
  const { tool, toolArgs, toolContext } = fields(params);
  const outside = currentFrame();
  const step = openStep(nonEmptyString(fields(tool).name) ?? 'tool', 'TOOL', options, outside);
  if (step === undefined) return;
  const record = new StepRecord(step, options);
  tools.set(Object(toolContext), { record, outside });
  makeCurrent(toolFrame(step.span, outside));
  record.input(toolArgs);
  record.metadata({ tool_call_id: fields(toolContext).functionCallId });
}

function toolAnswered(params: unknown): void {
  const { toolContext, result } = fields(params);
  const running = tools.get(Object(toolContext));
  if (running === undefined) return;
  tools.delete(Object(toolContext));
  running.record.output(result);
  running.record.end();
  makeCurrent(running.outside);
}

/** The framework then calls `runAfterToolCallback`, too. */
function toolFailed(params: unknown): void {
  const { toolContext, error } = fields(params);
  const { record } = tools.get(Object(toolContext)) ?? {};
  record?.fail(error);
  record?.end();
}

function invocationOf(context: unknown): object {
  return Object(fields(context).invocationContext);
}

/** Makes a frame current. The framework calls the callbacks in the same flow that then runs the model or tool. */
function makeCurrent(frame: Frame): void {
  if (canEnter()) enter(frame);
}
