import { newId } from '../common/ids.js';
import { withOptions } from './create-span.js';
import type { SpanHandle, SpanOptions, TraceHandle, WithSpanOptions } from './handles.js';

/** The common part of both handles. Ids are made only when asked for. */
abstract class Noop {
  readonly #parent: Noop | undefined;
  #traceId: string | undefined;

  constructor(parent?: Noop) {
    this.#parent = parent;
  }

  get traceId(): string {
    this.#traceId ??= this.#parent?.traceId ?? newId();
    return this.#traceId;
  }

  setInput(): this {
    return this;
  }

  setOutput(): this {
    return this;
  }

  setMetadata(): this {
    return this;
  }

  span(_name: string, _options?: SpanOptions): SpanHandle {
    return new NoopSpan(this);
  }

  withSpan<R>(_name: string, fn: (span: SpanHandle) => R): R;
  withSpan<R>(_name: string, options: WithSpanOptions | null | undefined, fn: (span: SpanHandle) => R): R;
  withSpan<R>(
    _name: string,
    optionsOrFn: WithSpanOptions | null | undefined | ((span: SpanHandle) => R),
    maybeFn?: (span: SpanHandle) => R,
  ): R {
    const { fn } = withOptions<WithSpanOptions, SpanHandle, R>(optionsOrFn, maybeFn);
    return fn(new NoopSpan(this));
  }

  end(): void {}

  [Symbol.dispose](): void {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** The handle of a span that is not recorded. */
export class NoopSpan extends Noop implements SpanHandle {
  #spanId: string | undefined;

  get spanId(): string {
    this.#spanId ??= newId();
    return this.#spanId;
  }

  setModel(): this {
    return this;
  }

  setModelParameters(): this {
    return this;
  }

  setTokenUsage(): this {
    return this;
  }

  setCost(): this {
    return this;
  }

  setCompletionStartTime(): this {
    return this;
  }

  setError(): this {
    return this;
  }

  run<R>(fn: (span: SpanHandle) => R): R {
    return fn(this);
  }
}

/** The handle of a trace that is not recorded. */
export class NoopTrace extends Noop implements TraceHandle {
  setStatus(): this {
    return this;
  }

  run<R>(fn: (trace: TraceHandle) => R): R {
    return fn(this);
  }
}
