import { bodyError } from '../../calls/body-error.js';
import type { CallAdapter, ReplyFacts, ReplyStream } from '../../calls/call-adapter.js';
import { parameters, pick } from '../../calls/parameters.js';
import { type Fields, fields, isFields, nonEmptyString } from '../../calls/read-unknown.js';

const allowed = {
  temperature: 'temperature',
  top_p: 'top_p',
  top_k: 'top_k',
  max_tokens_to_sample: 'max_tokens',
  stop_sequences: 'stop_sequences',
};

/** `client.completions.create()` of versions before 1: a prompt instead of messages. Anthropic counts no tokens here. */
export const completions: CallAdapter = {
  name: 'anthropic-completion',
  kind: 'LLM',
  request: (request) => ({
    input: { messages: [{ role: 'user', content: request.prompt ?? null }] },
    model: nonEmptyString(request.model),
    parameters: parameters(pick(request, allowed)),
  }),
  reply: completionReply,
  stream: () => new CompletionEvents(),
};

function completionReply(reply: unknown): ReplyFacts {
  const { id, model, completion, stop_reason } = fields(reply);
  const error = bodyError(reply);
  return {
    output: typeof completion === 'string' ? { messages: [{ role: 'assistant', content: completion }] } : undefined,
    model: nonEmptyString(model),
    metadata: { response_id: id, stop_reason, error: error?.details },
    error: error?.text,
  };
}

/** Each event has a piece of the text, the last one the reason why it ends. */
class CompletionEvents implements ReplyStream {
  #text: string | undefined;
  #rest: Fields = {};

  get isComplete(): boolean {
    return nonEmptyString(this.#rest.stop_reason) !== undefined;
  }

  add(event: unknown): boolean {
    const { id, model, completion, stop_reason, error } = fields(event);
    if (typeof completion === 'string') this.#text = `${this.#text ?? ''}${completion}`;
    this.#rest = { id: id ?? this.#rest.id, model: model ?? this.#rest.model, stop_reason };
    if (isFields(error)) this.#rest = { ...this.#rest, error: { ...error } };
    return nonEmptyString(completion) !== undefined;
  }

  facts(): ReplyFacts {
    return completionReply({ ...this.#rest, completion: this.#text });
  }
}
