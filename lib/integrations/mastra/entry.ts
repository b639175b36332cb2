import type { Fields } from '../../calls/read-unknown.js';
import type { Frame } from '../../engine/frame.js';
import { innerFrame } from '../../engine/integration/inner-frame.js';
import type { SpanNode } from '../../engine/span-node.js';

/** Milliseconds since the epoch, of a date or its text; NaN for anything else. */
export const timeOf = (at: unknown): number => (at instanceof Date ? at.getTime() : Date.parse(`${at}`));

/** An open span of Mastra. A merged one has no span here: its children go to the span above it. */
export class Entry {
  readonly type: unknown;
  readonly parent: Entry | undefined;
  /** The program's frame. Changes for a model call or a tool are made in frames derived from it. */
  readonly outside: Frame;

  constructor({ type }: Fields, parent: Entry | undefined, outside: Frame) {
    this.type = type;
    this.parent = parent;
    this.outside = parent === undefined ? outside : { ...outside, ambient: parent.outside.ambient };
  }

  /** Our span for it; undefined for a merged one. */
  get own(): SpanNode | undefined {
    return undefined;
  }

  /** The parent of its children. */
  get span(): SpanNode | undefined {
    return this.own ?? this.parent?.span;
  }

  /** The frame for the program's code in this span, including code that decides how a workflow goes on. */
  get frame(): Frame | undefined {
    const span = this.own ?? (`${this.type}`.startsWith('workflow_') ? this.span : undefined);
    return span && innerFrame(span, this.outside);
  }

  /** The nearest entry of this class: itself, or one above it. */
  nearest<E extends Entry>(kind: abstract new (...args: never[]) => E): E | undefined {
    return this instanceof kind ? this : this.parent?.nearest(kind);
  }

  /** @param span - the span at its end; `{}` if its end was not reported */
  end(_span: Fields): void {}
}
