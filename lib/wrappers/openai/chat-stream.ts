import { type Fields, fields, filled, given, isFields, list } from '../narrow.js';
import { reasoning } from '../parts.js';
import type { ReplyFacts, ReplyStream } from '../translation.js';
import { choiceMessage, finishReasons } from './chat-messages.js';
import { chatUsage, statedCost } from './usage.js';

/** A tool call as far as it has come. */
interface PartialCall {
  id: string | undefined;
  name: string;
  arguments: string;
}

/** One choice as far as it has come. */
interface PartialChoice {
  text: string | null;
  refusal: string;
  reasoning: string;
  transcript: string;
  audioId: string | undefined;
  /** By the tool call's own index: chunks of several calls may be mixed. */
  readonly calls: Map<number, PartialCall>;
  finishReason: unknown;
}

/** Puts the chunks of a chat completion together, every choice apart. */
export class ChatStream implements ReplyStream {
  readonly #choices = new Map<number, PartialChoice>();
  #id: unknown;
  #model: string | undefined;
  #usage: unknown;

  get isComplete(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every(({ finishReason }) => finishReason !== null);
  }

  add(chunk: unknown): boolean {
    const { id, model, choices, usage } = fields(chunk);
    this.#id ??= id;
    this.#model = filled(model) ?? this.#model;
    if (isFields(usage)) this.#usage = { ...usage };
    let hasContent = false;
    for (const each of list(choices)) {
      const { index, delta, finish_reason, text } = fields(each);
      const choice = this.#choice(Number(index ?? 0));
      if (finish_reason !== undefined && finish_reason !== null) choice.finishReason = finish_reason;
      // Legacy completions have the text where chat has a delta.
      const added = typeof text === 'string' ? addText(choice, text) : addDelta(choice, fields(delta));
      hasContent ||= added;
    }
    return hasContent;
  }

  facts(): ReplyFacts {
    const inOrder = [...this.#choices].sort(([a], [b]) => a - b).map(([, choice]) => choice);
    return {
      output: inOrder.length === 0 ? undefined : { messages: inOrder.map(messageOf) },
      model: this.#model,
      usage: chatUsage(this.#usage),
      cost: statedCost(this.#usage),
      metadata: { response_id: this.#id, ...finishReasons(inOrder.map(({ finishReason }) => finishReason)) },
      reasoning: reasoning(inOrder.map((choice) => choice.reasoning)),
    };
  }

  #choice(index: number): PartialChoice {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      const empty = { text: null, refusal: '', reasoning: '', transcript: '', audioId: undefined };
      choice = { ...empty, calls: new Map(), finishReason: null };
      this.#choices.set(index, choice);
    }
    return choice;
  }
}

function addText(choice: PartialChoice, text: string): boolean {
  choice.text = (choice.text ?? '') + text;
  return text !== '';
}

function addDelta(choice: PartialChoice, delta: Fields): boolean {
  let hasContent = false;
  if (typeof delta.content === 'string') hasContent = addText(choice, delta.content);
  const refusal = filled(delta.refusal);
  if (refusal !== undefined) choice.refusal += refusal;
  const thought = filled(delta.reasoning_content) ?? filled(delta.reasoning);
  if (thought !== undefined) choice.reasoning += thought;
  const calls = list(delta.tool_calls);
  for (const [position, call] of calls.entries()) addCall(choice, call, position);
  if (isFields(delta.function_call)) addCall(choice, { index: 0, function: delta.function_call }, 0);
  const { id, data, transcript } = fields(delta.audio);
  choice.audioId ??= filled(id);
  choice.transcript += filled(transcript) ?? '';
  const hasSound = filled(data) !== undefined || filled(transcript) !== undefined;
  const hasCall = calls.length > 0 || isFields(delta.function_call);
  return hasContent || refusal !== undefined || thought !== undefined || hasCall || hasSound;
}

function addCall(choice: PartialChoice, chunk: unknown, position: number): void {
  const { index, id, function: called, custom } = fields(chunk);
  const at = typeof index === 'number' ? index : position;
  const { name, arguments: input } = fields(called ?? custom);
  const more = filled(input) ?? filled(fields(custom).input) ?? '';
  const call = choice.calls.get(at);
  if (call === undefined) {
    choice.calls.set(at, { id: filled(id), name: filled(name) ?? '', arguments: more });
    return;
  }
  call.id ??= filled(id);
  // Some compatible servers repeat the name in every chunk.
  if (call.name === '') call.name = filled(name) ?? '';
  call.arguments += more;
}

function messageOf(choice: PartialChoice) {
  const inOrder = [...choice.calls].sort(([a], [b]) => a - b).map(([, call]) => call);
  return choiceMessage({
    text: choice.text,
    refusal: choice.refusal,
    toolCalls: inOrder.map(({ id, name, arguments: input }) => ({
      ...given({ id }),
      type: 'function',
      function: { name, arguments: input },
    })),
    rest: { audio_id: choice.audioId, transcript: filled(choice.transcript) },
  });
}
