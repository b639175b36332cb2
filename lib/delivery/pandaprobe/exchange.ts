import { wallMs } from '../../common/real-time.js';
import type { TransportAnswer } from '../http/transport.js';
import { shown } from '../text/excerpt.js';
import { lowerLimit } from '../wire/body-limit.js';
import type { Job } from '../wire/job-codec.js';
import type { Result } from '../wire/messages.js';
import type { Obstacle } from '../wire/obstacle.js';
import type { Exchange, SendContext } from '../wire/protocol.js';
import { classify, type Outcome, type RequestKind } from './classify-response.js';
import { fits, itemRules } from './encoder.js';
import { checkTraceEnd, type Decision, findScore, type LookUp, preparePlaceholder, type Retry } from './lookups.js';
import { isPlaceholder, spansIn } from './placeholder.js';
import { type Repaired, repairRejected, strip } from './repair-rejected.js';
import { splitOversized } from './split-oversized.js';
import { unfoldBody } from './unfold-body.js';

/** Most repairs of one body: repairing a 422 takes three, halving 500 spans down to one takes nine. */
const maxRepairs = 16;
/** Most characters of a note, which contains names of fields from the backend. */
const mostOfNote = 300;

/** PandaProbe's calls, in the worker: a request carries one body of one item. Source: backend-contract.md, *Calls*. */
export const pandaProbeExchange: Exchange = {
  routeOf: itemRules.routeOf,
  headersFor: ({ apiKey, projectName }) => ({
    'X-API-Key': apiKey,
    'X-Project-Name': projectName,
    Accept: 'application/json',
  }),
  countTogether: () => 1,
  send: (jobs, context) => Promise.all(jobs.map((job) => sendJob(job, context))),
};

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
async function sendJob(job: Job, context: SendContext): Promise<Result> {
  const run = new JobRun(job, context);
  try {
    return await run.send();
  } catch (error) {
    const name = error instanceof Error ? error.name : 'something else than an Error';
    return run.refused(undefined, `could not be prepared for sending (${name})`);
  }
}

/** The sending of one item: what is left of it, and what was done so far. */
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

  #account(): { readonly id: number; readonly attempts: number; readonly notes: readonly string[] } {
    return { id: this.#job.id, attempts: this.#attempts, notes: this.#notes };
  }

  refused(status: number | undefined, detail: string): Result {
    return { ...this.#account(), kind: 'refused', status, detail, rest: { acknowledged: this.#acknowledged } };
  }

  async send(): Promise<Result> {
    const { isUncertain, isOrphaned, acknowledged, traceId } = this.#job;
    const lookUp: LookUp = (path) => this.#lookUp(path);
    if (isUncertain) {
      const isScore = this.#call() === 'score';
      const decision = await (isScore
        ? findScore(lookUp, traceId, textOf(this.#bodies[0] ?? ''))
        : checkTraceEnd(lookUp, traceId));
      if (decision !== undefined) return this.#resultOf(decision);
    }
    for (;;) {
      const body = this.#next();
      if (body === undefined) return { ...this.#account(), kind: 'delivered' };
      if (this.#context.isStopped(this.#call() === 'trace' ? 'traces' : 'other'))
        return { ...this.#account(), kind: 'returned', rest: this.#rest() };
      if (!isWithin(body, this.#context.limit.maxBodyBytes) && this.#split(body)) continue;
      const outcome = await this.#post(body);
      if (outcome.kind === 'accepted') {
        this.#bodies = this.#bodies.slice(1);
        this.#isUnfolded = false;
        this.#acknowledged += 1;
        this.#repairs = 0;
        this.#rejections = 0;
      } else if (outcome.kind === 'refused' || (outcome.kind === 'repair' && !this.#repair(body, outcome))) {
        return this.refused(outcome.status, outcome.detail);
      } else if (outcome.kind === 'retry') {
        // Orphaned spans get a placeholder. If one was sent just now, it is not stored yet.
        const isWithoutTrace = isOrphaned && outcome.cause === 'absent' && this.#call() === 'spans';
        if (isWithoutTrace && this.#acknowledged === acknowledged) {
          const found = await preparePlaceholder(lookUp, traceId, textOf(body));
          if (typeof found !== 'string') return this.#resultOf(found);
          this.#replaceFirst([found], []);
          continue;
        }
        if (outcome.mayBeTooMuch) this.#easeRetry(body);
        return this.#retry(outcome);
      }
    }
  }

  /** The next body, unfolded. */
  #next(): Buffer | string | undefined {
    const [body, ...later] = this.#bodies;
    if (body === undefined || this.#isUnfolded) return body;
    this.#isUnfolded = true;
    // Always a copy: a backend may answer before it has read the whole body. Then the queue reuses the body's memory during the send.
    const own = typeof body === 'string' ? body : unfoldBody(body);
    this.#bodies = [own, ...later];
    return own;
  }

  async #lookUp(path: string): ReturnType<LookUp> {
    this.#attempts += 1;
    const answer = await this.#context.transport.get(path);
    return { answer, outcome: this.#classify('lookup', answer) };
  }

  #resultOf(decision: Decision): Result {
    return decision.kind === 'retry' ? this.#retry(decision) : { ...this.#account(), ...decision };
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

  #classify(call: RequestKind, answer: TransportAnswer): Outcome {
    return classify({ call, traceId: this.#job.traceId }, answer, wallMs(), this.#context.redact);
  }

  /** After a timeout: splits the body as after a 413. If it cannot be split, the next request gets more time. */
  #easeRetry(body: Buffer | string): void {
    if (!this.#split(body)) this.#context.patience.late(this.#job.id);
  }

  #repair(body: Buffer | string, outcome: Outcome & { readonly kind: 'repair' }): boolean {
    this.#repairs += 1;
    if (this.#repairs > maxRepairs) return false;
    if (outcome.status === 422) {
      const repaired = repairRejected(textOf(body), outcome.complaints, this.#rejections) ?? this.#strip(body);
      if (repaired === undefined) return false;
      this.#rejections += 1;
      this.#replaceFirst([repaired.body], repaired.notes);
      return true;
    }
    lowerLimit(this.#context.limit, Buffer.byteLength(body));
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
    this.#bodies = [...bodies.filter(hasContent), ...this.#bodies.slice(1)];
    this.#notes.push(...notes.map((note) => shown(note, mostOfNote, this.#context.redact)));
    this.#isRewritten = true;
  }

  #retry(given: Retry): Result {
    const { mayHaveArrived: _, mayBeTooMuch: __, kind: ___, ...met } = given;
    const isOfPlaceholder = this.#job.kind === 'spans' && isPlaceholder(this.#bodies[0]);
    // A placeholder is a new trace. If the backend limits new traces, late spans of other traces must not be held.
    const obstacle: Obstacle =
      isOfPlaceholder && (met.cause === 'rate' || met.cause === 'quota')
        ? { cause: 'absent', isVague: false, limit: met, status: undefined, detail: met.detail }
        : met;
    return {
      ...this.#account(),
      ...obstacle,
      kind: 'retry',
      rest: this.#rest(),
      isUncertain: given.mayHaveArrived && this.#call() === 'score',
    };
  }

  /** The bodies that are left, without placeholders: the true trace may have come before the next try. */
  #rest() {
    const isSpans = this.#job.kind === 'spans';
    const texts = () => this.#bodies.map((body) => (isSpans ? spansIn(textOf(body)) : textOf(body))).filter(hasContent);
    return { acknowledged: this.#acknowledged, ...(this.#isRewritten ? { bodies: texts() } : {}) };
  }

  #call(): RequestKind {
    if (this.#job.kind === 'score') return 'score';
    if (this.#job.kind === 'spans') return isPlaceholder(this.#bodies[0]) ? 'trace' : 'spans';
    return this.#acknowledged === 0 ? 'trace' : 'spans';
  }
}

/** A list without spans would be refused. */
const hasContent = (body: string) => body !== '[]';

const json = { 'Content-Type': 'application/json' };

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
