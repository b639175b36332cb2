import { type Fields, fields, nonEmptyString } from '../../calls/read-unknown.js';
import { lastAssistantMessage, lastUserMessage } from '../../model/messages.js';
import type { Entry } from './entry.js';
import { askedMessages, replyMessage } from './model-call.js';
import type { ModelEntry } from './model-entry.js';
import { failureOf, StepEntry } from './step-entry.js';

/** A run of an agent. Only its end says why a model call in it failed or was aborted. */
export class AgentEntry extends StepEntry {
  /** The model calls that are running, or have ended without an answer. */
  readonly #calls = new Set<ModelEntry>();

  modelCalled(call: ModelEntry): void {
    for (const before of this.#calls) if (before.isWaiting) this.#endWaiting(before);
    this.#calls.add(call);
  }

  modelAnswered(call: ModelEntry): void {
    this.#calls.delete(call);
  }

  /** Ends the model call that asked for the tool, although the framework reports its end later. */
  toolStarted(step: Entry | undefined, at: number): void {
    const running = [...this.#calls];
    (running.find(({ parent }) => parent === step) ?? running.at(-1))?.endBy(at);
  }

  protected override started({ input }: Fields): void {
    const messages = askedMessages(input);
    if (messages.length > 0) this.record.input({ messages }, lastUserMessage({ messages }));
    else this.record.input(input);
  }

  override end(span: Fields): void {
    const { record } = this;
    const { status, object: given, tripwire, ...asked } = fields(span.output);
    // Of an agent that waits for its user, the output says for what.
    const object = status === 'suspended' && Object.keys(asked).length > 0 ? asked : given;
    const isAborted = status === 'aborted';
    const message = replyMessage(span.output);
    const said = message && { messages: [message] };
    record.metadata({ tools: fields(span.attributes).availableTools });
    record.output(object ?? said, object ?? (said && lastAssistantMessage(said)));
    record.metadata({ tripwire });
    if (!isAborted) this.ended(nonEmptyString(status));
    for (const call of this.#calls) {
      call.unanswered(failureOf(span.errorInfo), isAborted);
      if (isAborted && message === undefined) record.outputOf(call.own);
    }
    this.over(span, isAborted);
  }

  /** Ends a failed call, because another one follows: a fallback model, or a retry. */
  #endWaiting(call: ModelEntry): void {
    this.#calls.delete(call);
    call.unanswered(undefined, false);
  }
}
