import { type Fields, nonEmptyString } from '../../calls/read-unknown.js';

/** Sessions whose totals are known: a session that is resumed later begins with what it has cost before. */
const maxSessions = 1000;
const totals = new Map<string, number>();

/**
 * The cost of each turn. The program reports the cost of the query so far; a query that goes on with an earlier session
 * begins with the total of that.
 * Source: `@anthropic-ai/claude-agent-sdk` 0.3.332, `total_cost_usd` of its declarations.
 */
export class Totals {
  readonly #goesOn: boolean;
  #session: string | undefined;
  /** Undefined where it is not known what was spent before. */
  #spent: number | undefined;

  /** @param query - the options of the query */
  constructor({ resume, continue: goesOn }: Fields) {
    const resumed = nonEmptyString(resume);
    this.#goesOn = resumed !== undefined || goesOn === true;
    this.#spent = this.#goesOn ? totals.get(resumed ?? '') : 0;
  }

  session(id: string | undefined): void {
    this.#session = id;
    if (this.#goesOn && id !== undefined) this.#spent ??= totals.get(id);
  }

  /** The cost since the last call; undefined if it is unknown. */
  spent(total: number | undefined): number | undefined {
    if (total === undefined) return undefined;
    const before = this.#spent;
    this.#spent = total;
    this.#keep(total);
    if (before === undefined) return undefined;
    return total < before ? total : Number((total - before).toPrecision(12)); // less: it was set back
  }

  #keep(total: number): void {
    const id = this.#session;
    if (id === undefined) return;
    totals.delete(id);
    totals.set(id, total);
    const [oldest] = totals.keys();
    if (totals.size > maxSessions && oldest !== undefined) totals.delete(oldest);
  }
}
