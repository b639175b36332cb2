import { type Method, Patches } from '../../calls/patch.js';
import { type Fields, fields } from '../../calls/read-unknown.js';
import { getClient } from '../../client/global-client.js';
import { guarded } from '../adapter/guarded.js';
import { OpenSteps } from '../adapter/open-steps.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { whenCollected } from '../adapter/when-collected.js';
import { AgentRun, beginsRun } from './agent-run.js';

/** The interface that the framework calls when its traces and spans start and end. */
export interface AgentsTraceProcessor {
  /** A run, or a `withTrace` of the framework's user, has begun. */
  onTraceStart(trace: object): Promise<void>;
  /** Called at the end of a run, but not if the run throws. */
  onTraceEnd(trace: object): Promise<void>;
  /** A step has begun: an agent, a model call, a tool. */
  onSpanStart(span: object): Promise<void>;
  /** The step is over. */
  onSpanEnd(span: object): Promise<void>;
  /**
   * Sends everything that was recorded so far, as the framework shuts down.
   *
   * @param timeout - how long that may take, in milliseconds
   * @defaultValue 4000
   */
  shutdown(timeout?: number): Promise<void>;
  /** Sends everything that was recorded so far. */
  forceFlush(): Promise<void>;
}

/** Most traces whose facts are kept after their end, because a run in them may go on. */
const maxEnded = 1000;

/** Default time for `shutdown`, in milliseconds. The framework itself waits 5 seconds at the end of the process. */
const shutdownMs = 4000;

/**
 * Gets every run of the framework. It works synchronously within each call, so that frames that it enters reach the user's code.
 */
export class TraceProcessor implements AgentsTraceProcessor {
  /** `false` after `uninstrument()`, because the framework cannot remove a processor. */
  isOn = true;
  /** Whether the framework calls it. */
  isRegistered = true;
  options: FrameworkOptions;
  readonly #runs = new OpenSteps<unknown, AgentRun>();
  /** Name, group and metadata of the latest traces, by id. */
  readonly #traces = new Map<unknown, Fields>();
  /** Spans whose start was already handled: {@link observeAtOnce} reports them first, and the framework reports them again. */
  readonly #started = new WeakSet<object>();
  readonly #ended = new WeakSet<object>();

  constructor(options: FrameworkOptions) {
    this.options = options;
  }

  async onTraceStart(trace: object): Promise<void> {
    if (!this.isOn) return;
    guarded('OpenAI Agents', 'the start of a run', () => {
      const { traceId, name, groupId, metadata } = fields(trace);
      if (this.#runs.get(traceId)?.joined() === true) return;
      const run = AgentRun.start(fields(trace), this.options);
      if (run === undefined) return;
      this.#runs.add(traceId, run);
      this.#endIfLeft(trace, traceId, run);
      this.#traces.set(traceId, { name, groupId, metadata });
      const [oldest] = this.#traces.keys();
      if (this.#traces.size > maxEnded) this.#traces.delete(oldest);
    });
  }

  async onTraceEnd(trace: object): Promise<void> {
    guarded('OpenAI Agents', 'the end of a run', () => {
      const { traceId } = fields(trace);
      if (this.#runs.get(traceId)?.traceEnded() === true) this.#runs.take(traceId);
    });
  }

  async onSpanStart(span: object): Promise<void> {
    if (this.#started.has(span)) return;
    this.#started.add(span);
    guarded('OpenAI Agents', 'a span', () => {
      const started = fields(span);
      (this.#runs.get(started.traceId) ?? this.#resumed(started))?.spanStarted(started);
    });
  }

  async onSpanEnd(span: object): Promise<void> {
    if (this.#ended.has(span)) return;
    this.#ended.add(span);
    guarded('OpenAI Agents', 'the end of a span', () => {
      const { traceId } = fields(span);
      if (this.#runs.get(traceId)?.spanEnded(fields(span)) === true) this.#runs.take(traceId);
    });
  }

  /**
   * Reports a provider's spans synchronously in the call that starts or ends them. The framework awaits one processor after the
   * other, so a frame that is entered after its own processor would not reach the user's code.
   */
  observeAtOnce(provider: object): void {
    new Patches().method(provider, 'createSpan', (createSpan) => {
      const { onSpanStart, onSpanEnd } = this;
      const onNewSpan = (span: unknown) => {
        const ofSpan = new Patches();
        ofSpan.method(span, 'start', (start) => notified(start, onSpanStart.bind(this)));
        ofSpan.method(span, 'end', (end) => notified(end, onSpanEnd.bind(this)));
      };
      return function (this: unknown, ...args) {
        const span = createSpan.apply(this, args);
        guarded('OpenAI Agents', 'a new span', () => onNewSpan(span));
        return span;
      };
    });
  }

  /**
   * From now on, stays registered when the program replaces the provider's processors, which is how OpenAI's export is turned off.
   * Not if it is off, or if the program registers another processor of this package.
   */
  stayRegistered(provider: object): void {
    new Patches().method(provider, 'setProcessors', (setProcessors) => {
      const replaced = (given: readonly unknown[]): readonly unknown[] => {
        const isGiven = given.includes(this);
        this.isRegistered = isGiven || (this.isOn && !given.some((each) => each instanceof TraceProcessor));
        return this.isRegistered && !isGiven ? [...given, this] : given;
      };
      return function (this: unknown, processors: unknown, ...rest) {
        return setProcessors.call(this, Array.isArray(processors) ? replaced(processors) : processors, ...rest);
      };
    });
  }

  async shutdown(timeout?: number): Promise<void> {
    await this.#flush(timeout ?? shutdownMs);
  }

  async forceFlush(): Promise<void> {
    await this.#flush();
  }

  /**
   * Ends a trace of which the framework reports no end, when nothing of the framework can go on in it any more: the function that
   * it was given has thrown, or a model never answers. (A method of its own, so that the callback does not reference the trace.)
   */
  #endIfLeft(trace: object, traceId: unknown, run: AgentRun): void {
    whenCollected(trace, () => {
      if (this.#runs.get(traceId) === run && !run.isShared) this.#runs.take(traceId)?.end();
    });
  }

  /** Records a run that goes on after its trace has ended. The framework does not report that the trace begins again. */
  #resumed(span: Fields): AgentRun | undefined {
    const trace = this.#traces.get(span.traceId);
    if (!this.isOn || trace === undefined || !beginsRun(span)) return undefined;
    const run = AgentRun.resume(trace, this.options);
    if (run !== undefined) this.#runs.add(span.traceId, run);
    return run;
  }

  async #flush(timeoutMs?: number): Promise<void> {
    await (this.options.client ?? getClient()).flush(timeoutMs === undefined ? {} : { timeoutMs });
  }
}

/** Returns a method that calls `onSpan` with the span after the original method has run. */
function notified(method: Method, onSpan: (span: object) => Promise<void>): Method {
  return function (this: unknown, ...args) {
    const result = method.apply(this, args);
    void onSpan(this as object); // a span's own method; it never rejects
    return result;
  };
}
