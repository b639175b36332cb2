import type { TraceLabels } from '../../otel/values.js';
import type { Job } from '../wire/job-codec.js';

/** What an earlier attempt has done for a job. */
interface Progress {
  /** Number of bodies that were acknowledged by then. */
  readonly acknowledged: number;
  /** Number of spans of the next body that were accepted or refused: the first ones, because spans are sent in order. */
  readonly settled: number;
  /** Whether any span of the job was accepted. */
  readonly hasAccepted: boolean;
  /** The labels of the trace, which only its first body has. */
  readonly labels: TraceLabels;
}

/** Most jobs that are remembered. What is forgotten is sent again, the spans of later bodies without labels. */
const mostKnown = 1000;

/** Remembers what was done for jobs that have to be sent again, so that no span is sent twice. */
export class Unfinished {
  readonly #progress = new Map<number, Progress>();

  of({ id, acknowledged }: Job): Omit<Progress, 'acknowledged'> {
    const known = this.#progress.get(id);
    if (known?.acknowledged === acknowledged) return known;
    return { settled: 0, hasAccepted: acknowledged > 0, labels: {} };
  }

  /** @param progress - undefined if the job is finished */
  put(id: number, progress: Progress | undefined): void {
    this.#progress.delete(id);
    if (progress === undefined) return;
    this.#progress.set(id, progress);
    const [oldest] = this.#progress.keys();
    if (this.#progress.size > mostKnown && oldest !== undefined) this.#progress.delete(oldest);
  }
}
