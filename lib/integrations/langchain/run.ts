import type { CallRecord } from '../../calls/call-record.js';
import { type Fields, fields, list } from '../../calls/read-unknown.js';
import type { SpanNode } from '../../engine/span-node.js';
import { objectJson } from '../../model/object-json.js';
import type { StepRecord } from '../adapter/step-record.js';
import { endingOf } from './endings.js';
import type { Token } from './reply-stream.js';
import type { Role } from './roles.js';

/** One running run of the framework: a step, a model call, or a run that the tree does not show. */
export class Run {
  readonly id: string;
  readonly parent: Run | undefined;
  readonly role: Role | undefined;
  readonly step: StepRecord | undefined;
  readonly call: CallRecord | undefined;
  /** Of a model call: the handler that records it. */
  readonly handler: object | undefined;
  /** The name of the agent that the run belongs to, as the framework reports it. */
  readonly agentName: string | undefined;
  /** Of a graph: whether one of its nodes was aborted. */
  isBrokenOff = false;
  /** Of a graph: the error with which the last of its nodes has failed, until another node starts. */
  nodeFailure: unknown;
  /** Of a run without a parent: the open model calls in it. */
  readonly calls = new Set<Run>();
  /** Of a model call: ends the watch of its signal. */
  unwatch: (() => void) | undefined;
  /** Whether chunks of a streamed reply have come. */
  #isStream = false;
  #lastPiece: unknown;

  constructor(
    id: string,
    parent: Run | undefined,
    shown: { role?: Role; step?: StepRecord; call?: CallRecord; handler?: object; agentName?: string | undefined },
  ) {
    this.id = id;
    this.parent = parent;
    this.role = shown.role === 'hidden' ? parent?.role : shown.role;
    this.step = shown.step;
    this.call = shown.call;
    this.handler = shown.handler;
    this.agentName = shown.agentName;
  }

  /** The parent of its children: its own span, else that of the run around it. */
  get span(): SpanNode | undefined {
    return this.step?.span ?? this.call?.span ?? this.parent?.span;
  }

  get root(): Run {
    return this.parent?.root ?? this;
  }

  /** Records a chunk of the reply. A handler that is in the run twice gets each chunk twice; the second one is ignored. */
  token(piece: Token): void {
    const { call } = this;
    const { chunk, event = chunk } = piece;
    if (call === undefined || (event !== undefined && event === this.#lastPiece)) return;
    this.#lastPiece = event;
    if (!this.#isStream) call.streaming(() => false);
    this.#isStream = true;
    call.chunk(piece);
  }

  /** Ends the run with an error, which is not always a failure. */
  failed(error: unknown): void {
    switch (endingOf(error)) {
      case 'aborted':
        this.aborted();
        return;
      case 'failed':
        this.step?.fail(error);
        this.call?.failed(error);
        break;
      case 'interrupted':
        this.#interrupted(error);
        break;
      case 'moved': // the graph goes on elsewhere, and nothing is recorded of that
    }
    this.call?.unread({});
    this.end();
  }

  /** Ends the run, because its reader left early, or it was aborted. */
  aborted(): void {
    this.step?.metadata({ aborted: true });
    if (this.#isStream) this.call?.streamed(true);
    else this.call?.unread({ aborted: true });
    this.end();
  }

  /** Ends the run: it is over, or nothing more will be reported. */
  end(): void {
    this.step?.end();
    this.call?.abandoned();
  }

  /**
   * Marks the run and its trace as interrupted: the graph waits for its user, and the next trace of the session continues it. The
   * question to the user is recorded as the output, in the form in which the caller of the graph gets it.
   */
  #interrupted(error: unknown): void {
    this.step?.metadata({ interrupted: true });
    const asked = list(fields(error).interrupts);
    if (asked.length > 0) this.step?.output({ __interrupt__: asked });
    const { step } = this.root;
    if (step?.step.trace === undefined) step?.metadata({ interrupted: true });
    else markTrace(step, { interrupted: true });
  }
}

/** Adds to the metadata of a step's own trace. */
function markTrace({ span, step: { trace } }: StepRecord, metadata: Fields): void {
  trace?.addMetadata(objectJson(span.capture(metadata, 'metadata')));
}
