import type { ReplyFacts, ReplyStream } from '../../calls/call-adapter.js';
import { type Fields, fields, isFields, list, nonEmptyString, omitNullish, parsed } from '../../calls/read-unknown.js';
import { base64Bytes } from '../../calls/without-bytes.js';

/** The part of a block that has arrived. */
interface PartialBlock {
  /** Its start: `toolUse`, `toolResult` or `image`. */
  start: Fields;
  text: string;
  input: string;
  /** Empty if the thoughts are redacted or left out; undefined if the block has none. */
  reasoning: string | undefined;
  /** The fields of an image except its bytes, which are only counted. */
  image: Fields | undefined;
  imageBytes: number;
  readonly citations: unknown[];
  readonly results: Fields[];
}

/** Assembles a reply from its events, each of which has exactly one key. Nova's bodies have the same events. */
export class ConverseEvents implements ReplyStream {
  readonly #readReply: (reply: unknown) => ReplyFacts;
  readonly #blocks = new Map<number, PartialBlock>();
  #rest: Fields = {};
  #stopReason: unknown;

  /** @param readReply - reads the assembled reply as a whole one */
  constructor(readReply: (reply: unknown) => ReplyFacts) {
    this.#readReply = readReply;
  }

  get isComplete(): boolean {
    return this.#stopReason !== undefined;
  }

  add(event: unknown): boolean {
    const { contentBlockStart, contentBlockDelta, messageStop, metadata } = fields(event);
    if (contentBlockStart !== undefined) {
      const { contentBlockIndex, start } = fields(contentBlockStart);
      if (isFields(start)) this.#block(contentBlockIndex).start = structuredClone(start);
    }
    if (messageStop !== undefined) this.#stopReason = fields(messageStop).stopReason ?? 'unknown';
    if (metadata !== undefined) this.#rest = { ...fields(metadata) };
    return contentBlockDelta !== undefined && this.#addDelta(fields(contentBlockDelta));
  }

  facts(): ReplyFacts {
    const inOrder = [...this.#blocks].sort(([a], [b]) => a - b).map(([, block]) => wholeBlock(block));
    const hasMessage = inOrder.length > 0 || this.isComplete;
    return this.#readReply({
      ...this.#rest,
      stopReason: this.#stopReason,
      output: hasMessage ? { message: { role: 'assistant', content: inOrder } } : undefined,
    });
  }

  #addDelta({ contentBlockIndex, delta }: Fields): boolean {
    const block = this.#block(contentBlockIndex);
    const { text, toolUse, toolResult, reasoningContent, citation, image } = fields(delta);
    const input = fields(toolUse).input;
    block.text += nonEmptyString(text) ?? '';
    block.input += nonEmptyString(input) ?? '';
    const thought = nonEmptyString(fields(reasoningContent).text);
    if (reasoningContent !== undefined) block.reasoning = `${block.reasoning ?? ''}${thought ?? ''}`;
    for (const result of list(toolResult)) addResult(block.results, fields(result));
    if (citation !== undefined) block.citations.push(structuredClone(citation));
    if (image !== undefined) addImage(block, fields(image));
    const isOther = [toolResult, citation, image].some((piece) => piece !== undefined);
    return isOther || [text, input, thought].some((piece) => nonEmptyString(piece) !== undefined);
  }

  #block(index: unknown): PartialBlock {
    const at = Number(index ?? 0);
    let block = this.#blocks.get(at);
    if (block === undefined) {
      block = newBlock();
      this.#blocks.set(at, block);
    }
    return block;
  }
}

/** The number of bytes; in JSON bodies they are base64. */
function bytesIn(bytes: unknown): number {
  if (typeof bytes === 'string') return base64Bytes(bytes);
  return bytes instanceof Uint8Array ? bytes.byteLength : 0;
}

function newBlock(): PartialBlock {
  const parts = { start: {}, text: '', input: '', reasoning: undefined, image: undefined };
  return { ...parts, imageBytes: 0, citations: [], results: [] };
}

/** Adds a piece of a tool's result. Consecutive texts are one text. */
function addResult(results: Fields[], piece: Fields): void {
  const last = results.at(-1);
  if (typeof piece.text === 'string' && typeof last?.text === 'string') {
    results[results.length - 1] = { text: `${last.text}${piece.text}` };
  } else results.push(structuredClone(piece));
}

function addImage(block: PartialBlock, { source, error }: Fields): void {
  const { bytes, s3Location } = fields(source);
  block.imageBytes += bytesIn(bytes);
  const told = omitNullish({ source: s3Location === undefined ? undefined : { s3Location }, error });
  block.image = { ...block.image, ...structuredClone(told) };
}

/** A block as in a whole message. Tool input that was cut remains text. */
function wholeBlock(block: PartialBlock): unknown {
  const { start, text, input, reasoning, image, imageBytes, citations, results } = block;
  const { toolUse, toolResult } = start;
  if (toolUse !== undefined) return { toolUse: { ...fields(toolUse), input: input === '' ? {} : parsed(input) } };
  if (toolResult !== undefined) return { toolResult: { ...fields(toolResult), content: results } };
  if (start.image !== undefined || image !== undefined) {
    const size = imageBytes === 0 ? undefined : { size_bytes: imageBytes };
    return { image: { ...fields(start.image), ...image, ...size } };
  }
  if (reasoning !== undefined) return { reasoningContent: { reasoningText: { text: reasoning } } };
  return citations.length > 0 ? { citationsContent: { content: [{ text }], citations } } : { text };
}
