import type { Host } from './host.js';
import type { Group, Item } from './item.js';
import { packJobs } from './jobs.js';
import type { Pace } from './pace.js';
import type { Obstacle, Report, Rest, Result } from './protocol.js';
import type { Queue } from './queue.js';
import { doubled, type Timing } from './timing.js';

/** Most bytes in the sender's hands, in one or more items. */
const windowBytes = 4 * 1_048_576;

const noNotes: readonly string[] = [];

/** An item in the sender's hands. */
interface Away {
  readonly item: Item;
  readonly group: Group;
}

/** What the drain tells. */
export interface DrainEvents {
  delivered(item: Item, notes: readonly string[]): void;
  /** These are about to be handed to the sender. */
  handing(items: readonly Item[]): void;
  /** Given up for good; `rest` are later items of the same trace that cannot arrive without it. */
  failed(item: Item, status: number | undefined, detail: string, rest: readonly Item[]): void;
  /** The whole queue is held: for the log. */
  held(obstacle: Obstacle): void;
}

/**
 * Drains the queue into the sender, at the pace. A state machine without timers, so that the event loop and the `exit`
 * event drive the same one: `step` hands out what may go now, `take` reads what came of it, `wakeAt` says when to step again.
 *
 * Invariant: an item is in the hands of the sender (`away`) or in the queue's, and leaves both only when it is settled.
 */
export class Drain {
  readonly #queue: Queue;
  readonly #pace: Pace;
  readonly #timing: Timing;
  readonly #events: DrainEvents;
  readonly #away = new Map<number, Away>();
  #awayBytes = 0;
  /** The one item away is under suspicion; nothing goes beside it. */
  #isAlone = false;
  #troublesSeen = 0;
  #deliveries = 0;

  constructor(queue: Queue, pace: Pace, timing: Timing, events: DrainEvents) {
    this.#queue = queue;
    this.#pace = pace;
    this.#timing = timing;
    this.#events = events;
  }

  /** Hands `host` what may be sent now. */
  step(now: number, host: Host): void {
    this.#queue.wakeDue(now);
    const items: Item[] = [];
    const room = this.#isAlone ? 0 : this.#pace.room(now, this.#away.size);
    while (items.length < room) {
      const group = this.#queue.next;
      if (group === undefined) break;
      const [next] = group.items;
      const isTooMuch = next !== undefined && (this.#awayBytes + next.bytes > windowBytes || next.wasAwayAtDeath);
      if (isTooMuch && this.#away.size > 0) break;
      const item = this.#queue.take(group);
      this.#away.set(item.id, { item, group });
      this.#awayBytes += item.bytes;
      items.push(item);
      this.#isAlone = item.wasAwayAtDeath;
      if (this.#isAlone) break;
    }
    if (items.length === 0) return;
    this.#pace.sent(now, items.length);
    this.#events.handing(items);
    host.send({ type: 'send', seen: this.#troublesSeen, jobs: packJobs(items) });
  }

  /** When there will be something to do without a report: infinity when there is nothing, or only reports to wait for. */
  wakeAt(): number {
    const next = this.#queue.next !== undefined ? 0 : this.#queue.nextWakeAt;
    if (next === 0 && this.#away.size > 0) return Number.POSITIVE_INFINITY;
    return Math.max(next, this.#pace.nextAt);
  }

  /** Items in the sender's hands. */
  get away(): number {
    return this.#away.size;
  }

  /** Whether something can be sent only when what the sender has in hand is settled: for want of room, or because it comes after it. */
  get isHoldingUp(): boolean {
    if (this.#queue.next !== undefined) return true;
    for (const { group } of this.#away.values()) if (group.items.length > 1) return true;
    return false;
  }

  /** Reads a report. */
  take(now: number, report: Report): void {
    this.#troublesSeen = report.troubles;
    this.delivered(now, report.delivered);
    for (const result of report.results) {
      const back = this.#comeBack(result.id);
      if (back !== undefined) this.#settle(now, result, back);
    }
  }

  /** These were delivered as they are. */
  delivered(now: number, ids: readonly number[]): void {
    for (const id of ids) {
      const back = this.#comeBack(id);
      if (back !== undefined) this.#delivered(now, back, noNotes);
    }
  }

  #comeBack(id: number): Away | undefined {
    const away = this.#away.get(id);
    if (away === undefined) return undefined;
    this.#away.delete(id);
    this.#awayBytes -= away.item.bytes;
    this.#isAlone = false;
    return away;
  }

  /**
   * The sender is gone: what it had goes back in line, and each of these items will be sent with nothing beside it. One that
   * then takes the next sender with it is the cause and given up. Their last answers are unknown, so scores must be looked for.
   * @param wasUp - false when the sender never began to work: then no item is to blame.
   */
  lost(wasUp: boolean): void {
    this.#troublesSeen = 0;
    this.#awayBytes = 0;
    this.#isAlone = false;
    this.#pace.unsent();
    const away = [...this.#away.values()].reverse();
    this.#away.clear();
    for (const { item, group } of away) {
      const isCause = wasUp && item.wasAwayAtDeath && away.length === 1;
      item.wasAwayAtDeath ||= wasUp;
      item.isUncertain ||= wasUp && item.kind === 'score';
      if (isCause) this.#giveUp(item, group, undefined, 'the worker died of it, twice');
      else this.#queue.putBack(group);
    }
  }

  #delivered(now: number, { item, group }: Away, notes: readonly string[]): void {
    this.#deliveries += 1;
    this.#pace.answered(now);
    this.#queue.settle(group);
    this.#events.delivered(item, notes);
  }

  #settle(now: number, result: Result, away: Away): void {
    const { item, group } = away;
    item.attempts += result.attempts;
    switch (result.kind) {
      case 'delivered':
        this.#delivered(now, away, result.notes);
        return;
      case 'refused':
        this.#pace.answered(now);
        this.#giveUp(item, group, result.status, result.detail);
        return;
      case 'returned':
        this.#pace.unsent();
        if (this.#keepRest(item, group, result.rest)) this.#queue.putBack(group);
        return;
      case 'retry':
        if (!this.#keepRest(item, group, result.rest)) return;
        item.isUncertain ||= result.isUncertain;
        this.#retry(now, result, item, group, result.rest.bodies !== undefined);
    }
  }

  /** @param isLess - what is left is not what failed: it was cut up, and may get through */
  #retry(now: number, obstacle: Obstacle, item: Item, group: Group, isLess: boolean): void {
    const { backOffMs, maxBackOffMs, absentMs, maxAbsentMs, maxAbsences, maxSuspicions } = this.#timing;
    switch (obstacle.cause) {
      case 'absent':
        // A score's 500 may also be the backend's own (contract, *Writing*): no sign of health, and no count while it is down.
        if (obstacle.status !== 500) this.#pace.answered(now);
        else if (this.#pace.hold !== undefined)
          this.#pace.troubled(now, { cause: 'fault', isRepeat: true, isVague: true });
        if (this.#pace.hold === undefined) item.absences += 1;
        if (item.absences >= maxAbsences) this.#giveUp(item, group, obstacle.status, obstacle.detail);
        else this.#queue.putBack(group, now + doubled(absentMs, Math.max(0, item.absences - 1), maxAbsentMs));
        return;
      case 'rate':
        if (this.#pace.troubled(now, { cause: 'rate', retryAfterMs: obstacle.retryAfterMs }))
          this.#events.held(obstacle);
        this.#queue.putBack(group);
        return;
      case 'quota':
      case 'blocked':
        if (this.#pace.troubled(now, { cause: 'blocked' })) this.#events.held(obstacle);
        this.#queue.putBack(group);
        return;
      case 'fault': {
        const isRepeat = item.faults > 0;
        if (isRepeat && !isLess && this.#deliveries > item.deliveriesAtFault) item.suspicions += 1;
        item.faults += 1;
        item.deliveriesAtFault = this.#deliveries;
        if (this.#pace.troubled(now, { cause: 'fault', isRepeat })) this.#events.held(obstacle);
        if (item.suspicions >= maxSuspicions) this.#giveUp(item, group, obstacle.status, obstacle.detail);
        else this.#queue.putBack(group, now + doubled(backOffMs, item.faults - 1, maxBackOffMs));
      }
    }
  }

  /** Gives the item up, and says so, where there is no memory for what was rewritten of it. */
  #keepRest(item: Item, group: Group, { acknowledged, bodies }: Rest): boolean {
    const sent = acknowledged - item.acknowledged;
    item.acknowledged = acknowledged;
    try {
      if (bodies !== undefined) this.#queue.replaceBodies(group, item, bodies);
      else if (sent > 0) this.#queue.dropBodies(group, item, sent);
      return true;
    } catch {
      this.#giveUp(item, group, undefined, 'there is no memory for what is left of it');
      return false;
    }
  }

  #giveUp(item: Item, group: Group, status: number | undefined, detail: string): void {
    if (item.kind === 'trace' && item.acknowledged === 0) {
      const [, ...rest] = this.#queue.abandon(group);
      this.#events.failed(item, status, detail, rest);
      return;
    }
    this.#queue.settle(group);
    this.#events.failed(item, status, detail, []);
  }
}
