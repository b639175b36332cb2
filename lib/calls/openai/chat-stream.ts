import { type BodyError, bodyError, choiceError } from '../body-error.js';
import type { RecordedMessage, ReplyFacts, ReplyStream } from '../call-adapter.js';
import { laterUsage } from '../counts.js';
import { reasoning, textPart } from '../parts.js';
import { type Fields, fields, isFields, list, nonEmptyString } from '../read-unknown.js';
import { choiceMessage, finishReasons, thoughtOf, withSources } from './chat-messages.js';
import { gatewayOf, statedCost } from './cost.js';
import { moderated } from './moderated.js';
import { joinParts, piecesOf } from './pieces.js';
import { isPlain, type PlainDelta, plainChoice } from './plain-chunk.js';
import { ToolCallPieces } from './tool-call-pieces.js';
import { chatUsage, usageOf } from './usage.js';

/** Assembles the choices of a streamed chat completion. */
export class ChatStream implements ReplyStream {
  readonly #choices = new Map<number, PartialChoice>();
  #id: unknown;
  #model: string | undefined;
  #usage: Fields | undefined;
  #meta: unknown;
  #serviceTier: string | undefined;
  /** The choice in which a gateway states the cost. */
  #gatewayChoice: unknown;
  #provider: string | undefined;
  #moderation: Fields | undefined;
  #sources: unknown;
  #error: BodyError | undefined;

  get isComplete(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every(({ finishReason }) => finishReason !== null);
  }

  add(chunk: unknown): boolean {
    const given = fields(chunk);
    const { id, model, service_tier } = given;
    this.#id ??= id === '' ? undefined : id; // Azure's first chunk has an empty one
    this.#model = nonEmptyString(model) ?? this.#model;
    this.#serviceTier = nonEmptyString(service_tier) ?? this.#serviceTier;
    const plain = plainChoice(given);
    if (plain === undefined) return this.#addAny(given);
    const choice = this.#choice(Number(plain.index ?? 0));
    choice.hasDeltas = true;
    return choice.addPlain(plain.delta);
  }

  /** Adds a chunk that may have fields of any server. */
  #addAny(chunk: Fields): boolean {
    const { choices, meta, citations, provider, moderation } = chunk;
    this.#meta = meta ?? this.#meta;
    this.#provider = nonEmptyString(provider) ?? this.#provider;
    this.#moderation = moderated(moderation) ?? this.#moderation;
    if (list(citations).length > 0) this.#sources = [...list(citations)];
    const usage = usageOf(chunk);
    if (usage !== undefined) this.#usage = laterUsage(this.#usage, usage);
    this.#error ??= bodyError(chunk);
    let hasContent = false;
    for (const each of list(choices)) {
      const { index, delta, finish_reason, stop_reason, text, message } = fields(each);
      this.#error ??= choiceError(each);
      if (gatewayOf(each) !== undefined) this.#gatewayChoice = structuredClone(each);
      const choice = this.#choice(Number(index ?? 0));
      // Some servers send an empty reason in every chunk but the last.
      const reason = finish_reason ?? (finish_reason === undefined ? stop_reason : undefined);
      if (reason !== '') choice.finishReason = reason ?? choice.finishReason;
      choice.hasDeltas ||= isFields(delta);
      // Legacy completions have the text where chat has a delta, Mistral on Bedrock a message. Some servers end with the
      // whole message after its deltas.
      const piece = delta ?? (choice.hasDeltas && !choice.isEmpty ? undefined : message);
      const said = typeof text === 'string' ? { content: text } : fields(piece);
      hasContent = choice.add(said) || hasContent;
    }
    return hasContent;
  }

  facts(): ReplyFacts {
    const inOrder = [...this.#choices].sort(([a], [b]) => a - b).map(([, choice]) => choice);
    const said = inOrder.map((choice) => choice.message());
    return {
      output: inOrder.length === 0 ? undefined : { messages: withSources(said, this.#sources) },
      model: this.#model,
      usage: chatUsage(this.#usage),
      cost: statedCost({ meta: this.#meta, choices: [this.#gatewayChoice] }, this.#usage),
      metadata: {
        response_id: this.#id,
        provider: this.#provider,
        ...finishReasons(inOrder.map(({ finishReason }) => finishReason)),
        moderation: this.#moderation,
        error: this.#error?.details,
      },
      call: { serviceTier: this.#serviceTier },
      reasoning: reasoning(inOrder.map(({ thoughts }) => thoughts)),
      error: this.#error?.text,
    };
  }

  #choice(index: number): PartialChoice {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = new PartialChoice();
      this.#choices.set(index, choice);
    }
    return choice;
  }
}

/** The part of a choice that has arrived. */
class PartialChoice {
  finishReason: unknown = null;
  hasDeltas = false;
  thoughts = '';
  readonly #parts: Fields[] = [];
  /** The text that the next delta continues. It comes after `#parts`, and becomes a part only when another part follows. */
  #text: string | undefined;
  readonly #calls = new ToolCallPieces();
  #refusal = '';
  #transcript = '';
  #audioId: string | undefined;
  readonly #annotations: unknown[] = [];
  isEmpty = true;

  /** Adds a delta. @returns whether it carries content of any sort */
  add(delta: Fields): boolean {
    if (isPlain(delta)) return this.addPlain(delta);
    const { content, refusal, tool_calls, function_call, audio, images, annotations } = delta;
    const pieces = piecesOf(content);
    const thought = (thoughtOf(delta) ?? '') + pieces.thoughts;
    const refused = (nonEmptyString(refusal) ?? '') + pieces.refusal;
    joinParts(this.#partsSoFar(), pieces.parts);
    joinParts(this.#parts, piecesOf(images).parts);
    this.thoughts += thought;
    this.#refusal += refused;
    this.#calls.add(tool_calls);
    if (list(annotations).length > 0) this.#annotations.push(...structuredClone(list(annotations)));
    if (isFields(function_call)) this.#calls.add([{ index: 0, function: function_call }]);
    const { id, data, transcript } = fields(audio);
    this.#audioId ??= nonEmptyString(id);
    this.#transcript += nonEmptyString(transcript) ?? '';
    const hasSound = nonEmptyString(data) !== undefined || nonEmptyString(transcript) !== undefined;
    const hasCall = list(tool_calls).length > 0 || isFields(function_call);
    const hasParts = pieces.parts.some(({ type, text }) => type !== 'text' || text !== '') || list(images).length > 0;
    const hasContent = hasParts || thought !== '' || refused !== '' || hasCall || hasSound;
    if (hasContent) this.isEmpty = false;
    return hasContent;
  }

  /** Adds a delta as nearly all are. @returns whether it carries content */
  addPlain(delta: PlainDelta): boolean {
    const hasContent =
      typeof delta.content === 'string' ? this.#addText(delta.content) : this.#addCalls(delta.tool_calls);
    if (hasContent) this.isEmpty = false;
    return hasContent;
  }

  #addText(text: string): boolean {
    this.#text = this.#text === undefined ? text : this.#text + text;
    return text !== '';
  }

  #addCalls(pieces: readonly unknown[]): boolean {
    this.#calls.add(pieces);
    return pieces.length > 0;
  }

  /** The parts, with the text so far among them. */
  #partsSoFar(): Fields[] {
    if (this.#text !== undefined) joinParts(this.#parts, [textPart(this.#text)]);
    this.#text = undefined;
    return this.#parts;
  }

  message(): RecordedMessage {
    return choiceMessage({
      parts: this.#partsSoFar(),
      refusal: this.#refusal,
      toolCalls: this.#calls.whole(),
      rest: {
        audio_id: this.#audioId,
        transcript: nonEmptyString(this.#transcript),
        annotations: this.#annotations.length > 0 ? this.#annotations : undefined,
      },
    });
  }
}
