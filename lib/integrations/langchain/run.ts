import type { CallRecord } from '../../calls/call-record.js';
import type { Fields } from '../../calls/read-unknown.js';
import type { SpanNode } from '../../engine/span-node.js';
import { objectJson } from '../../model/object-json.js';
import type { StepRecord } from '../adapter/step-record.js';
import { endingOf } from './endings.js';
import type { Role } from './roles.js';

/** One run of the framework's that has started: a step, a model call, or what the tree does not show. */
export class Run {
  readonly id: string;
  readonly parent: Run | undefined;
  readonly role: Role | undefined;
  readonly step: StepRecord | undefined;
  readonly call: CallRecord | undefined;
  /** One of its nodes was aborted. */
  isBrokenOff = false;
  /** Of a streamed call: its pieces have begun to come. */
  #isStream = false;

  constructor(id: string, parent: Run | undefined, shown: { role?: Role; step?: StepRecord; call?: CallRecord }) {
    this.id = id;
    this.parent = parent;
    this.role = shown.role === 'hidden' ? parent?.role : shown.role;
    this.step = shown.step;
    this.call = shown.call;
  }

  /** What its children stand below: its own span, else that of what it runs in. */
  get span(): SpanNode | undefined {
    return this.step?.span ?? this.call?.span ?? this.parent?.span;
  }

  get root(): Run {
    return this.parent?.root ?? this;
  }

  /** A piece of the reply has come. */
  token(piece: unknown): void {
    const { call } = this;
    if (call === undefined) return;
    if (!this.#isStream) call.streaming(() => false);
    this.#isStream = true;
    call.chunk(piece);
  }

  /** It ended with an error, which is not always a fault. */
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
        this.#interrupted();
        break;
      case 'moved':
    }
    this.call?.unread({});
    this.end();
  }

  /** Its reader broke off, or it was aborted. */
  aborted(): void {
    this.step?.metadata({ aborted: true });
    if (this.#isStream) this.call?.streamed(true);
    else this.call?.unread({ aborted: true });
    this.end();
  }

  /** It is over, or nothing more is heard of it. */
  end(): void {
    this.step?.end();
    this.call?.abandoned();
  }

  /** The graph waits for its user, which the trace says, too: the next trace of the session goes on with it. */
  #interrupted(): void {
    this.step?.metadata({ interrupted: true });
    const { step } = this.root;
    if (step?.step.trace === undefined) step?.metadata({ interrupted: true });
    else markTrace(step, { interrupted: true });
  }
}

/** Adds to the metadata of a step's own trace. */
function markTrace({ span, step: { trace } }: StepRecord, metadata: Fields): void {
  trace?.addMetadata(objectJson(span.capture(metadata, 'metadata')));
}
