import { type Method, Patches } from '../../calls/patch.js';
import { fields } from '../../calls/read-unknown.js';
import { getClient } from '../../client/global-client.js';
import { guarded } from '../adapter/guarded.js';
import { OpenSteps } from '../adapter/open-steps.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { AgentRun } from './agent-run.js';

/** What the framework calls with its traces and spans, as it starts and ends them. */
export interface AgentsTraceProcessor {
  /** A run, or a `withTrace` of the framework's user, has begun. */
  onTraceStart(trace: object): Promise<void>;
  /** Is called at the end of a run, but not of one that throws. */
  onTraceEnd(trace: object): Promise<void>;
  /** A step has begun: an agent, a model call, a tool. */
  onSpanStart(span: object): Promise<void>;
  /** The step is over. */
  onSpanEnd(span: object): Promise<void>;
  /**
   * Sends everything that was recorded so far, as the framework shuts down.
   *
   * @param timeout - how long that may take, in milliseconds @defaultValue 4000
   */
  shutdown(timeout?: number): Promise<void>;
  /** Sends everything that was recorded so far. */
  forceFlush(): Promise<void>;
}

/** How long the framework's end of the process waits for us, where it does not say: it waits 5 seconds itself. */
const shutdownMs = 4000;

/** Gets every run of the framework. Everything is read in the call itself, so that what is entered reaches the user's code. */
export class TraceProcessor implements AgentsTraceProcessor {
  /** `false` while the adapter is taken off: the framework has no way to remove a processor. */
  isOn = true;
  options: FrameworkOptions;
  readonly #runs = new OpenSteps<unknown, AgentRun>();
  /** Spans whose start and end are known already: {@link observeAtOnce} reports them first, and the framework again. */
  readonly #started = new WeakSet<object>();
  readonly #ended = new WeakSet<object>();

  constructor(options: FrameworkOptions) {
    this.options = options;
  }

  async onTraceStart(trace: object): Promise<void> {
    if (!this.isOn) return;
    guarded('OpenAI Agents', 'the start of a run', () => {
      const run = AgentRun.start(fields(trace), this.options);
      if (run !== undefined) this.#runs.add(fields(trace).traceId, run);
    });
  }

  async onTraceEnd(trace: object): Promise<void> {
    guarded('OpenAI Agents', 'the end of a run', () => this.#runs.take(fields(trace).traceId)?.end());
  }

  async onSpanStart(span: object): Promise<void> {
    if (this.#started.has(span)) return;
    this.#started.add(span);
    guarded('OpenAI Agents', 'a span', () => this.#runs.get(fields(span).traceId)?.spanStarted(fields(span)));
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
   * Gets a provider's spans in the very call that starts or ends them. The framework awaits one processor after the other: behind
   * its own processor, a frame that is entered would no longer reach the user's code.
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

  async shutdown(timeout?: number): Promise<void> {
    await this.#flush(timeout ?? shutdownMs);
  }

  async forceFlush(): Promise<void> {
    await this.#flush();
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
