import { CallRecord } from '../../calls/call-record.js';
import { fields } from '../../calls/read-unknown.js';
import { suppressesProviderSpans } from '../../client/recording/suppression.js';
import type { Frame } from '../../engine/frame.js';
import { callbackFrame } from '../../engine/frames-of-node.js';
import { modelFrame } from '../../engine/integration/model-frame.js';
import { toolFrame } from '../../engine/integration/tool-span.js';
import { canEnter, currentFrame, enter } from '../../engine/scope.js';
import type { SpanKind } from '../../model/kinds.js';
import { OpenSteps } from '../adapter/open-steps.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { openStep, type Step } from '../adapter/step.js';
import { StepRecord } from '../adapter/step-record.js';
import { whenCollected } from '../adapter/when-collected.js';
import { onAbort } from './abort-watch.js';
import { recordInput } from './chain-values.js';
import { type ModelRequest, modelAdapter } from './chat-adapter.js';
import { endingOf } from './endings.js';
import { agentNameOf, innerName, type Naming, nameOf, rootName } from './naming.js';
import { traceOptions } from './opening.js';
import type { Token } from './reply-stream.js';
import { type ChainStart, isShown, kindOf, roleOf } from './roles.js';
import { Run } from './run.js';

/** The facts that the framework reports at the start of any run. */
export interface RunStart extends ChainStart {
  readonly id: string;
  readonly parentId: unknown;
}

/**
 * The running runs of this process, by the framework's ids. All handlers share them: if two handlers get the same run, the first
 * one records it.
 */
const open = new OpenSteps<string, Run>();

/** Removes and returns a run that is over. */
export function takeRun(id: string): Run | undefined {
  const run = open.take(id);
  run?.unwatch?.();
  run?.root.calls.delete(run);
  return run;
}

/** Ends the model calls whose streams were left early in a run that has now ended. */
export function endLeftCalls(root: Run): void {
  for (const { id } of root.calls) takeRun(id)?.aborted();
}

/**
 * Adds a run that has started. If the stream of a model or a chain is left early, the framework reports no end. The list of tags
 * belongs to the object with which the framework reports the end of this run. After that object was garbage-collected, no end can
 * come.
 */
function keep(run: Run, tags: unknown): void {
  open.add(run.id, run);
  if (Array.isArray(tags)) whenCollected(tags, endUnreported.bind(undefined, run.id));
}

function endUnreported(id: string): void {
  const run = takeRun(id);
  if (run === undefined) return;
  if (run === run.root) for (const inner of openIn(run)) takeRun(inner.id)?.aborted();
  run.aborted();
}

/** Opens the spans of the runs that one handler gets, and makes them current for the code in these runs. */
export class Runs {
  readonly #options: FrameworkOptions;
  readonly #naming: Naming;
  /** The frame in which calls were started together, by the object that they share. */
  readonly #batches = new WeakMap<object, Frame>();

  constructor(options: FrameworkOptions, naming: Naming) {
    this.#options = options;
    this.#naming = naming;
    // This is the first use of AsyncLocalStorage. On Node 20, promises made before it do not restore what was current.
    canEnter();
  }

  chain(start: RunStart, input: unknown): void {
    if (open.get(start.id) !== undefined) return;
    const parent = this.#parentOf(start);
    if (parent !== undefined) parent.nodeFailure = undefined; // the graph goes on
    const role = roleOf(start, parent?.role);
    const agentName = agentNameOf(start);
    if (!isShown(role, this.#options.showInternals === true)) {
      keep(new Run(start.id, parent, { role, agentName }), start.tags);
      return;
    }
    const name = parent === undefined ? rootName(start, role, this.#naming) : innerName(start, parent.agentName);
    const step = this.#open(name, kindOf(role), start, parent);
    if (step === undefined) return;
    const record = new StepRecord(step, this.#options);
    keep(new Run(start.id, parent, { role, step: record, agentName }), start.tags);
    makeCurrent(callbackFrame(step.span, currentFrame()));
    recordInput(record, input);
  }

  /** A tool or a retriever. */
  tool(start: RunStart, kind: 'TOOL' | 'RETRIEVER' | 'EMBEDDING', input: unknown, callId: unknown): void {
    if (open.get(start.id) !== undefined) return;
    const parent = this.#parentOf(start);
    const step = this.#open(nameOf(start), kind, start, parent);
    if (step === undefined) return;
    const record = new StepRecord(step, this.#options);
    keep(new Run(start.id, parent, { step: record, agentName: agentNameOf(start) }), start.tags);
    makeCurrent((kind === 'TOOL' ? toolFrame : callbackFrame)(step.span, currentFrame()));
    record.input(input);
    record.metadata({ tool_call_id: callId });
  }

  /** @param batch - an object that calls which start together share */
  model(start: RunStart, asked: ModelRequest, batch: object): void {
    const outside = this.#batches.get(batch) ?? currentFrame();
    // Not recorded: a model that another model calls, and a call that another integration records.
    if (open.get(start.id) !== undefined || suppressesProviderSpans(outside)) return;
    this.#batches.set(batch, outside);
    const parent = this.#parentOf(start);
    const name = nameOf(start);
    const step = this.#open(name, 'LLM', start, parent, outside);
    if (step === undefined) return;
    const call = new CallRecord(step.span, step.trace, modelAdapter(name), this.#options);
    const run = new Run(start.id, parent, { call, handler: this });
    keep(run, start.tags);
    if (parent !== undefined) parent.root.calls.add(run);
    run.unwatch = onAbort(fields(fields(batch).options).signal, (reason) => endAborted(run, reason));
    makeCurrent(modelFrame(step.span, outside));
    call.request(fields(asked));
  }

  /** A chunk of a reply. All handlers of the run get it; the one that records the run uses it. */
  token(id: string, piece: Token): void {
    const run = open.get(id);
    if (run?.handler === this) run.token(piece);
  }

  failed(id: string, error: unknown): void {
    const run = takeRun(id);
    if (run === undefined) return;
    const { root, parent } = run;
    const ending = endingOf(error);
    if (ending === 'failed' && isGraph(parent)) parent.nodeFailure = error;
    if (ending !== 'aborted') {
      run.failed(error);
      return;
    }
    if (run === root) for (const inner of openIn(root)) inner.aborted();
    // If a graph runs out of time, its node gets the timeout error, and the graph another one.
    run.failed(isTimeout(run.nodeFailure) ? run.nodeFailure : error);
    if (run !== root) endBrokenOff(run, root);
  }

  #parentOf({ parentId }: RunStart): Run | undefined {
    return typeof parentId === 'string' ? open.get(parentId) : undefined;
  }

  #open(
    name: string,
    kind: SpanKind,
    start: RunStart,
    parent: Run | undefined,
    outside = currentFrame(),
  ): Step | undefined {
    const above = parent?.span;
    if (above !== undefined) return openStep(name, kind, this.#options, outside, { parent: above });
    return openStep(name, kind, traceOptions(this.#options, { ...start }, outside), outside);
  }
}

/** Whether the run is a graph: then its children are the graph's nodes. */
function isGraph(run: Run | undefined): run is Run {
  return run?.role === 'agent' || run?.role === 'graph';
}

function isTimeout(error: unknown): boolean {
  return fields(error).name === 'TimeoutError';
}

/** The open runs within `root`. In an aborted run, some report their end only later, or never. */
function openIn(root: Run): readonly Run[] {
  return [...open.values()].filter((run) => run !== root && run.root === root);
}

/**
 * If the stream of a graph is left early, only its nodes report that they were aborted. When the last node has ended, the graph
 * is over, too. A graph whose node has failed aborts its other nodes, but reports its own end.
 */
function endBrokenOff(run: Run, root: Run): void {
  if (root.nodeFailure !== undefined) return;
  if (isGraph(root) && run.parent === root) root.isBrokenOff = true;
  if (!root.isBrokenOff || openIn(root).length > 0) return;
  open.take(root.id);
  root.aborted();
}

/**
 * Ends a model call whose end the framework has not reported, with the chain that it is in. A graph reports its own end. Running
 * out of time is a failure, any other abort is not.
 */
function endAborted(run: Run, reason: unknown): void {
  const { root } = run;
  const end = (each: Run) => (isTimeout(reason) ? each.failed(reason) : each.aborted());
  if (takeRun(run.id) === undefined) return;
  end(run);
  if (run === root || isGraph(root as Run | undefined) || takeRun(root.id) === undefined) return;
  for (const inner of openIn(root)) {
    takeRun(inner.id);
    end(inner);
  }
  end(root);
}

/**
 * Makes a frame current for the code of a run. The framework awaits its handlers at the start of each run, in the flow that then
 * executes the run. So the frame is current in the run, and not in the code that started it.
 */
function makeCurrent(frame: Frame): void {
  if (canEnter()) enter(frame);
}
