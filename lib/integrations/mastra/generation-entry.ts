import { type Fields, fields } from '../../calls/read-unknown.js';
import type { Frame } from '../../engine/frame.js';
import { Entry } from './entry.js';
import { askedMessages, turn } from './model-call.js';

/** One loop of model calls. Mastra reports its messages only for the first call. */
export class GenerationEntry extends Entry {
  readonly #messages: unknown[];
  readonly #results = new Map<unknown, unknown>();
  /** The part that had arrived when it was aborted. */
  partial: unknown;
  /** Whether its model calls are reported; the program may have filtered them out. */
  hasCalls = false;

  constructor(span: Fields, parent: Entry | undefined, outside: Frame) {
    super(span, parent, outside);
    this.#messages = [...askedMessages(span.input)];
  }

  get input(): unknown {
    return this.#messages.length === 0 ? undefined : { messages: [...this.#messages] };
  }

  answered(output: unknown): void {
    this.#messages.push(...turn(output, this.#results));
  }

  /** A tool's own result; the result for the model, if it differs, comes later. */
  toolGave(id: unknown, result: unknown): void {
    this.#results.set(id, result);
  }

  override end({ output }: Fields): void {
    this.partial = output;
  }
}

/** The conversion of a tool's result to the form for the model: `{ type: 'text', value }`. */
export class MappingEntry extends Entry {
  override end({ attributes, output }: Fields): void {
    const { toolCallId } = fields(attributes);
    const { value } = fields(output);
    if (toolCallId !== undefined && value !== undefined) this.nearest(GenerationEntry)?.toolGave(toolCallId, value);
  }
}
