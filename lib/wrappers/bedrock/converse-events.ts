import { type Fields, fields, filled, given, parsed } from '../narrow.js';
import type { ReplyFacts, ReplyStream } from '../translation.js';

/** A block as far as it has come. */
interface PartialBlock {
  toolUse: Fields | undefined;
  text: string;
  input: string;
  reasoning: string;
}

/** Puts the events of a streamed answer together; each has exactly one key. Nova's bodies carry the same events. */
export class ConverseEvents implements ReplyStream {
  readonly #whole: (reply: unknown) => ReplyFacts;
  readonly #blocks = new Map<number, PartialBlock>();
  #rest: Fields = {};
  #stopReason: unknown;

  constructor(whole: (reply: unknown) => ReplyFacts) {
    this.#whole = whole;
  }

  get isComplete(): boolean {
    return this.#stopReason !== undefined;
  }

  add(event: unknown): boolean {
    const { contentBlockStart, contentBlockDelta, messageStop, metadata } = fields(event);
    if (contentBlockStart !== undefined) {
      const { contentBlockIndex, start } = fields(contentBlockStart);
      const { toolUse } = fields(start);
      if (toolUse !== undefined) this.#block(contentBlockIndex).toolUse = { ...fields(toolUse) };
    }
    if (messageStop !== undefined) this.#stopReason = fields(messageStop).stopReason ?? 'unknown';
    if (metadata !== undefined) this.#rest = { ...fields(metadata) };
    return contentBlockDelta !== undefined && this.#addDelta(fields(contentBlockDelta));
  }

  facts(): ReplyFacts {
    const inOrder = [...this.#blocks].sort(([a], [b]) => a - b).map(([, block]) => wholeBlock(block));
    const hasMessage = inOrder.length > 0 || this.isComplete;
    return this.#whole({
      ...this.#rest,
      stopReason: this.#stopReason,
      output: hasMessage ? { message: { role: 'assistant', content: inOrder } } : undefined,
    });
  }

  #addDelta({ contentBlockIndex, delta }: Fields): boolean {
    const block = this.#block(contentBlockIndex);
    const { text, toolUse, reasoningContent } = fields(delta);
    const input = fields(toolUse).input;
    block.text += filled(text) ?? '';
    block.input += filled(input) ?? '';
    const thought = filled(fields(reasoningContent).text);
    block.reasoning += thought ?? '';
    return [text, input, thought].some((piece) => filled(piece) !== undefined);
  }

  #block(index: unknown): PartialBlock {
    const at = Number(index ?? 0);
    let block = this.#blocks.get(at);
    if (block === undefined) {
      block = { toolUse: undefined, text: '', input: '', reasoning: '' };
      this.#blocks.set(at, block);
    }
    return block;
  }
}

/** A block as a whole message would have it; tool input that is cut stays the text it is. */
function wholeBlock({ toolUse, text, input, reasoning }: PartialBlock): unknown {
  if (toolUse !== undefined) return { toolUse: { ...toolUse, input: input === '' ? {} : parsed(input) } };
  if (reasoning !== '') return { reasoningContent: { reasoningText: given({ text: reasoning }) } };
  return { text };
}
