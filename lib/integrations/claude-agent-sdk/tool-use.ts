import { errorMessage } from '../../calls/error-facts.js';
import { content } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import type { SpanNode } from '../../engine/span-node.js';
import type { StepRecord } from '../adapter/step-record.js';

/** One use of a tool, with the sub-agent that it starts, if it does. */
export class ToolUse {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  readonly #step: StepRecord;
  /** Whether a handler in this process was matched with this use. */
  isTaken = false;

  constructor(id: string, name: string, input: unknown, step: StepRecord) {
    this.id = id;
    this.name = name;
    this.input = input;
    this.#step = step;
    step.input(input);
    step.metadata({ tool_call_id: id });
  }

  get span(): SpanNode {
    return this.#step.span;
  }

  get isOver(): boolean {
    return this.#step.isOver;
  }

  answered(output: unknown): void {
    this.#step.output(output);
    this.#step.end();
  }

  failed(error: unknown, isInterrupted: boolean): void {
    if (isInterrupted) this.#step.metadata({ aborted: true });
    else this.#step.failWith({ text: errorMessage(nonEmptyString(error) ?? 'the tool failed'), metadata: {} });
    this.#step.end();
  }

  /** Ends the tool with the result that the model gets, if no hook has reported its end. */
  resulted({ content: result, is_error }: Fields): void {
    const output = Array.isArray(result) ? content(list(result), '\n') : result;
    if (is_error === true) this.failed(typeof output === 'string' ? output : undefined, false);
    else this.answered(output);
  }

  /** A hook has deferred it: it waits for the user, and a later run has its result. */
  deferred(): void {
    this.#step.interrupted();
    this.#step.end();
  }

  breakOff(metadata: Fields): void {
    this.#step.metadata({ incomplete: true, ...metadata });
    this.#step.end();
  }
}

/** Name and prompt of the sub-agent, from the tool's input. */
export function subAgentOf(input: unknown): { readonly name: string | undefined; readonly prompt: unknown } {
  const { subagent_type, prompt } = fields(input);
  return { name: nonEmptyString(subagent_type), prompt };
}
