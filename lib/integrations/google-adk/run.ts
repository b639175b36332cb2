import { errorMessage } from '../../calls/error-facts.js';
import { contentMessages, modelMessage } from '../../calls/gemini/contents.js';
import { fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import type { ResultObserver } from '../../engine/follow.js';
import type { Frame } from '../../engine/frame.js';
import { callbackFrame } from '../../engine/frames-of-node.js';
import { within } from '../../engine/scope.js';
import { lastAssistantMessage, lastUserMessage } from '../../model/messages.js';
import { followRun } from '../adapter/follow-run.js';
import { guarded } from '../adapter/guarded.js';
import type { FrameworkOptions } from '../adapter/options.js';
import type { Step } from '../adapter/step.js';
import { StepRecord } from '../adapter/step-record.js';
import { endOpenModelCall } from './callbacks.js';
import { errorCodeOf } from './model-call.js';

/** The step of a runner's or an agent's generator. */
export interface AdkRunStart {
  /** Opens its step when it begins; undefined if nothing is recorded. */
  readonly open: () => Step | undefined;
  readonly outside: Frame;
  readonly options: FrameworkOptions;
  /** The user's message, in the form of Gemini. */
  readonly message: unknown;
  readonly isAborted: () => boolean;
}

/**
 * Follows the events of a runner or an agent from the first one on. The step is current while an event is produced, so spans in
 * that code are below it.
 */
export class RunObserver implements ResultObserver {
  readonly #start: AdkRunStart;
  #frame: Frame | undefined;
  #record: StepRecord | undefined;
  #isBrokenOff = false;
  #answer: unknown;
  /** The texts so far of answers that are streamed, by their agents' names. */
  readonly #begun = new Map<unknown, string>();
  /** The last event asks the user for something: an approval, an input, a credential. */
  #isAsking = false;
  #failure: string | undefined;

  private constructor(start: AdkRunStart) {
    this.#start = start;
  }

  /** Follows a generator in place. */
  static follow(generator: AsyncGenerator<unknown>, start: AdkRunStart): void {
    const observer = new RunObserver(start);
    followRun(generator, observer, () => {
      observer.#isBrokenOff = true;
    });
  }

  pull<R>(fn: () => R): R {
    this.#frame ??= guarded('Google ADK', 'a run', () => this.#begin()) ?? this.#start.outside;
    return within(this.#frame, fn);
  }

  chunk(event: unknown): void {
    guarded('Google ADK', 'an event', () => {
      const { content, errorMessage: said, partial, author } = fields(event);
      const parts = list(fields(content).parts);
      if (partial === true) {
        this.#begun.set(author, (this.#begun.get(author) ?? '') + parts.map(textOf).join(''));
        return;
      }
      this.#begun.delete(author);
      const code = errorCodeOf(event);
      this.#failure = code === undefined ? undefined : errorMessage(nonEmptyString(said) ?? code);
      const isRequest = parts.some(isUserRequest);
      if (parts.length === 0 || (!isRequest && fields(content).role !== 'model')) return;
      this.#answer = content;
      this.#isAsking = isRequest;
    });
  }

  streamed(): void {
    this.#end(() => {
      const failure = this.#failure;
      if (failure !== undefined) this.#record?.failWith({ text: failure, metadata: {} });
      if (this.#start.isAborted()) this.#record?.metadata({ aborted: true });
      else if (this.#isAsking) this.#record?.interrupted();
      else if (this.#isBrokenOff) this.#record?.metadata({ incomplete: true });
    });
  }

  returned(): void {
    this.streamed();
  }

  threw(error: unknown): void {
    const isInterrupt = fields(error).name === 'NodeInterruptedError';
    this.#end(() => (isInterrupt ? this.#record?.interrupted() : this.#record?.fail(error)));
  }

  #begin(): Frame | undefined {
    if (this.#isBrokenOff) return undefined; // left before the first event
    const { open, options, outside, message } = this.#start;
    const step = open();
    if (step === undefined) return undefined;
    const record = new StepRecord(step, options);
    this.#record = record;
    const messages = contentMessages(undefined, message ?? []);
    if (messages.length > 0) record.input({ messages }, lastUserMessage({ messages }));
    return callbackFrame(step.span, outside);
  }

  #end(write: () => void): void {
    const record = this.#record;
    if (record === undefined) return;
    guarded('Google ADK', 'the end of a run', () => {
      endOpenModelCall(record.span, this.#start.isAborted());
      const begun = nonEmptyString([...this.#begun.values()].at(-1));
      const parts = begun === undefined ? list(fields(this.#answer).parts) : [{ text: begun }];
      const said = parts.length === 0 ? undefined : { messages: [modelMessage(parts)] };
      record.output(said, said && lastAssistantMessage(said));
      write();
      record.end();
    });
    this.#record = undefined;
  }
}

/** The text of a part of the answer; empty for thoughts. */
function textOf(part: unknown): string {
  const { text, thought } = fields(part);
  return thought === true ? '' : (nonEmptyString(text) ?? '');
}

/** Whether a part of an event asks the user for something. Source: `agents/framework_function_calls` of `@google/adk`. */
function isUserRequest(part: unknown): boolean {
  const { name } = fields(fields(part).functionCall);
  return typeof name === 'string' && name.startsWith('adk_request_');
}
