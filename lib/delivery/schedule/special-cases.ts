import { performance } from '../../common/real-time.js';
import type { Timing } from '../pace/timing.js';
import type { Group } from '../queue/item.js';
import type { Queue } from '../queue/queue.js';
import { Diagnostics, type DiagnosticsOptions } from '../report/diagnostics.js';
import type { Stats } from '../report/stats.js';
import type { SpooledQueue } from '../spool/spooled-queue.js';
import type { Encoder } from '../wire/protocol.js';
import { Losses } from './losses.js';
import { RemoteItems } from './remote-items.js';
import { Updates } from './updates.js';

/** What the special cases need of their delivery. */
interface SpecialCaseParts {
  readonly stats: Stats;
  readonly encoder: Encoder;
  readonly queue: Queue;
  readonly spooled: SpooledQueue | undefined;
  readonly options: DiagnosticsOptions;
  readonly timing: Timing;
  /** Whether the backend has ever refused a request for a rate limit or a quota. */
  isLimited(): boolean;
  /** When a new trace may be sent: 0 for at once. */
  newTraceAt(): number;
  /** Whether delivery is ending. */
  isEnding(): boolean;
}

/**
 * The parts of a delivery that an ordinary trace does not need. Each part is made by the first case that needs it: `losses` makes it,
 * `madeLosses` is undefined until then.
 */
export class SpecialCases {
  readonly #parts: SpecialCaseParts;
  /** Made by the first loss. */
  madeLosses: Losses | undefined = undefined;
  /** Made by the first fault, loss or repair. */
  madeDiagnostics: Diagnostics | undefined = undefined;
  /** Made by the first update, or the first part of an open trace. */
  madeUpdates: Updates | undefined = undefined;
  /** Made by the first spans whose trace another process has not sent yet. */
  madeRemote: RemoteItems | undefined = undefined;

  constructor(parts: SpecialCaseParts) {
    this.#parts = parts;
  }

  get losses(): Losses {
    const { stats, spooled, options } = this.#parts;
    this.madeLosses ??= new Losses({
      ...{ stats, spooled, log: options.log },
      updates: () => this.madeUpdates,
      diagnostics: () => this.diagnostics,
    });
    return this.madeLosses;
  }

  get diagnostics(): Diagnostics {
    const { stats, options, timing } = this.#parts;
    this.madeDiagnostics ??= new Diagnostics(options, timing.faultLogMs, () => stats.pending);
    return this.madeDiagnostics;
  }

  get updates(): Updates {
    this.madeUpdates ??= new Updates(this.#parts);
    return this.madeUpdates;
  }

  /** Takes spans out of the queue until another process has sent their trace. */
  holdRemote(group: Group): void {
    const { queue, timing, options, spooled, isLimited, newTraceAt, isEnding } = this.#parts;
    this.madeRemote ??= new RemoteItems(queue, timing, options, {
      isLimited,
      isOnDisk: (item) => spooled?.isOnDisk(item) === true,
      newTraceAt,
      drop: (items) => this.losses.evicted(items, 'queue_full'),
      isEnding: isEnding(),
    });
    this.madeRemote.add(group, performance.now());
  }
}
