import { type ErrorFacts, errorFacts } from '../../calls/error-facts.js';
import type { Fields } from '../../calls/read-unknown.js';
import { omitNullish } from '../../calls/read-unknown.js';
import { capturedWithoutBytes, textWithoutBytes } from '../../calls/without-bytes.js';
import { endSpanAt } from '../../engine/integration/given-times.js';
import type { SpanNode } from '../../engine/span-node.js';
import { objectJson } from '../../model/object-json.js';
import type { CapturedText } from '../../model/records.js';
import type { AdapterOptions } from './options.js';
import type { Step } from './step.js';

/**
 * Records one step of a framework that is not a model call: an agent, a tool, a chain. (Model calls use `CallRecord`.) If the
 * step has a trace of its own, the trace gets the same values and ends with it. Only the first ending counts.
 */
export class StepRecord {
  readonly step: Step;
  readonly #options: AdapterOptions;
  #isOver = false;

  constructor(step: Step, options: AdapterOptions) {
    this.step = step;
    this.#options = options;
  }

  get span(): SpanNode {
    return this.step.span;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether {@link input} records anything. If not, a value that takes long to read need not be read. */
  get recordsInput(): boolean {
    return !this.#isOver && (this.#options.captureInput ?? this.span.recorder.captureInput);
  }

  /** The same for {@link output}. */
  get recordsOutput(): boolean {
    return !this.#isOver && (this.#options.captureOutput ?? this.span.recorder.captureOutput);
  }

  /** @param ofTrace - the input of the step's own trace, if it differs, such as only the last user message */
  input(value: unknown, ofTrace: unknown = value): void {
    const { span } = this;
    if (value === undefined || !this.recordsInput) return;
    span.setInputText(this.#text(value, 'input'));
    const { trace } = this.step;
    trace?.setInputText(ofTrace === value ? span.draft.input : this.#text(ofTrace, 'input'));
  }

  /** @param ofTrace - the output of the step's own trace, if it differs, such as only the last assistant message */
  output(value: unknown, ofTrace: unknown = value): void {
    const { span } = this;
    if (value === undefined || !this.recordsOutput) return;
    span.draft.output = this.#text(value, 'output');
    const { trace } = this.step;
    if (trace !== undefined) trace.output = ofTrace === value ? span.draft.output : this.#text(ofTrace, 'output');
  }

  /** The output of another span of the same integration, which was captured already. */
  outputOf({ draft: { output } }: SpanNode): void {
    if (output === undefined || !this.recordsOutput) return;
    this.span.draft.output = output;
    const { trace } = this.step;
    if (trace !== undefined) trace.output = output;
  }

  metadata(metadata: Fields): void {
    const given = omitNullish(metadata);
    if (this.#isOver || given === undefined) return;
    this.span.addMetadata(objectJson(this.span.capture(given, 'metadata')));
  }

  /** Marks the step, and its own trace if it has one, as interrupted: it waits for its user, and a later run goes on with the answer. */
  interrupted(): void {
    if (this.#isOver) return;
    const mark = objectJson(this.span.capture({ interrupted: true }, 'metadata'));
    this.span.addMetadata(mark);
    this.step.trace?.addMetadata(mark);
  }

  /** Marks the step, and its own trace if it has one, as ERROR. `end` ends it. */
  fail(error: unknown): void {
    this.failWith(errorFacts(error));
  }

  /** The same for an error that was reported without the error object. */
  failWith(facts: ErrorFacts): void {
    if (this.#isOver) return;
    const text = textWithoutBytes(facts.text);
    this.span.fail(text);
    this.step.trace?.fail(text);
    this.metadata(facts.metadata);
  }

  /** @param at - milliseconds since the epoch @defaultValue now */
  end(at?: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    endSpanAt(this.span, at);
    this.step.trace?.end();
  }

  #text(value: unknown, field: 'input' | 'output'): CapturedText | undefined {
    return capturedWithoutBytes(value, this.span, field);
  }
}
