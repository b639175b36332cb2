import { messageCall } from '../../calls/anthropic/reply.js';
import type { ReplyFacts, ReplyStream, ToolFacts } from '../../calls/call-adapter.js';
import { errorFacts } from '../../calls/error-facts.js';
import { assistantMessage, reasoning, textPart } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';
import { calledTool, filePart } from './messages.js';
import { costOf, usageOf } from './usage.js';

/** The facts of a reply besides its parts. */
interface Head {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly usage?: unknown;
  readonly finishReason?: unknown;
  readonly url?: unknown;
  readonly providerMetadata?: unknown;
  readonly error?: unknown;
}

/** A whole or assembled reply. */
export class ModelReply {
  readonly #parts: readonly unknown[];
  readonly #head: Head;

  constructor(parts: readonly unknown[], head: Head) {
    this.#parts = parts;
    this.#head = head;
  }

  /** @param result - the result of a model, or the SDK's event about it */
  static from(result: unknown): ModelReply {
    const { content, response, responseId, modelId, usage, finishReason, request, providerMetadata, error } =
      fields(result);
    const { id, modelId: answered } = fields(response);
    return new ModelReply(list(content), {
      id: id ?? responseId,
      model: answered ?? modelId,
      url: fields(request).url,
      usage,
      finishReason,
      providerMetadata,
      error,
    });
  }

  facts(): ReplyFacts {
    const { id, model, usage, finishReason, url, providerMetadata, error } = this.#head;
    const failure = error === undefined ? undefined : errorFacts(error);
    const { openai, anthropic } = fields(providerMetadata);
    const { serviceTier } = fields(openai);
    return {
      output: this.#parts.length === 0 ? undefined : { messages: [this.#message()] },
      model: nonEmptyString(model),
      usage: usageOf(usage, providerMetadata),
      cost: costOf(providerMetadata),
      reasoning: reasoning(this.#of('reasoning').map((part) => nonEmptyString(part.text))),
      metadata: {
        response_id: nonEmptyString(id),
        finish_reason: nonEmptyString(finishReason) ?? nonEmptyString(fields(finishReason).unified),
        ...failure?.metadata,
      },
      call: {
        endpoint: originOf(url),
        serviceTier: nonEmptyString(serviceTier),
        ...omitNullish({ ...messageCall(fields(fields(anthropic).usage)) }),
      },
      error: failure?.text,
      tools: this.#providerTools(),
    };
  }

  #message(): unknown {
    const said = this.#parts.flatMap((part) => {
      const { type, text } = fields(part);
      if (type === 'text') return nonEmptyString(text) === undefined ? [] : textPart(String(text));
      return type === 'file' ? filePart(part) : [];
    });
    const sources = this.#of('source').map(({ url, title, filename }) => ({ url, title, filename }));
    const citations = sources.length === 0 ? undefined : sources;
    const message = assistantMessage(said, this.#of('tool-call').map(calledTool), { citations });
    // An empty text is recorded as the answer only if the model did nothing else.
    const isEmpty = message.content === null && message.tool_calls === undefined && this.#of('text').length > 0;
    return isEmpty ? { ...message, content: '' } : message;
  }

  /** The tools that the provider has used itself. */
  #providerTools(): readonly ToolFacts[] {
    const results = new Map(
      [...this.#of('tool-result'), ...this.#of('tool-error')].map((part) => [part.toolCallId, part]),
    );
    return this.#of('tool-call').flatMap((call) => {
      const key = nonEmptyString(call.toolCallId);
      const answer = results.get(call.toolCallId);
      if (call.providerExecuted !== true || key === undefined || answer === undefined) return [];
      const output = answer.output ?? answer.result ?? answer.error;
      const error = answer.isError === true || answer.type === 'tool-error' ? errorFacts(output).text : undefined;
      return { key, name: nonEmptyString(call.toolName) ?? key, input: call.input, output, error };
    });
  }

  #of(type: string): readonly Fields[] {
    return this.#parts.map(fields).filter((part) => part.type === type);
  }
}

/** The address of a request, without parts that may be secret. */
function originOf(url: unknown): string | undefined {
  const text = nonEmptyString(url);
  if (text === undefined) return undefined;
  try {
    return new URL(text).origin;
  } catch {
    return undefined;
  }
}

/** Parts that come in pieces, by the type of the piece. */
const pieces: Readonly<Record<string, string>> = {
  'text-start': 'text',
  'text-delta': 'text',
  'reasoning-start': 'reasoning',
  'reasoning-delta': 'reasoning',
  'tool-input-start': 'tool-call',
  'tool-input-delta': 'tool-call',
};
/** Parts that come whole. */
const wholes: ReadonlySet<unknown> = new Set(['tool-call', 'tool-result', 'file', 'source']);

/** Assembles a streamed reply from its chunks. */
export class ModelStream implements ReplyStream {
  readonly #parts: Fields[] = [];
  readonly #open = new Map<
    string,
    { -readonly [name in 'type' | 'text' | 'input' | 'toolCallId' | 'toolName']?: unknown }
  >();
  #head: Head = {};
  isComplete = false;

  add(chunk: unknown): boolean {
    const part = fields(chunk);
    const { type } = part;
    if (type === 'finish') {
      const { usage, finishReason, providerMetadata } = part;
      this.isComplete = true;
      this.#head = { ...this.#head, usage, finishReason, providerMetadata };
    } else if (type === 'response-metadata') {
      this.#head = { ...this.#head, id: part.id, model: part.modelId };
    } else if (type === 'error') {
      this.#head = { ...this.#head, error: part.error ?? 'the model failed' };
    } else if (wholes.has(type)) {
      this.#whole(part);
      return true;
    } else {
      const of = typeof type === 'string' && Object.hasOwn(pieces, type) ? pieces[type] : undefined;
      if (of === undefined) return false;
      if (String(type).endsWith('-start')) this.#open.delete(`${of} ${part.id}`); // ids may be used again
      return this.#piece(of, part);
    }
    return false;
  }

  facts(): ReplyFacts {
    return new ModelReply(this.#parts, this.#head).facts();
  }

  /** A tool call that was streamed in pieces is repeated as a whole at its end. */
  #whole(part: Fields): void {
    const begun = part.type === 'tool-call' ? this.#open.get(`tool-call ${part.toolCallId}`) : undefined;
    if (begun === undefined) this.#parts.push({ ...part });
    else Object.assign(begun, part);
  }

  #piece(type: string, { id, delta, toolName }: Fields): boolean {
    const key = `${type} ${id}`;
    let part = this.#open.get(key);
    if (part === undefined) {
      part = type === 'tool-call' ? { type, toolCallId: id, toolName, input: '' } : { type, text: '' };
      this.#open.set(key, part);
      this.#parts.push(part);
    }
    const text = nonEmptyString(delta) ?? '';
    if (type === 'tool-call') part.input += text;
    else part.text += text;
    return text !== '' || type === 'tool-call';
  }
}
