import type { Group } from './item.js';
import { LinkedList } from './linked-list.js';

/**
 * The groups of a queue that wait for a time. Times are passed in, in milliseconds.
 *
 * Invariants: `nextWakeAt` is not later than any group's `wakeAt`, and no group waits longer than until `#lastWakeAt`. So neither
 * `due` nor `hurry` looks at the groups if it changes nothing.
 */
export class WaitingGroups {
  readonly #groups = new LinkedList<Group>();
  #lastWakeAt = 0;
  /** When to look for a group that is due; infinity when none waits. */
  nextWakeAt = Number.POSITIVE_INFINITY;

  /** Lets `group`, which leaves the list it is in, wait until `wakeAt`. */
  add(group: Group, wakeAt: number): void {
    group.place = 'waiting';
    group.wakeAt = wakeAt;
    this.#groups.append(group.byPlace);
    this.nextWakeAt = Math.min(this.nextWakeAt, wakeAt);
    this.#lastWakeAt = Math.max(this.#lastWakeAt, wakeAt);
  }

  /** The groups whose wait is over. The caller moves each of them to another list. */
  *due(now: number): Generator<Group> {
    if (now < this.nextWakeAt) return;
    this.nextWakeAt = Number.POSITIVE_INFINITY;
    for (const group of this.#groups) {
      if (group.wakeAt > now) this.nextWakeAt = Math.min(this.nextWakeAt, group.wakeAt);
      else yield group;
    }
  }

  /** Ends all waits at `at` at the latest. */
  hurry(at: number): void {
    if (this.nextWakeAt === Number.POSITIVE_INFINITY || at >= this.#lastWakeAt) return;
    for (const group of this.#groups) group.wakeAt = Math.min(group.wakeAt, at);
    this.nextWakeAt = Math.min(this.nextWakeAt, at);
    this.#lastWakeAt = at;
  }
}
