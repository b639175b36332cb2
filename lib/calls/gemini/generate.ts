import type { CallAdapter, ReplyFacts, ReplyStream, RequestFacts } from '../call-adapter.js';
import { parameters, pick } from '../parameters.js';
import { type Fields, fields, isFields, list, nonEmptyString, omitNullish } from '../read-unknown.js';
import { contentMessages } from './contents.js';
import { addPart } from './partial-parts.js';
import { candidatesReply } from './reply.js';

/** Parameter names of the client, and the names under which they are recorded. */
const allowed = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  maxOutputTokens: 'max_output_tokens',
  stopSequences: 'stop_sequences',
  candidateCount: 'candidate_count',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  seed: 'seed',
  responseMimeType: 'response_mime_type',
  responseModalities: 'response_modalities',
  serviceTier: 'service_tier',
};

/** `ai.models.generateContent()` and `generateContentStream()`, and the chats that call them. */
export const generate: CallAdapter = {
  name: 'gemini-generate',
  kind: 'LLM',
  request: generateRequest,
  reply: candidatesReply,
  stream: () => new ContentStream(),
};

function generateRequest({ model, contents, config }: Fields): RequestFacts {
  const options = fields(config);
  const { includeThoughts, thinkingBudget, thinkingLevel } = fields(options.thinkingConfig);
  const { mode } = fields(fields(options.toolConfig).functionCallingConfig);
  return {
    input: { messages: contentMessages(options.systemInstruction, contents) },
    model: nonEmptyString(model),
    parameters: parameters(pick(options, allowed), {
      thinking_config: omitNullish({
        include_thoughts: includeThoughts,
        thinking_budget: thinkingBudget,
        thinking_level: thinkingLevel,
      }),
      tool_choice: mode,
    }),
    metadata: { tools: offeredTools(list(options.tools)) },
  };
}

/** Functions by name, the provider's own tools by type. */
function offeredTools(tools: readonly unknown[]): readonly string[] | undefined {
  const names = tools.flatMap((tool) => {
    const { functionDeclarations, ...own } = fields(tool);
    const functions = list(functionDeclarations).flatMap((declared) => nonEmptyString(fields(declared).name) ?? []);
    return [...functions, ...Object.keys(own).filter((name) => isFields(own[name]))];
  });
  return names.length === 0 ? undefined : names;
}

/** The part of one candidate that has arrived. */
interface PartialCandidate {
  readonly parts: unknown[];
  finishReason: unknown;
  finishMessage: unknown;
}

/** Assembles an answer from its chunks. Each chunk has new parts of the candidates. */
class ContentStream implements ReplyStream {
  readonly #candidates = new Map<number, PartialCandidate>();
  /** The latest value of each field, because the usage is not always in the last chunk. */
  #last: Fields = {};

  get isComplete(): boolean {
    const { blockReason } = fields(this.#last.promptFeedback);
    const all = [...this.#candidates.values()];
    return blockReason !== undefined || (all.length > 0 && all.every(({ finishReason }) => finishReason !== undefined));
  }

  add(chunk: unknown): boolean {
    const { candidates, modelVersion, responseId, usageMetadata, promptFeedback } = fields(chunk);
    this.#last = { ...this.#last, ...omitNullish({ modelVersion, responseId, usageMetadata, promptFeedback }) };
    let hasContent = false;
    for (const each of list(candidates)) {
      const { index, content, finishReason, finishMessage } = fields(each);
      const candidate = this.#candidate(Number(index ?? 0));
      const parts = list(fields(content).parts);
      for (const part of parts) addPart(candidate.parts, part);
      candidate.finishReason = finishReason ?? candidate.finishReason;
      candidate.finishMessage = finishMessage ?? candidate.finishMessage;
      hasContent ||= parts.length > 0;
    }
    return hasContent;
  }

  facts(): ReplyFacts {
    const candidates = [...this.#candidates].map(([index, { parts, ...ending }]) => ({
      index,
      content: { parts },
      ...ending,
    }));
    return candidatesReply({ ...this.#last, candidates });
  }

  #candidate(index: number): PartialCandidate {
    let candidate = this.#candidates.get(index);
    if (candidate === undefined) {
      candidate = { parts: [], finishReason: undefined, finishMessage: undefined };
      this.#candidates.set(index, candidate);
    }
    return candidate;
  }
}
