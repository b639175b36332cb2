import { type Fields, nonEmptyString } from '../../calls/read-unknown.js';

/** Most sessions whose totals are remembered. A session that is resumed later starts with its earlier total. */
const maxSessions = 1000;
const totals = new Map<string, number>();

/**
 * Computes the cost of each turn. The program reports the cost of the query so far; a query that resumes a session starts with
 * the total of that session. Source: `@anthropic-ai/claude-agent-sdk` 0.3.332, `total_cost_usd` of its declarations.
 */
export class Totals {
  readonly #goesOn: boolean;
  #session: string | undefined;
  /** The total at the end of the last turn; undefined if it is not known. */
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
    return total < before ? total : Number((total - before).toPrecision(12)); // a smaller total: the program has started again from 0
  }

  /** The conversation was cleared, and with it the program's total. */
  reset(): void {
    this.#spent = 0;
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
