import type { ReplyFacts, ReplyStream } from '../../calls/call-adapter.js';
import { reasoning, toolCall } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { thoughtsOf } from './messages.js';
import { countsOf, StreamedUsage } from './usage.js';

/** One piece of a streamed reply, as the framework reports it. */
export interface Token {
  readonly token: unknown;
  /** The index of the answer, if the model gives several. */
  readonly completion: number;
  /** The framework's chunk; not every model has one. */
  readonly chunk: unknown;
  /** The framework's event, if it reports events instead of chunks. */
  readonly event?: unknown;
  /** The counts of the whole reply so far; those of a chunk are in it. */
  readonly usage?: Fields | undefined;
}

/** Collects the chunks of a streamed reply, because they are all that is known if the reader leaves early. */
export class TokenStream implements ReplyStream {
  readonly isComplete = false;
  readonly #answers: PartialAnswer[] = [];
  readonly usage: StreamedUsage;
  #model: string | undefined;

  /** @param provider - the framework's name of it */
  constructor(provider?: string) {
    this.usage = new StreamedUsage(provider);
  }

  add(piece: unknown): boolean {
    const { token, completion, chunk, usage } = piece as Token; // made by the handler
    const { message } = fields(chunk);
    if (usage === undefined) this.usage.add(fields(message));
    else this.usage.reported(usage);
    this.#model = nonEmptyString(fields(fields(message).response_metadata).model_name) ?? this.#model;
    this.#answers[completion] ??= new PartialAnswer();
    return this.#answers[completion].add(token, fields(message), message);
  }

  facts(): ReplyFacts {
    const answers = this.#answers.filter((answer) => answer !== undefined && !answer.isEmpty);
    return {
      output: answers.length === 0 ? undefined : { messages: answers.map((answer) => answer.message()) },
      usage: countsOf(this.usage.sum),
      model: this.#model,
      reasoning: reasoning(answers.map(({ thoughts }) => thoughts)),
    };
  }
}

class PartialAnswer {
  #text = '';
  thoughts = '';
  readonly #calls = new Map<unknown, { id: unknown; name: unknown; args: string }>();

  get isEmpty(): boolean {
    return this.#text === '' && this.thoughts === '' && this.#calls.size === 0;
  }

  add(token: unknown, chunk: Fields, message: unknown): boolean {
    const text = nonEmptyString(token) ?? textIn(chunk.content);
    const thought = thoughtsOf(message) ?? '';
    const calls = list(chunk.tool_call_chunks);
    this.#text += text;
    this.thoughts += thought;
    for (const [at, call] of calls.entries()) this.#addCall(fields(call), at);
    return text !== '' || thought !== '' || calls.length > 0;
  }

  message(): unknown {
    const calls = [...this.#calls.values()].map(({ id, name, args }) => toolCall(id, name, args));
    return {
      role: 'assistant',
      content: nonEmptyString(this.#text) ?? null,
      ...(calls.length > 0 && { tool_calls: calls }),
    };
  }

  #addCall({ id, name, args, index }: Fields, at: number): void {
    const key = index ?? at;
    const call = this.#calls.get(key) ?? { id: undefined, name: undefined, args: '' };
    call.id ??= nonEmptyString(id);
    call.name ??= nonEmptyString(name);
    call.args += nonEmptyString(args) ?? '';
    this.#calls.set(key, call);
  }
}

function textIn(content: unknown): string {
  return list(content)
    .map((part) => nonEmptyString(fields(part).text) ?? '')
    .join('');
}
