import { type Fields, list, nonEmptyString, parsed } from '../../calls/read-unknown.js';

/*
 * Converts the attributes that `ai` 5 and 6 set on their spans to the form of `ai` 7's events. Attributes are flat: other values are
 * JSON text in them. `ai.request.headers.*` are never read.
 */

/** The input of an operation. */
export function inputOf(attributes: Fields): Fields {
  const prompt = parsed(attributes['ai.prompt']);
  const documents = list(attributes['ai.documents']);
  const values = list(attributes['ai.values']);
  return {
    ...(typeof prompt === 'object' ? prompt : { prompt }),
    ...modelOf(attributes),
    value: values.length > 0 ? values.map(parsed) : parsed(attributes['ai.value']),
    documents: documents.length > 0 ? documents.map(parsed) : undefined,
  };
}

/** The output of an operation. */
export function resultOf(attributes: Fields): Fields {
  const vectors = list(attributes['ai.embeddings']);
  const ranking = list(attributes['ai.ranking']);
  const content = contentOf(attributes);
  return {
    ...(content.length > 0 && { finalStep: { content } }),
    object: parsed(attributes['ai.response.object']),
    embedding: vectors.length > 0 ? vectors.map(parsed) : parsed(attributes['ai.embedding']),
    usage: { tokens: attributes['ai.usage.tokens'] },
    ranking: ranking.length > 0 ? ranking.map(parsed) : undefined,
  };
}

/** The user's own fields, from `experimental_telemetry.metadata`. */
export function metadataOf(attributes: Fields): Fields {
  const prefix = 'ai.telemetry.metadata.';
  const own = Object.entries(attributes).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** The request of a model call. */
export function requestOf(attributes: Fields): Fields {
  return {
    ...modelOf(attributes),
    promptMessages: parsed(attributes['ai.prompt.messages']),
    tools: list(attributes['ai.prompt.tools']).map(parsed),
    toolChoice: parsed(attributes['ai.prompt.toolChoice']),
    maxOutputTokens: attributes['gen_ai.request.max_tokens'],
    temperature: attributes['gen_ai.request.temperature'],
    topP: attributes['gen_ai.request.top_p'],
    topK: attributes['gen_ai.request.top_k'],
    presencePenalty: attributes['gen_ai.request.presence_penalty'],
    frequencyPenalty: attributes['gen_ai.request.frequency_penalty'],
    stopSequences: attributes['gen_ai.request.stop_sequences'],
    seed: attributes['ai.settings.seed'],
  };
}

/** The reply of a model call. */
export function replyOf(attributes: Fields): Fields {
  const usage = (name: string) => attributes[`ai.usage.${name}`];
  return {
    content: contentOf(attributes),
    response: { id: attributes['ai.response.id'], modelId: attributes['ai.response.model'] },
    finishReason: attributes['ai.response.finishReason'],
    providerMetadata: parsed(attributes['ai.response.providerMetadata']),
    usage: {
      inputTokens: usage('inputTokens') ?? usage('promptTokens'),
      outputTokens: usage('outputTokens') ?? usage('completionTokens'),
      totalTokens: usage('totalTokens'),
      cachedInputTokens: usage('cachedInputTokens'),
      reasoningTokens: usage('reasoningTokens'),
      inputTokenDetails: {
        noCacheTokens: usage('inputTokenDetails.noCacheTokens'),
        cacheWriteTokens: usage('inputTokenDetails.cacheWriteTokens'),
      },
    },
  };
}

function modelOf(attributes: Fields): Fields {
  return { modelId: attributes['ai.model.id'], provider: attributes['ai.model.provider'] };
}

function contentOf(attributes: Fields): readonly unknown[] {
  const reasoning = nonEmptyString(attributes['ai.response.reasoning']);
  const text = nonEmptyString(attributes['ai.response.text']) ?? nonEmptyString(attributes['ai.response.object']);
  const calls = list(parsed(attributes['ai.response.toolCalls']));
  return [
    ...(reasoning === undefined ? [] : [{ type: 'reasoning', text: reasoning }]),
    ...(text === undefined ? [] : [{ type: 'text', text }]),
    ...calls.map((call) => ({ ...(call as Fields), type: 'tool-call' })),
  ];
}
