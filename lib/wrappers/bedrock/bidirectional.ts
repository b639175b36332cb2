import type { CallAdapter, RecordedMessage, ReplyFacts, ReplyStream, ToolCall } from '../../calls/call-adapter.js';
import { counts } from '../../calls/counts.js';
import { assistantMessage, textPart, toolCall } from '../../calls/parts.js';
import { type Fields, fields, nonEmptyString, parsed } from '../../calls/read-unknown.js';
import { base64Bytes } from '../../calls/without-bytes.js';
import { bodyOf } from './body.js';
import { modelName } from './converse.js';

/**
 * `InvokeModelWithBidirectionalStreamCommand`: what both sides said, from the model's own transcript. The caller's stream to the
 * model is not read.
 */
export const bidirectional: CallAdapter = {
  name: 'bedrock-bidirectional-stream',
  kind: 'LLM',
  request: ({ modelId }) => ({ model: modelName(modelId) }),
  reply: () => ({}),
  stream: () => new SpeechEvents(),
};

interface SpokenTurn {
  readonly role: string;
  text: string;
  soundBytes: number;
  readonly calls: ToolCall[];
}

/** The events of Nova Sonic. Source: Amazon Nova user guide, *Handling output events*. */
class SpeechEvents implements ReplyStream {
  readonly #turns: SpokenTurn[] = [];
  /** The ids of contents that are only a preview; their final text follows. */
  readonly #drafts = new Set<unknown>();
  #usage: Fields = {};
  #stopReason: unknown;
  isComplete = false;

  add(event: unknown): boolean {
    const body = fields(bodyOf(fields(fields(event).chunk).bytes));
    const [[kind, value] = ['', undefined]] = Object.entries(fields(body.event ?? body));
    const told = fields(value);
    switch (kind) {
      case 'contentStart':
        if (fields(parsed(told.additionalModelFields)).generationStage === 'SPECULATIVE')
          this.#drafts.add(told.contentId);
        return false;
      case 'textOutput':
        if (this.#drafts.has(told.contentId)) return true;
        this.#turn(told.role).text += nonEmptyString(told.content) ?? '';
        return nonEmptyString(told.content) !== undefined;
      case 'audioOutput':
        this.#turn('ASSISTANT').soundBytes += base64Bytes(nonEmptyString(told.content) ?? '');
        return true;
      case 'toolUse':
        this.#turn('ASSISTANT').calls.push(toolCall(told.toolUseId, told.toolName, told.content));
        return true;
      case 'contentEnd':
        this.#stopReason = told.stopReason ?? this.#stopReason;
        return false;
      case 'usageEvent':
        this.#usage = { ...told }; // cumulative
        return false;
      case 'completionEnd':
        this.isComplete = true;
        return false;
      default:
        return false;
    }
  }

  facts(): ReplyFacts {
    const { totalInputTokens, totalOutputTokens, totalTokens, details } = this.#usage;
    const { input, output } = fields(fields(details).total);
    return {
      output: this.#turns.length === 0 ? undefined : { messages: this.#turns.map(turnMessage) },
      usage: counts({
        prompt: totalInputTokens,
        completion: totalOutputTokens,
        total: totalTokens,
        // A token of speech costs many times as much as one of text.
        more: { prompt_audio_tokens: fields(input).speechTokens, audio_tokens: fields(output).speechTokens },
      }),
      metadata: { stop_reason: this.#stopReason },
    };
  }

  #turn(told: unknown): SpokenTurn {
    const role = nonEmptyString(told)?.toLowerCase() ?? 'assistant';
    const last = this.#turns.at(-1);
    if (last?.role === role) return last;
    const turn: SpokenTurn = { role, text: '', soundBytes: 0, calls: [] };
    this.#turns.push(turn);
    return turn;
  }
}

function turnMessage({ role, text, soundBytes, calls }: SpokenTurn): RecordedMessage {
  const parts = [
    ...(text === '' ? [] : [textPart(text)]),
    ...(soundBytes === 0 ? [] : [{ type: 'audio', size_bytes: soundBytes }]),
  ];
  return { ...assistantMessage(parts, calls), role };
}
