import { type Fields, fields, nonEmptyString } from '../../calls/read-unknown.js';
import type { Frame } from '../../engine/frame.js';
import { canEnter, currentFrame, enter } from '../../engine/scope.js';
import { currentOwner } from '../../engine/session.js';
import type { SpanKind } from '../../model/kinds.js';
import { OpenSteps } from '../adapter/open-steps.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { openStep } from '../adapter/step.js';
import { AgentEntry } from './agent-entry.js';
import { Entry, timeOf } from './entry.js';
import { GenerationEntry, MappingEntry } from './generation-entry.js';
import { ModelEntry } from './model-entry.js';
import { type Shown, shownAs } from './shown-as.js';
import { StepEntry } from './step-entry.js';
import { ToolEntry } from './tool-entry.js';

/*
 * One trace of Mastra's:
 *
 *     agent_run                    AGENT
 *       model_generation           merged: the messages of its first model call
 *         model_step               merged
 *           model_inference        LLM; its end is reported after the tools that it asked for
 *             model_chunk          when its answer began
 *           tool_call              TOOL; an agent_run in it is that of a sub-agent
 *     workflow_run                 CHAIN
 *       workflow_step              CHAIN
 */

/**
 * The exporter that records each run, by Mastra's trace id: the first one that gets an event of it. All copies of this package in
 * a process share this map, because one of them may have been attached without code.
 */
const claimsKey = Symbol.for('pandaprobe.mastra.v1');
const shared = globalThis as { [claimsKey]?: Map<unknown, object> };
shared[claimsKey] ??= new Map();
const claims = shared[claimsKey];

/** The events of one exporter. */
export class MastraRuns {
  readonly #options: FrameworkOptions;
  readonly #runs = new OpenSteps<unknown, MastraRun>();

  constructor(options: FrameworkOptions) {
    this.#options = options;
  }

  heard(event: unknown): void {
    const { type, exportedSpan } = fields(event);
    const span = fields(exportedSpan);
    const { traceId } = span;
    let run = this.#runs.get(traceId);
    if (run === undefined) {
      if (type !== 'span_started' || claims.has(traceId)) return;
      run = new MastraRun(traceId, this.#options);
      this.#runs.add(traceId, run);
    }
    if (type === 'span_started') run.started(span);
    else if (type === 'span_ended' && run.ended(span)) this.#runs.take(traceId)?.end();
  }
}

/** The kinds of spans that Mastra opens itself, each in a flow of its own. */
const ofMastra: ReadonlySet<SpanKind> = new Set(['AGENT', 'CHAIN', 'LLM', 'TOOL']);

class MastraRun {
  readonly #traceId: unknown;
  readonly #options: FrameworkOptions;
  readonly #entries = new Map<unknown, Entry>();
  /** Usually one; a program may also give several runs the same trace id. */
  readonly #roots = new Set<Entry>();

  constructor(traceId: unknown, options: FrameworkOptions) {
    this.#traceId = traceId;
    this.#options = options;
    claims.set(traceId, this);
  }

  started(span: Fields): void {
    const parent = this.#parentOf(span);
    if (span.type === 'model_chunk') {
      if (parent instanceof ModelEntry) parent.chunkStarted(timeOf(span.startTime));
      return;
    }
    const entry = this.#open(span, parent, currentFrame());
    this.#entries.set(span.id, entry);
    if (parent === undefined) this.#roots.add(entry);
    const { frame } = entry;
    // The start of a workflow is reported in its caller's flow, where its span would stay current. The steps run in flows of
    // their own.
    const isCallers = parent === undefined && span.type === 'workflow_run';
    if (frame !== undefined && !isCallers && canEnter()) enter(frame);
  }

  /** @returns whether the whole trace is over */
  ended(span: Fields): boolean {
    const entry = this.#entries.get(span.id);
    if (entry === undefined) {
      const parent = this.#entries.get(span.parentSpanId);
      if (span.type === 'model_chunk' && parent instanceof ModelEntry) parent.chunkEnded(fields(span.output));
      // An event span, which takes no time, is reported only once.
      const isShown = span.isEvent === true && span.type !== 'model_chunk';
      if (isShown) this.#open(span, this.#parentOf(span), currentFrame()).end(span);
      return this.#roots.size === 0;
    }
    this.#entries.delete(span.id);
    this.#roots.delete(entry);
    entry.end(span);
    if (entry instanceof GenerationEntry && !entry.hasCalls) this.#openWhole(span, entry);
    return this.#roots.size === 0;
  }

  /** Ends everything that is still open. */
  end(): void {
    for (const entry of [...this.#entries.values()].reverse()) entry.end({});
    this.#entries.clear();
    this.#roots.clear();
    claims.delete(this.#traceId);
  }

  /** The entry of the nearest reported parent; the program may have left out the direct one. */
  #parentOf({ parentSpanId, isRootSpan }: Fields): Entry | undefined {
    return this.#entries.get(parentSpanId) ?? (isRootSpan === true ? undefined : [...this.#roots].at(-1));
  }

  #open(span: Fields, parent: Entry | undefined, outside: Frame): Entry {
    const shown = shownAs(span, this.#options.showInternals === true);
    // Internal spans with data that other spans need are read even if they are hidden.
    if (span.type === 'model_generation') return new GenerationEntry(span, parent, outside);
    if (span.type === 'mapping') return new MappingEntry(span, parent, outside);
    if (shown === undefined) return new Entry(span, parent, outside);
    return this.#openShown(shown, span, parent, outside) ?? new Entry(span, parent, outside);
  }

  /** Records a loop of model calls as one call, if the calls are not reported one by one. */
  #openWhole(span: Fields, generation: Entry): void {
    const { usage } = fields(span.attributes);
    if (fields(usage).inputTokens === undefined) return;
    this.#open({ ...span, type: 'model_inference' }, generation, currentFrame()).end(span);
  }

  #openShown({ name, kind }: Shown, span: Fields, parent: Entry | undefined, outside: Frame): Entry | undefined {
    const options = parent === undefined ? this.#ofTrace(span, outside) : this.#options;
    const startedAt = timeOf(span.startTime);
    // A span of another kind may have been opened by the program, in whose function it stays current like a handle.
    const isHandle = !ofMastra.has(kind);
    const step = openStep(name, kind, options, outside, { parent: parent?.span, startedAt, isHandle });
    if (step === undefined) return undefined;
    const given = [span, parent, outside, step, this.#options] as const;
    if (kind === 'LLM' || kind === 'EMBEDDING') return new ModelEntry(...given);
    if (kind === 'AGENT') return new AgentEntry(...given);
    return kind === 'TOOL' ? new ToolEntry(...given) : new StepEntry(...given);
  }

  /** Session, user, tags and metadata of the trace, from the framework's memory and the program's `tracingOptions`. */
  #ofTrace({ type, metadata, tags }: Fields, outside: Frame): FrameworkOptions {
    const { sessionId, threadId, userId, resourceId, ...rest } = fields(metadata);
    const options = this.#options;
    return {
      ...options,
      sessionId:
        options.sessionId ??
        currentOwner('sessionId', outside) ??
        nonEmptyString(sessionId) ??
        nonEmptyString(threadId),
      userId: options.userId ?? currentOwner('userId', outside) ?? nonEmptyString(userId) ?? nonEmptyString(resourceId),
      // A suspended workflow goes on in another trace. The id of the run is the same in both.
      metadata: { ...(type === 'workflow_run' && { run_id: rest.runId }), ...withoutItsOwn(rest), ...options.metadata },
      tags: Array.isArray(tags)
        ? [...(options.tags ?? []), ...tags.filter((tag) => nonEmptyString(tag))]
        : options.tags,
    };
  }
}

/** Metadata without what the framework adds. */
function withoutItsOwn({ runId, headers, body, requestContext, ...rest }: Fields): Fields {
  return rest;
}
