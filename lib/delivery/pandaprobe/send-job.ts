import { wallMs } from '../../common/real-time.js';
import type { Answer } from '../http/transport.js';
import { shown } from '../text/excerpt.js';
import { isObject, parse } from '../text/json.js';
import type { Job } from '../wire/job-codec.js';
import type { Result } from '../wire/messages.js';
import type { SendContext } from '../wire/protocol.js';
import { classify, type Outcome, type RequestKind } from './classify-response.js';
import { fits } from './encoder.js';
import { isPlaceholder, placeholderOf, spansIn } from './placeholder.js';
import { type Repaired, repairRejected, strip } from './repair-rejected.js';
import { splitOversized } from './split-oversized.js';
import { unfoldBody } from './unfold-body.js';

/** Most repairs of one body: repairing a 422 takes three, halving 500 spans down to one takes nine. */
const maxRepairs = 16;
/** Least body limit that is learned from a 413, in bytes: a smaller body is not refused for its size. */
const leastBodyBytes = 16_384;
/** Most characters of a note, which contains names of fields from the backend. */
const mostOfNote = 300;

/**
 * Sends the bodies of one item in order.
 *
 * ```
 *  next body ──larger than the limit──> split it
 *     │ POST
 *     ├─ accepted ──> next body ──none left──> delivered
 *     ├─ 422 ──> repair it, and send it again        ├─ refused ──> refused
 *     ├─ 413 ──> split it, and send its halves       └─ obstacle ──> retry, with the bodies that are left
 * ```
 *
 * Never rejects: an error in this code costs the item, not the queue.
 */
export async function sendJob(job: Job, context: SendContext): Promise<Result> {
  const run = new JobRun(job, context);
  try {
    return await run.send();
  } catch (error) {
    const name = error instanceof Error ? error.name : 'something else than an Error';
    return {
      ...run.account(),
      kind: 'refused',
      status: undefined,
      detail: `could not be prepared for sending (${name})`,
    };
  }
}

class JobRun {
  readonly #job: Job;
  readonly #context: SendContext;
  readonly #notes: string[] = [];
  /** Bodies that are left: buffers as received, the first one unfolded after {@link #next}; rewritten ones are strings. */
  #bodies: readonly (Buffer | string)[];
  #acknowledged: number;
  #attempts = 0;
  /** Repairs of the current body. */
  #repairs = 0;
  /** Repairs of the current body after a 422. */
  #rejections = 0;
  #isRewritten = false;
  /** The first body is unfolded, ready to be sent. */
  #isUnfolded = false;

  constructor(job: Job, context: SendContext) {
    this.#job = job;
    this.#context = context;
    this.#bodies = job.bodies;
    this.#acknowledged = job.acknowledged;
  }

  account(): { readonly id: number; readonly attempts: number; readonly notes: readonly string[] } {
    return { id: this.#job.id, attempts: this.#attempts, notes: this.#notes };
  }

  async send(): Promise<Result> {
    if (this.#job.isUncertain) {
      const result = await (this.#call() === 'score' ? this.#findStoredScore() : this.#checkTraceEnd());
      if (result !== undefined) return result;
    }
    for (;;) {
      const body = this.#next();
      if (body === undefined) return { ...this.account(), kind: 'delivered' };
      if (this.#context.isStopped(this.#call() === 'trace' ? 'traces' : 'other'))
        return { ...this.account(), kind: 'returned', rest: this.#rest() };
      if (!isWithin(body, this.#context.limit.maxBodyBytes) && this.#split(body)) continue;
      const verdict = await this.#post(body);
      if (verdict.kind === 'accepted') {
        this.#bodies = this.#bodies.slice(1);
        this.#isUnfolded = false;
        this.#acknowledged += 1;
        this.#repairs = 0;
        this.#rejections = 0;
      } else if (verdict.kind === 'refused' || (verdict.kind === 'repair' && !this.#repair(body, verdict))) {
        return { ...this.account(), kind: 'refused', status: verdict.status, detail: verdict.detail };
      } else if (verdict.kind === 'retry') {
        if (this.#isWithoutTrace(verdict)) {
          const result = await this.#standIn(body);
          if (result === undefined) continue;
          return result;
        }
        if (verdict.mayBeTooMuch) this.#goEasy(body);
        return this.#retry(verdict, verdict.mayHaveArrived);
      }
    }
  }

  /** The next body, unfolded. */
  #next(): Buffer | string | undefined {
    const [body, ...later] = this.#bodies;
    if (body === undefined || this.#isUnfolded) return body;
    this.#isUnfolded = true;
    // Always a copy: a backend may answer before it has read all, and then the queue reuses the memory while it is sent.
    const own = typeof body === 'string' ? body : unfoldBody(body);
    this.#bodies = [own, ...later];
    return own;
  }

  /**
   * Looks for a score that may be stored already, because a second one would be stored as well (backend-contract.md, *Repeats*). An
   * equal score of the same trace counts as the same. Returns undefined when there is none, so that it must be sent.
   */
  async #findStoredScore(): Promise<Result | undefined> {
    const score = parse(textOf(this.#bodies[0] ?? ''));
    if (!isObject(score)) return undefined;
    this.#attempts += 1;
    const query = `trace_id=${encodeURIComponent(this.#job.traceId)}&name=${encodeURIComponent(String(score.name))}`;
    const answer = await this.#context.transport.get(`/evaluations/trace-scores?${query}`);
    if (answer.kind === 'answer' && answer.status === 404) return undefined;
    const verdict = this.#classify('lookup', answer);
    if (verdict.kind === 'retry' && verdict.cause !== 'absent') return this.#retry(verdict, true);
    const found = answer.kind === 'answer' ? parse(answer.text) : undefined;
    const items: unknown = isObject(found) ? found.items : found;
    if (verdict.kind === 'accepted' && Array.isArray(items)) {
      const isStored = items.some(
        (item) => isObject(item) && sameFields.every((field) => item[field] === score[field]),
      );
      return isStored ? { ...this.account(), kind: 'delivered' } : undefined;
    }
    const detail = 'no answer came, and whether it was stored could not be seen; it was not sent twice';
    return { ...this.account(), kind: 'refused', status: answer.kind === 'answer' ? answer.status : undefined, detail };
  }

  /**
   * Of a trace that was sent before its end, late spans are taken at once, also while its end is not stored yet: then that would
   * overwrite them (backend-contract.md, *Open traces*). Returns undefined when they may be sent.
   */
  async #checkTraceEnd(): Promise<Result | undefined> {
    this.#attempts += 1;
    const answer = await this.#context.transport.get(`/traces/${encodeURIComponent(this.#job.traceId)}`);
    const verdict = this.#classify('lookup', answer);
    if (verdict.kind === 'retry' && verdict.cause !== 'absent') return this.#retry(verdict, false);
    const found = answer.kind === 'answer' && verdict.kind === 'accepted' ? parse(answer.text) : undefined;
    if (!isObject(found) || (found.ended_at ?? undefined) !== undefined) return undefined;
    return this.#retry(notYet('the end of its trace is not stored yet'), false);
  }

  #isWithoutTrace(verdict: Outcome & { readonly kind: 'retry' }): boolean {
    return this.#job.isOrphaned && verdict.cause === 'absent' && this.#call() === 'spans';
  }

  /**
   * Makes a trace of spans whose own trace is not there, unless it has come meanwhile: then they wait for it to be stored. Returns
   * undefined when the trace is the next body to be sent.
   */
  async #standIn(body: Buffer | string): Promise<Result | undefined> {
    this.#attempts += 1;
    const { traceId } = this.#job;
    const answer = await this.#context.transport.get(`/traces/${encodeURIComponent(traceId)}`);
    const verdict = this.#classify('lookup', answer);
    if (verdict.kind === 'retry' && verdict.cause !== 'absent') return this.#retry(verdict, false);
    const instead = verdict.kind === 'accepted' ? undefined : placeholderOf(traceId, textOf(body));
    if (instead === undefined) return this.#retry(notYet('its trace is not ready for spans yet'), false);
    this.#replaceFirst([instead], []);
    return undefined;
  }

  #post(body: Buffer | string): Promise<Outcome> {
    this.#attempts += 1;
    const call = this.#call();
    const { transport, patience } = this.#context;
    const { id, traceId } = this.#job;
    return transport
      .post(pathOf(call, traceId), body, json, patience.for(id))
      .then((answer) => this.#classify(call, answer));
  }

  #classify(call: RequestKind, answer: Answer): Outcome {
    return classify({ call, traceId: this.#job.traceId }, answer, wallMs(), this.#context.redact);
  }

  /** After a timeout: splits the body as after a 413. If it cannot be split, the next request gets more time. */
  #goEasy(body: Buffer | string): void {
    if (!this.#split(body)) this.#context.patience.late(this.#job.id);
  }

  #repair(body: Buffer | string, verdict: Outcome & { readonly kind: 'repair' }): boolean {
    this.#repairs += 1;
    if (this.#repairs > maxRepairs) return false;
    if (verdict.status === 422) {
      const repaired = repairRejected(textOf(body), verdict.complaints, this.#rejections) ?? this.#strip(body);
      if (repaired === undefined) return false;
      this.#rejections += 1;
      this.#replaceFirst([repaired.body], repaired.notes);
      return true;
    }
    const { limit } = this.#context;
    limit.maxBodyBytes = Math.min(limit.maxBodyBytes, Math.max(leastBodyBytes, Buffer.byteLength(body) >> 1));
    const smaller = splitOversized(textOf(body));
    if (smaller === undefined) return false;
    this.#replaceFirst(smaller.bodies, smaller.notes);
    return true;
  }

  /** The last resort of a 422. Not for scores, which need all their fields. */
  #strip(body: Buffer | string): Repaired | undefined {
    return this.#call() === 'score' ? undefined : strip(textOf(body));
  }

  /** Halves a body of several spans. @returns false if it has one span or none */
  #split(body: Buffer | string): boolean {
    const smaller = splitOversized(textOf(body));
    if (smaller === undefined || smaller.notes.length > 0) return false;
    this.#replaceFirst(smaller.bodies, []);
    return true;
  }

  #replaceFirst(bodies: readonly string[], notes: readonly string[]): void {
    this.#isUnfolded = false;
    this.#bodies = [...bodies.filter((body) => body !== '[]'), ...this.#bodies.slice(1)];
    this.#notes.push(...notes.map((note) => shown(note, mostOfNote, this.#context.redact)));
    this.#isRewritten = true;
  }

  #retry(given: Outcome & { readonly kind: 'retry' }, mayHaveArrived: boolean): Result {
    // A limit of new traces must not hold the spans of others.
    const isLimit = given.cause === 'rate' || given.cause === 'quota';
    const verdict =
      isLimit && isPlaceholder(this.#bodies[0]) && this.#job.kind === 'spans' ? notYet(given.detail) : given;
    const { mayHaveArrived: _, mayBeTooMuch: __, ...obstacle } = verdict;
    return {
      ...this.account(),
      ...obstacle,
      rest: this.#rest(),
      isUncertain: mayHaveArrived && this.#call() === 'score',
    };
  }

  #rest() {
    const isTrace = this.#job.kind !== 'spans';
    const texts = () => this.#bodies.map((body) => (isTrace ? textOf(body) : spansIn(textOf(body))));
    return { acknowledged: this.#acknowledged, ...(this.#isRewritten ? { bodies: texts() } : {}) };
  }

  #call(): RequestKind {
    if (this.#job.kind === 'score') return 'score';
    if (this.#job.kind === 'spans') return isPlaceholder(this.#bodies[0]) ? 'trace' : 'spans';
    return this.#acknowledged === 0 ? 'trace' : 'spans';
  }
}

/** The trace of spans has to be waited for. */
function notYet(detail: string): Outcome & { readonly kind: 'retry' } {
  const none = { mayHaveArrived: false, mayBeTooMuch: false };
  return { ...none, kind: 'retry', cause: 'absent', isVague: false, status: undefined, detail };
}

const json = { 'Content-Type': 'application/json' };

const sameFields = ['trace_id', 'name', 'value', 'data_type', 'source'] as const;

function pathOf(call: RequestKind, traceId: string): string {
  if (call === 'trace') return '/traces';
  return call === 'spans' ? `/traces/${encodeURIComponent(traceId)}/spans` : '/evaluations/trace-scores';
}

function textOf(body: Buffer | string): string {
  return typeof body === 'string' ? body : body.toString();
}

function isWithin(body: Buffer | string, maxBytes: number): boolean {
  return typeof body === 'string' ? fits(body, maxBytes) : body.length <= maxBytes;
}
