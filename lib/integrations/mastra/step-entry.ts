import { type ErrorFacts, errorFacts } from '../../calls/error-facts.js';
import { type Fields, fields, nonEmptyString } from '../../calls/read-unknown.js';
import type { Frame } from '../../engine/frame.js';
import type { SpanNode } from '../../engine/span-node.js';
import type { FrameworkOptions } from '../adapter/options.js';
import type { Step } from '../adapter/step.js';
import { StepRecord } from '../adapter/step-record.js';
import { Entry, timeOf } from './entry.js';

/** An agent, a workflow, a tool or whatever else has a span. */
export class StepEntry extends Entry {
  readonly record: StepRecord;
  readonly #hasInput: boolean;

  constructor(span: Fields, parent: Entry | undefined, outside: Frame, step: Step, options: FrameworkOptions) {
    super(span, parent, outside);
    this.record = new StepRecord(step, options);
    this.#hasInput = span.input !== undefined;
    this.started(span);
  }

  override get own(): SpanNode {
    return this.record.span;
  }

  protected started({ input }: Fields): void {
    this.record.input(input);
  }

  override end(span: Fields): void {
    const { record } = this;
    if (!this.#hasInput) record.input(span.input);
    record.output(span.output);
    this.ended(nonEmptyString(fields(span.attributes).status));
    this.over(span);
  }

  /** @param status - how an agent or a workflow says it has ended */
  protected ended(status: string | undefined): void {
    if (status === 'suspended') this.record.interrupted();
    if (status !== 'success' && status !== 'failed') this.record.metadata({ status });
  }

  protected over({ errorInfo, endTime }: Fields, isAborted = false): void {
    const { record } = this;
    const failure = failureOf(errorInfo);
    if (isAborted || failure?.metadata.aborted === true) record.metadata({ aborted: true });
    else if (failure !== undefined) record.failWith(failure);
    else if (endTime === undefined) record.metadata({ incomplete: true });
    record.end(timeOf(endTime));
  }
}

/** Why a span failed, without its `details`, which quote the request. */
export function failureOf(errorInfo: unknown): ErrorFacts | undefined {
  const { name, message } = fields(errorInfo);
  if (nonEmptyString(message) === undefined && nonEmptyString(name) === undefined) return undefined;
  return errorFacts({ name: nonEmptyString(name) ?? 'Error', message });
}
