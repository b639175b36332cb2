import { type BodyError, bodyError } from '../body-error.js';
import type { ReplyFacts, ReplyStream, ToolObserver } from '../call-adapter.js';
import { laterUsage } from '../counts.js';
import { type Fields, fields, isFields, list, nonEmptyString, parsed } from '../read-unknown.js';
import { startedTool, toolResult } from './blocks.js';
import { messageReply } from './reply.js';

/** The fields of a message that come with its end. */
function stopOf({ delta, context_management, input_transformations }: Fields): Fields {
  const { stop_reason, stop_sequence, stop_details, container } = fields(delta);
  // The changes that were made to the input of another model, which continues the message.
  const shown = Array.isArray(input_transformations) ? { input_transformations } : {};
  return structuredClone({ stop_reason, stop_sequence, stop_details, container, context_management, ...shown });
}

/** The part of a block that has arrived. */
interface PartialBlock {
  block: Fields;
  text: string;
  thinking: string;
  input: string;
  readonly citations: unknown[];
}

/**
 * Assembles a message from its events, block by block. Bedrock sends the same events.
 * Source: Anthropic API reference, streaming messages.
 */
export class MessageEvents implements ReplyStream {
  readonly #blocks = new Map<unknown, PartialBlock>();
  #message: Fields = {};
  #usage: Fields = {};
  #stop: Fields = {};
  #isComplete = false;
  #error: BodyError | undefined;

  get isComplete(): boolean {
    return this.#isComplete;
  }

  add(event: unknown, tools: ToolObserver): boolean {
    const { type, message, index, content_block, delta, usage } = fields(event);
    switch (type) {
      case 'message_start': {
        const { id, model, usage: first, diagnostics, input_transformations } = fields(message);
        this.#message = { id, model, ...structuredClone({ diagnostics, input_transformations }) };
        // The count of output tokens at the start is not that of the whole reply.
        const { output_tokens: _, ...sent } = fields(first);
        this.#usage = sent;
        return false;
      }
      case 'content_block_start':
        this.#start(index, fields(content_block), tools);
        return false;
      case 'content_block_delta':
        return this.#addDelta(index, fields(delta));
      case 'message_delta':
        // Counts are cumulative: later ones replace earlier ones.
        this.#usage = laterUsage(this.#usage, fields(usage));
        this.#stop = stopOf(fields(event));
        return false;
      case 'message_stop':
        this.#isComplete = true;
        return false;
      case 'error':
        this.#error = bodyError(event);
        return false;
      default:
        return false;
    }
  }

  facts(): ReplyFacts {
    const content = [...this.#blocks].sort(([a], [b]) => Number(a) - Number(b)).map(([, block]) => wholeBlock(block));
    const hasContent = content.length > 0 || this.#isComplete;
    const message = { ...this.#message, ...this.#stop, usage: this.#usage, content: hasContent ? content : undefined };
    return messageReply(message, this.#error);
  }

  #start(index: unknown, block: Fields, tools: ToolObserver): void {
    const { type, text, thinking, citations } = block;
    const before = this.#blocks.get(index);
    // The first model has refused, and another one goes on from here.
    if (type === 'fallback') this.#message = { ...this.#message, model: fields(block.to).model ?? this.#message.model };
    this.#blocks.set(index, {
      block: structuredClone(block),
      text: (nonEmptyString(text) ?? '') + (before?.text ?? ''),
      thinking: (nonEmptyString(thinking) ?? '') + (before?.thinking ?? ''),
      input: before?.input ?? '',
      citations: [...list(citations), ...(before?.citations ?? [])],
    });
    const tool = startedTool(block);
    if (tool !== undefined) tools.started(tool);
    const { tool_use_id } = block;
    if (tool_use_id === undefined) return;
    const call = [...this.#blocks.values()].find((other) => other.block.id === tool_use_id);
    if (call !== undefined) tools.ended(toolResult(wholeBlock(call), block));
  }

  /** Opens a block without its first event, which some compatible servers leave out or send later. */
  #unannounced(index: unknown, { type }: Fields): PartialBlock {
    const block = { type: blockTypes[String(type)] ?? 'text' };
    const partial = { block, text: '', thinking: '', input: '', citations: [] };
    this.#blocks.set(index, partial);
    return partial;
  }

  #addDelta(index: unknown, delta: Fields): boolean {
    const partial = this.#blocks.get(index) ?? this.#unannounced(index, delta);
    const { type, text, thinking, partial_json, citation, content } = delta;
    if (type === 'text_delta' && typeof text === 'string') {
      partial.text += text; // first, because nearly all deltas are texts
      if (text !== '') return true;
    }
    if (type === 'thinking_delta') partial.thinking += nonEmptyString(thinking) ?? '';
    else if (type === 'input_json_delta') partial.input += nonEmptyString(partial_json) ?? '';
    else if (type === 'citations_delta' && isFields(citation)) partial.citations.push({ ...citation });
    else if (type === 'compaction_delta') partial.block = { ...partial.block, content }; // the whole summary
    return type !== 'signature_delta' && [text, thinking, partial_json, citation, content].some((piece) => piece);
  }
}

/** The type of a block, by the type of its first delta. */
const blockTypes: Readonly<Record<string, string>> = {
  thinking_delta: 'thinking',
  input_json_delta: 'tool_use',
  compaction_delta: 'compaction',
};

/** A block as in a whole message. Tool input that was cut remains text. */
function wholeBlock({ block, text, thinking, input, citations }: PartialBlock): Fields {
  switch (block.type) {
    case 'text':
      return { ...block, text, citations };
    case 'thinking':
      return { ...block, thinking };
    default:
      return input === '' ? block : { ...block, input: parsed(input) };
  }
}
