import type { TraceLabels } from '../../otel/values.js';
import type { SpanWriter } from '../../otel/writing/span-writer.js';
import { TraceIds } from '../../otel/writing/trace-ids.js';
import { shown } from '../text/excerpt.js';
import { lowerLimit } from '../wire/body-limit.js';
import { bytesOf, type Job } from '../wire/job-codec.js';
import type { Result } from '../wire/messages.js';
import type { Obstacle } from '../wire/obstacle.js';
import type { OtlpSettings } from '../wire/otlp-settings.js';
import type { SendContext } from '../wire/protocol.js';
import { type EncodedSpans, encodedSpans, type Part } from './export-request.js';
import type { Requests } from './requests.js';
import type { Unfinished } from './unfinished.js';
import { writeBody } from './write-body.js';

/** Most spans in one request: a receiver that takes a second for a thousand of them must answer in time. */
const maxSpans = 8192;
/** Most characters of a note, which contains words of the receiver. */
const mostOfNote = 300;

/**
 * Sends the spans of some items in as few requests as the receiver takes.
 *
 * ```
 *  spans of all items ──more than the limits──> halves
 *     │ POST
 *     ├─ 2xx ──> delivered, with a note where some were rejected
 *     ├─ 415, or perhaps 400 ──> once more without gzip
 *     ├─ 400, 413 ──> halves, down to one span, which is refused
 *     └─ obstacle ──> retry: the next attempt starts with the first span that is not settled
 * ```
 *
 * Never rejects: an error in this code costs the items, not the queue.
 */
export async function sendExport(
  jobs: readonly Job[],
  context: SendContext,
  settings: OtlpSettings,
  receiver: ReceiverState,
): Promise<readonly Result[]> {
  const run = new ExportRun(jobs, context, settings, receiver);
  try {
    await run.send();
  } catch (error) {
    run.fail(error instanceof Error ? error.name : 'something else than an Error');
  }
  return run.results();
}

/** What all sends to one receiver share. */
interface ReceiverState {
  readonly unfinished: Unfinished;
  readonly requests: Requests;
}

/** The progress of one job. */
interface JobState {
  readonly job: Job;
  attempts: number;
  /** Spans of each of its bodies that are not settled yet; 1 for a body that was not read yet. */
  readonly left: number[];
  /** Spans that were settled of the body that is not settled yet. */
  settled: number;
  hasAccepted: boolean;
  labels: TraceLabels;
  refused: { readonly status: number | undefined; readonly detail: string; spans: number } | undefined;
  readonly notes: string[];
  obstacle: Obstacle | undefined;
}

class ExportRun {
  readonly #context: SendContext;
  readonly #settings: OtlpSettings;
  readonly #unfinished: Unfinished;
  readonly #requests: Requests;
  readonly #states: readonly JobState[];
  #isOver = false;

  constructor(
    jobs: readonly Job[],
    context: SendContext,
    settings: OtlpSettings,
    { unfinished, requests }: ReceiverState,
  ) {
    this.#context = context;
    this.#settings = settings;
    this.#unfinished = unfinished;
    this.#requests = requests;
    this.#states = jobs.map((job) => ({
      ...{ job, attempts: 0, left: job.bodies.map(() => 1), ...unfinished.of(job) },
      ...{ refused: undefined, notes: [], obstacle: undefined },
    }));
  }

  async send(): Promise<void> {
    const recorded = this.#states.reduce((sum, { job }) => sum + bytesOf(job), 0);
    const spans = encodedSpans(this.#settings, recorded + (recorded >> 2)); // the written spans are usually a little larger than the bodies
    const parts: Part[] = [];
    for (const [at, state] of this.#states.entries()) this.#addParts(state, at, spans.writer, parts);
    for (let at = 0; at < parts.length; at += maxSpans) await this.#sendParts(parts.slice(at, at + maxSpans), spans);
  }

  fail(name: string): void {
    for (const state of this.#states) {
      const isOpen = state.left.some((count) => count > 0) && state.obstacle === undefined;
      if (isOpen) this.#refuse(state, undefined, `could not be prepared for sending (${name})`, 1);
      if (isOpen) state.left.fill(0);
    }
  }

  results(): Result[] {
    return this.#states.map((state): Result => {
      const { job, attempts, notes, left, refused, settled, hasAccepted, labels, obstacle } = state;
      const account = { id: job.id, attempts, notes };
      const open = left.findIndex((count) => count > 0);
      const rest = { acknowledged: job.acknowledged + open };
      this.#unfinished.put(job.id, open < 0 ? undefined : { ...rest, settled, hasAccepted, labels });
      if (open >= 0) {
        // The next attempt does not see the spans that were refused in this one, so their refusal is noted now.
        const told = { ...account, notes: this.#withRefusal(state) };
        if (obstacle === undefined) return { ...told, kind: 'returned', rest };
        return { ...told, ...obstacle, kind: 'retry', rest, isUncertain: false };
      }
      if (refused !== undefined && !hasAccepted)
        return { ...account, kind: 'refused', status: refused.status, detail: refused.detail };
      return { ...account, notes: this.#withRefusal(state), kind: 'delivered' };
    });
  }

  /** The notes of a job, and one about its refused spans. */
  #withRefusal({ notes, refused }: JobState): readonly string[] {
    if (refused === undefined) return notes;
    const { spans, detail } = refused;
    return [...notes, this.#shorten(`${spans === 1 ? '1 span' : `${spans} spans`} refused: ${detail}`)];
  }

  /** Writes the spans of a job. If one of them cannot be written, none is sent. */
  #addParts(state: JobState, at: number, writer: SpanWriter, parts: Part[]): void {
    const { job, left } = state;
    const before = parts.length;
    try {
      const ids = new TraceIds(job.traceId);
      for (const [body, bytes] of job.bodies.entries()) {
        const first = writer.count + (body === 0 ? state.settled : 0);
        const { labels } = writeBody(bytes, ids, state.labels, this.#settings, writer);
        state.labels = labels;
        left[body] = writer.count - first;
        for (let span = first; span < writer.count; span += 1) parts.push({ span, labels, job: at, body });
      }
    } catch (error) {
      parts.length = before;
      const name = error instanceof Error ? error.name : 'something else than an Error';
      left.fill(0);
      this.#refuse(state, undefined, `could not be prepared for sending (${name})`, 1);
    }
  }

  async #sendParts(parts: readonly Part[], spans: EncodedSpans): Promise<void> {
    if (this.#isOver || parts.length === 0 || this.#context.isStopped('traces')) return;
    const { limit, patience } = this.#context;
    const body = spans.request(parts);
    if (body.length > limit.maxBodyBytes && parts.length > 1) return this.#sendHalves(parts, spans);
    const states = this.#statesOf(parts);
    const timeFactor = Math.max(1, ...states.map(({ job }) => patience.for(job.id)));
    const { outcome, requests, note } = await this.#requests.post(body, timeFactor, this.#context);
    for (const state of states) state.attempts += requests;
    if (note !== undefined) states[0]?.notes.push(note);
    switch (outcome.kind) {
      case 'accepted':
        this.#countSpans(parts, Math.min(outcome.rejected, parts.length), outcome.words);
        return;
      case 'halve':
        if (outcome.status === 413) lowerLimit(limit, body.length);
        if (parts.length > 1) return this.#sendHalves(parts, spans);
        this.#refuseAll(parts, outcome.status, outcome.detail);
        return;
      case 'refused':
        this.#refuseAll(parts, outcome.status, outcome.detail);
        return;
      case 'retry': {
        this.#isOver = true;
        if (outcome.mayBeTooMuch) for (const { job } of states) patience.late(job.id);
        // One request has failed, so one item reports the obstacle: the pace counts faults of requests.
        const [first] = states;
        if (first !== undefined) first.obstacle = outcome.obstacle;
      }
    }
  }

  /** Sends the parts in two requests, split between two items if there are several: a refused item is soon alone. */
  async #sendHalves(parts: readonly Part[], spans: EncodedSpans): Promise<void> {
    const middle = parts.length >> 1;
    const job = parts[middle]?.job;
    const start = parts.findIndex((part) => part.job === job);
    const end = parts.findLastIndex((part) => part.job === job) + 1;
    const at = start > 0 ? start : end < parts.length ? end : middle;
    await this.#sendParts(parts.slice(0, at), spans);
    await this.#sendParts(parts.slice(at), spans);
  }

  #countSpans(parts: readonly Part[], rejected: number, words: string): void {
    if (rejected === parts.length && rejected > 0) {
      this.#refuseAll(
        parts,
        200,
        `the receiver rejected all ${rejected} spans of the request${words && ` (${words})`}`,
      );
      return;
    }
    for (const { job, body } of parts) this.#settleSpan(job, body).hasAccepted = true;
    const states = this.#statesOf(parts);
    if (rejected > 0) {
      // OTLP does not say which spans were rejected, so each job of the request gets the note.
      const note = this.#shorten(`the receiver rejected ${rejected} of ${parts.length} spans of the request: ${words}`);
      for (const { notes } of states) notes.push(note);
    } else if (words !== '') states[0]?.notes.push(this.#shorten(`the receiver warns: ${words}`));
  }

  #refuseAll(parts: readonly Part[], status: number, detail: string): void {
    for (const { job, body } of parts) this.#refuse(this.#settleSpan(job, body), status, detail, 1);
  }

  #refuse(state: JobState, status: number | undefined, detail: string, spans: number): void {
    state.refused ??= { status, detail, spans: 0 };
    state.refused.spans += spans;
  }

  /** Settles one span of a body. */
  #settleSpan(job: number, body: number): JobState {
    const state = this.#states[job] as JobState; // parts are of these jobs
    const left = (state.left[body] ?? 0) - 1;
    state.left[body] = left;
    state.settled = left === 0 ? 0 : state.settled + 1;
    return state;
  }

  #statesOf(parts: readonly Part[]): JobState[] {
    return [...new Set(parts.map(({ job }) => job))].map((job) => this.#states[job] as JobState); // parts are of these jobs
  }

  #shorten(text: string): string {
    return shown(text, mostOfNote, this.#context.redact);
  }
}
