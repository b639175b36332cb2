import { errorText } from '../../common/error-text.js';
import { itemsText } from '../../common/items-text.js';
import type { Delivery, DeliveryOptions } from '../../delivery/options.js';
import type { TraceNode } from '../../engine/trace-node.js';
import type { CapturedLateSpans, CapturedTrace, ScoreRecord } from '../../model/records.js';
import { type FlushOptions, type FlushResult, noStats, type SinkStats } from '../../model/sink.js';
import type { PartReceiver } from '../live/large-traces.js';
import type { LiveDelivery } from '../live/live-delivery.js';
import type { OpenTraces } from '../live/live-traces.js';
import type { DeliveryFile } from '../loading/delivery-beside.js';
import { addStats, droppedStats } from './counts.js';

/**
 * A delivery that is still being loaded. It keeps records in their order, and passes them on when the delivery is loaded. Until
 * then they count as pending, or as dropped if there are too many or the client ends.
 */
export class LazyDelivery implements Omit<Delivery, 'stats'> {
  readonly #options: DeliveryOptions;
  readonly #loaded: Promise<void>;
  #delivery: LiveDelivery | undefined;
  #waiting: ((delivery: LiveDelivery) => void)[] = [];
  /** Open traces that the delivery does not know yet. */
  readonly #open = new Map<OpenTraces, readonly PartReceiver[] | undefined>();
  #isClosed = false;
  /** The counts of items that were dropped here. */
  #dropped = noStats;

  constructor(options: DeliveryOptions, file: Promise<Pick<typeof DeliveryFile, 'createDelivery'>>) {
    this.#options = options;
    this.#loaded = this.#load(file).catch((error: unknown) => {
      options.log.error('delivery', `nothing can be sent: delivery could not be loaded (${errorText(error)})`);
    });
  }

  opened(open: OpenTraces, all: readonly PartReceiver[] | undefined): void {
    if (this.#delivery === undefined) this.#open.set(open, all);
    this.#delivery?.opened?.(open, all);
  }

  sendPart(part: CapturedTrace, of: TraceNode): void {
    this.#give((delivery) => delivery.sendPart?.(part, of));
  }

  trace(record: CapturedTrace): void {
    this.#give((delivery) => delivery.trace(record));
  }

  lateSpans(record: CapturedLateSpans): void {
    this.#give((delivery) => delivery.lateSpans(record));
  }

  score(record: ScoreRecord): void {
    this.#give((delivery) => delivery.score(record));
  }

  async flush(options?: FlushOptions): Promise<FlushResult> {
    await this.#loaded;
    return this.#result(await this.#delivery?.flush(options));
  }

  async shutdown(options?: FlushOptions): Promise<FlushResult> {
    await this.#loaded;
    this.#close('shutdown');
    return this.#result(await this.#delivery?.shutdown(options));
  }

  exit(timeoutMs: number): void {
    const lost = this.#close('exit');
    const why = 'delivery was not loaded yet; await flush() before it ends';
    const message = `${itemsText(lost)} could not be delivered before the process ended (${why})`;
    if (lost > 0) this.#options.log.error('exit', message);
    this.#delivery?.exit(timeoutMs);
  }

  get isReadyForExit(): boolean {
    return this.#delivery?.isReadyForExit === true;
  }

  stats(): SinkStats {
    const waiting = this.#waiting.length;
    const own = addStats(this.#dropped, { ...noStats, created: waiting, pending: waiting });
    return addStats(this.#delivery?.stats() ?? noStats, own);
  }

  async #load(file: Promise<Pick<typeof DeliveryFile, 'createDelivery'>>): Promise<void> {
    const { createDelivery } = await file;
    if (this.#isClosed) return;
    this.#delivery = createDelivery(this.#options);
    for (const [open, all] of this.#open) this.#delivery.opened?.(open, all);
    this.#open.clear();
    for (const give of this.#waiting.splice(0)) give(this.#delivery);
  }

  #give(give: (delivery: LiveDelivery) => void): void {
    if (this.#delivery !== undefined) give(this.#delivery);
    else if (this.#isClosed) this.#drop('shutdown', 1);
    else if (this.#waiting.push(give) > this.#options.maxQueueSize) {
      this.#waiting.shift();
      this.#drop('queue_full', 1);
    }
  }

  /** Drops the items that still wait. @returns their number */
  #close(reason: string): number {
    const lost = this.#waiting.splice(0).length;
    this.#isClosed = true;
    this.#drop(reason, lost);
    return lost;
  }

  #drop(reason: string, items: number): void {
    if (items > 0) this.#dropped = addStats(this.#dropped, droppedStats(reason, items));
  }

  #result(ofDelivery: FlushResult | undefined): FlushResult {
    const { created, delivered, failed, pending, dropped } = this.stats();
    return { ok: ofDelivery?.ok ?? created === 0, delivered, failed, pending, dropped };
  }
}
