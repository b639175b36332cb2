import type { CallAdapter, ReplyFacts, ReplyStream } from '../../calls/call-adapter.js';
import { errorMessage } from '../../calls/error-facts.js';
import { generate } from '../../calls/gemini/generate.js';
import { type Fields, fields, nonEmptyString } from '../../calls/read-unknown.js';

/** A response of the framework in the form of Gemini. */
function asReply(response: unknown): Fields {
  const { content, finishReason, ...rest } = fields(response);
  return { ...rest, candidates: content === undefined ? [] : [{ index: 0, content, finishReason }] };
}

function replyFacts(response: unknown): ReplyFacts {
  const facts = generate.reply(asReply(response));
  const code = errorCodeOf(response);
  if (code === undefined) return facts;
  return {
    ...facts,
    error: errorMessage([code, nonEmptyString(fields(response).errorMessage)].filter(Boolean).join(': ')),
  };
}

/**
 * The error code of a response or an event that has failed. The framework also puts the reason there why an answer ended, such as
 * `MAX_TOKENS`, and `STOP` if an answer is empty.
 */
export function errorCodeOf(response: unknown): string | undefined {
  const { errorCode, content } = fields(response);
  return content === undefined && errorCode !== 'STOP' ? nonEmptyString(errorCode) : undefined;
}

/** Reads the framework's requests and responses, which have Gemini's form for every model. */
export function modelAdapter(name: string): CallAdapter {
  return { name, kind: 'LLM', request: generate.request, reply: replyFacts, stream: () => new Responses() };
}

/** The partial responses of a streamed call; the whole response follows. */
class Responses implements ReplyStream {
  readonly #stream = generate.stream();
  readonly isComplete = false;

  add(response: unknown): boolean {
    return this.#stream.add(asReply(response), { started() {}, requested() {}, ended() {} });
  }

  facts(): ReplyFacts {
    return this.#stream.facts();
  }
}

/** The agent's model, if the request does not name it. */
export function modelOf(request: Fields, agent: unknown): string {
  const { model } = fields(agent);
  return nonEmptyString(request.model) ?? nonEmptyString(model) ?? nonEmptyString(fields(model).model) ?? 'model';
}
