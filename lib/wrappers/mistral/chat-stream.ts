import type { ReplyFacts, ReplyStream } from '../../calls/call-adapter.js';
import { ToolCallPieces } from '../../calls/openai/tool-call-pieces.js';
import { type Fields, fields, isFields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';
import { addPiece } from './pieces.js';

/** The part of a message that has arrived. */
interface PartialMessage {
  fields: Fields;
  readonly content: Fields[];
  readonly calls: ToolCallPieces;
}

/** The part of a choice that has arrived: its messages by their index. */
interface PartialChoice {
  finishReason: unknown;
  readonly messages: Map<number, PartialMessage>;
}

/** Assembles a chat from its chunks. Each delta belongs to a message of a choice; most choices have one message. */
export class ChatStream implements ReplyStream {
  readonly #readReply: (reply: unknown) => ReplyFacts;
  readonly #choices = new Map<number, PartialChoice>();
  #rest: Fields = {};

  /** @param readReply - reads the assembled chat as a whole one */
  constructor(readReply: (reply: unknown) => ReplyFacts) {
    this.#readReply = readReply;
  }

  get isComplete(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every(({ finishReason }) => isGiven(finishReason));
  }

  add(event: unknown): boolean {
    const { id, model, choices, usage } = fields(fields(event).data);
    this.#rest = {
      id: this.#rest.id ?? id,
      model: nonEmptyString(model) ?? this.#rest.model,
      usage: isFields(usage) ? { ...usage } : this.#rest.usage,
    };
    let hasContent = false;
    for (const each of list(choices)) {
      const { index, delta, finishReason } = fields(each);
      const choice = this.#choice(Number(index ?? 0));
      choice.finishReason = finishReason ?? choice.finishReason;
      hasContent = addDelta(choice, fields(delta)) || hasContent;
    }
    return hasContent;
  }

  facts(): ReplyFacts {
    const choices = [...this.#choices].map(([index, { finishReason, messages }]) => ({
      index,
      messages: [...messages].sort(([a], [b]) => a - b).map(([, message]) => wholeMessage(message)),
      finishReason,
    }));
    return this.#readReply({ ...this.#rest, choices });
  }

  #choice(index: number): PartialChoice {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = { finishReason: undefined, messages: new Map() };
      this.#choices.set(index, choice);
    }
    return choice;
  }
}

const isGiven = (value: unknown): boolean => value !== null && value !== undefined;

/** @returns whether the delta has content of any sort */
function addDelta(choice: PartialChoice, { index, role, content, toolCalls, toolCallId }: Fields): boolean {
  const at = Number(index ?? 0);
  let message = choice.messages.get(at);
  if (message === undefined) {
    message = { fields: {}, content: [], calls: new ToolCallPieces() };
    choice.messages.set(at, message);
  }
  const told = omitNullish({ role, toolCallId });
  if (told !== undefined) message.fields = { ...message.fields, ...told };
  const asked = list(toolCalls).map(fields);
  message.calls.add(asked.map((call) => (call.id === 'null' ? { ...call, id: undefined } : call)));
  let hasContent = asked.length > 0;
  for (const piece of Array.isArray(content) ? content : [content ?? '']) {
    hasContent = addPiece(message.content, piece) || hasContent;
  }
  return hasContent;
}

function wholeMessage({ fields: told, content, calls }: PartialMessage): Fields {
  return { ...told, content, toolCalls: calls.whole() };
}
