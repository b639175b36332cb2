import { messages as anthropicMessages } from '../../calls/anthropic/messages.js';
import type { CallAdapter, RequestFacts } from '../../calls/call-adapter.js';
import { requestMessage } from '../../calls/openai/chat-messages.js';
import { parameters, pick } from '../../calls/parameters.js';
import { mediaPart, textPart, toolMessage } from '../../calls/parts.js';
import { asText, type Fields, fields, isFields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { withoutSecrets } from '../../calls/without-secrets.js';
import { bodyOf } from './body.js';
import { converseRequest, modelName } from './converse.js';
import { InvokeEvents } from './invoke-events.js';
import { invokeReply } from './invoke-reply.js';
import { taskRequest } from './tasks.js';

/*
 * InvokeModel carries a body in the words of each model. It is read by its form, not by the model's name: that may be an
 * ARN of the user's own.
 */

const isEmbedding = /embed/i;

/** `InvokeModelCommand`. */
const invoke: CallAdapter = {
  name: 'bedrock-invoke-model',
  kind: 'LLM',
  request: invokeRequest,
  reply: invokeReply,
  stream: () => new InvokeEvents(),
};

/** `InvokeModelWithResponseStreamCommand`. */
const invokeStream: CallAdapter = { ...invoke, name: 'bedrock-invoke-model-stream' };

/** `InvokeModelCommand` with an embedding model. */
const invokeEmbedding: CallAdapter = { ...invoke, kind: 'EMBEDDING' };

/** How a request for `modelId` reads. */
export function invokeAdapter(modelId: unknown, isStreamed: boolean): CallAdapter {
  if (isStreamed) return invokeStream;
  return isEmbedding.test(nonEmptyString(modelId) ?? '') ? invokeEmbedding : invoke;
}

const allowed = {
  temperature: 'temperature',
  top_p: 'top_p',
  p: 'top_p',
  topP: 'top_p',
  top_k: 'top_k',
  k: 'top_k',
  max_tokens: 'max_tokens',
  max_gen_len: 'max_tokens',
  maxTokenCount: 'max_tokens',
  maxTokens: 'max_tokens',
  max_tokens_to_sample: 'max_tokens',
  stop: 'stop_sequences',
  stop_sequences: 'stop_sequences',
  stopSequences: 'stop_sequences',
  dimensions: 'dimensions',
  input_type: 'input_type',
};

function invokeRequest({ modelId, body }: Fields): RequestFacts {
  const request = bodyOf(body);
  return { ...bodyRequest(request), model: modelName(modelId) };
}

/** The facts of a request body, in the form of its model. */
export function bodyRequest(body: unknown): RequestFacts {
  const request = fields(body);
  const { messages, anthropic_version, inferenceConfig, schemaVersion, textGenerationConfig } = request;
  if (Array.isArray(messages) && anthropic_version !== undefined) return anthropicMessages.request(request);
  if (Array.isArray(messages) && (isFields(inferenceConfig) || schemaVersion !== undefined)) {
    return converseRequest(request);
  }
  const task = taskRequest(request);
  if (task !== undefined) return task;
  return {
    input: plainInput(request, body),
    parameters: parameters(withoutUndefined(request), withoutUndefined(fields(textGenerationConfig))),
  };
}

/** One parameter may have several names: a missing one must not hide the one that is there. */
function withoutUndefined(source: Fields): Fields {
  const there = Object.entries(allowed).filter(([from]) => source[from] !== undefined && source[from] !== null);
  return pick(source, Object.fromEntries(there));
}

function plainInput(request: Fields, body: unknown): unknown {
  const { messages, prompt, inputText, message, chat_history, texts, system, query, documents, preamble } = request;
  if (Array.isArray(texts)) return { input: texts };
  if (typeof query === 'string' && Array.isArray(documents)) return { query, documents };
  if (Array.isArray(messages)) {
    const start = nonEmptyString(system) === undefined ? [] : [{ role: 'system', content: system }];
    return { messages: [...start, ...messages.map(requestMessage)] };
  }
  const history = list(chat_history).map((turn) => {
    const { role, message: said } = fields(turn);
    return { role: role === 'CHATBOT' ? 'assistant' : (nonEmptyString(role)?.toLowerCase() ?? 'user'), content: said };
  });
  const start = nonEmptyString(preamble) === undefined ? [] : [{ role: 'system', content: preamble }];
  const asked =
    nonEmptyString(prompt) ??
    nonEmptyString(inputText) ??
    nonEmptyString(message) ??
    nonEmptyString(request.inputPrompt);
  const media = requestMedia(request);
  if (media.length > 0) {
    const parts = [...(asked === undefined ? [] : [textPart(asked)]), ...media];
    return { messages: [...start, ...history, { role: 'user', content: parts }] };
  }
  const results = list(request.tool_results).map((result) => {
    const { call, outputs } = fields(result);
    return toolMessage(undefined, fields(call).name, asText(outputs));
  });
  const content =
    asked ?? (isFields(body) && results.length === 0 ? asText(withoutSecrets(body)) : nonEmptyString(body));
  const turn = content === undefined ? [] : [{ role: 'user', content }];
  return { messages: [...start, ...history, ...turn, ...results] };
}

/** Pictures and videos next to a text: pictures of Llama and Titan, videos of Pegasus and Marengo. */
function requestMedia({ images, inputImage, mediaSource, inputType }: Fields): readonly Fields[] {
  const pictures = [...list(images), inputImage].filter((each) => typeof each === 'string');
  const { base64String, s3Location } = fields(mediaSource);
  const type = inputType === 'image' || inputType === 'audio' ? inputType : 'video';
  const film = isFields(mediaSource) ? [mediaPart(type, { base64: base64String, url: fields(s3Location).uri })] : [];
  return [...pictures.map((base64) => mediaPart('image', isDataUrl(base64) ? { url: base64 } : { base64 })), ...film];
}

function isDataUrl(text: unknown): boolean {
  return typeof text === 'string' && text.startsWith('data:');
}
