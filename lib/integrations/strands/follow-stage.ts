import { errorFacts } from '../../calls/error-facts.js';
import { fields } from '../../calls/read-unknown.js';
import type { ResultObserver } from '../../engine/follow.js';
import type { Frame } from '../../engine/frame.js';
import { currentFrame, within } from '../../engine/scope.js';
import { followRun } from '../adapter/follow-run.js';
import { guarded } from '../adapter/guarded.js';
import type { FrameworkOptions } from '../adapter/options.js';
import type { OpenStage, Stage, StageEnd } from './stages.js';

/** Follows the generator of a stage in place. The stage's span is current while an event is produced. */
export function followStage<G extends AsyncGenerator>(
  generator: G,
  context: unknown,
  open: OpenStage,
  options: FrameworkOptions,
): G {
  guarded('Strands', 'a stage', () => {
    const observer = observerOf(context, open, options);
    followRun(generator, observer, observer.leave);
  });
  return generator;
}

/** A function of its own, so that the observer does not reference the generator. */
function observerOf(context: unknown, open: OpenStage, options: FrameworkOptions): StageObserver {
  return new StageObserver((outside) => open(context, outside, options), isCancelled(context));
}

function isCancelled(context: unknown): () => boolean {
  const { agent } = fields(context);
  return () => (agent as { readonly cancelSignal?: AbortSignal } | undefined)?.cancelSignal?.aborted === true;
}

class StageObserver implements ResultObserver {
  readonly #open: (outside: Frame) => Stage | undefined;
  readonly #isCancelled: () => boolean;
  #frame: Frame | undefined;
  #stage: Stage | undefined;
  #isBrokenOff = false;
  /** Called when the reader leaves the stage early. */
  readonly leave = (): void => {
    this.#isBrokenOff = true;
  };

  constructor(open: (outside: Frame) => Stage | undefined, isCancelled: () => boolean) {
    this.#open = open;
    this.#isCancelled = isCancelled;
  }

  pull<R>(fn: () => R): R {
    if (this.#frame === undefined) {
      const outside = currentFrame();
      this.#stage = this.#isBrokenOff ? undefined : guarded('Strands', 'a stage', () => this.#open(outside));
      this.#frame = this.#stage?.frame ?? outside;
    }
    return within(this.#frame, fn);
  }

  chunk(event: unknown): void {
    this.#stage?.event?.(event);
  }

  streamed(value: unknown): void {
    if (!this.#isBrokenOff) this.#end({ is: 'whole', value });
    else this.#end({ is: this.#isCancelled() ? 'aborted' : 'broken off' });
  }

  returned(value: unknown): void {
    this.streamed(value);
  }

  threw(error: unknown): void {
    const { name, interrupts } = fields(error);
    const isAbort = name === 'CancelledError' || errorFacts(error).metadata.aborted === true;
    if (isAbort || this.#isCancelled()) this.#end({ is: 'aborted' });
    else if (name === 'InterruptError' && Array.isArray(interrupts))
      this.#end({ is: 'interrupted', asked: interrupts });
    else this.#end({ is: 'failed', error });
  }

  #end(ending: StageEnd): void {
    const stage = this.#stage;
    this.#stage = undefined;
    if (stage !== undefined) guarded('Strands', 'the end of a stage', () => stage.end(ending));
  }
}
