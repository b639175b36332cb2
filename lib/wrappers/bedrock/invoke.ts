import { messages as anthropicMessages } from '../../calls/anthropic/messages.js';
import type { CallAdapter, RequestFacts } from '../../calls/call-adapter.js';
import { requestMessage } from '../../calls/openai/chat-messages.js';
import { parameters, pick } from '../../calls/parameters.js';
import { mediaPart, systemMessages, textPart, toolMessage } from '../../calls/parts.js';
import { asText, type Fields, fields, isFields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { withoutSecrets } from '../../calls/without-secrets.js';
import { bodyOf } from './body.js';
import { converseRequest, modelName } from './converse.js';
import { InvokeEvents } from './invoke-events.js';
import { invokeReply } from './invoke-reply.js';
import { taskRequest } from './tasks.js';

/*
 * The body of InvokeModel has the form of each model. It is recognized by its fields and not by the model's name, which may be
 * the ARN of a user's own model.
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
    parameters: parameters(pick(request, allowed), pick(fields(textGenerationConfig), allowed)),
  };
}

/** The input of a body that is neither a task nor in the form of Anthropic or Converse. */
function plainInput(request: Fields, body: unknown): unknown {
  const { messages, prompt, inputText, inputPrompt, message, texts, system, query, documents } = request;
  if (Array.isArray(texts)) return { input: texts };
  if (typeof query === 'string' && Array.isArray(documents)) return { query, documents };
  if (Array.isArray(messages)) return { messages: [...systemMessages(system), ...messages.map(requestMessage)] };
  const earlier = [...systemMessages(request.preamble), ...list(request.chat_history).map(earlierMessage)];
  const asked = [prompt, inputText, message, inputPrompt].map(nonEmptyString).find((text) => text !== undefined);
  const media = requestMedia(request);
  if (media.length > 0) {
    const parts = [...(asked === undefined ? [] : [textPart(asked)]), ...media];
    return { messages: [...earlier, { role: 'user', content: parts }] };
  }
  const results = list(request.tool_results).map(resultMessage);
  // The whole body of an unknown form, if it has nothing else to show.
  const rest = isFields(body) && results.length === 0 ? asText(withoutSecrets(body)) : nonEmptyString(body);
  const content = asked ?? rest;
  const turn = content === undefined ? [] : [{ role: 'user', content }];
  return { messages: [...earlier, ...turn, ...results] };
}

/** A message of Cohere's `chat_history`. */
function earlierMessage(turn: unknown): unknown {
  const { role, message } = fields(turn);
  return { role: role === 'CHATBOT' ? 'assistant' : (nonEmptyString(role)?.toLowerCase() ?? 'user'), content: message };
}

/** One of Cohere's `tool_results`. */
function resultMessage(result: unknown): unknown {
  const { call, outputs } = fields(result);
  return toolMessage(undefined, fields(call).name, asText(outputs));
}

/** Media next to a text: images of Llama and Titan, videos of Pegasus and Marengo. */
function requestMedia({ images, inputImage, mediaSource, inputType }: Fields): readonly Fields[] {
  const pictures = [...list(images), inputImage].filter((each) => typeof each === 'string');
  const { base64String, s3Location } = fields(mediaSource);
  const type = inputType === 'image' || inputType === 'audio' ? inputType : 'video';
  const media = isFields(mediaSource) ? [mediaPart(type, { base64: base64String, url: fields(s3Location).uri })] : [];
  return [...pictures.map((base64) => mediaPart('image', isDataUrl(base64) ? { url: base64 } : { base64 })), ...media];
}

function isDataUrl(text: unknown): boolean {
  return typeof text === 'string' && text.startsWith('data:');
}
