import type { CallAdapter, Counts, ReplyFacts, RequestFacts } from '../../calls/call-adapter.js';
import { counts, sum } from '../../calls/counts.js';
import { parameters, pick } from '../../calls/parameters.js';
import { type Fields, fields, isFields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';
import { withoutSecrets } from '../../calls/without-secrets.js';
import { blocksMessage, blocksReasoning, converseMessages, serverTools } from './blocks.js';
import { ConverseEvents } from './converse-events.js';

const allowed = { temperature: 'temperature', topP: 'top_p', maxTokens: 'max_tokens', stopSequences: 'stop_sequences' };

/** `ConverseCommand` and `ConverseStreamCommand`. */
export const converse: CallAdapter = {
  name: 'bedrock-converse',
  kind: 'LLM',
  request: converseRequest,
  reply: converseReply,
  stream: () => new ConverseEvents(converseReply),
};

/** The facts of a request of Converse, or of the body of a model with the same form. */
export function converseRequest(request: Fields): RequestFacts {
  const { modelId, system, messages, inferenceConfig, toolConfig, guardrailConfig } = request;
  const { tools, toolChoice } = fields(toolConfig);
  const { guardrailIdentifier, guardrailVersion } = fields(guardrailConfig);
  return {
    input: { messages: converseMessages(system, messages) },
    model: modelName(modelId),
    parameters: parameters(pick(fields(inferenceConfig), allowed), {
      tool_choice: toolChoice,
      guardrail_config: omitNullish({ guardrail_identifier: guardrailIdentifier, guardrail_version: guardrailVersion }),
      additional_model_request_fields: withoutSecrets(request.additionalModelRequestFields),
      latency: fields(request.performanceConfig).latency,
      service_tier: fields(request.serviceTier).type,
    }),
    metadata: { tools: toolNames(list(tools)) },
    call: { serviceTier: tier(request.performanceConfig, request.serviceTier) },
  };
}

/** Latency-optimized calls have prices of their own, like a tier. */
function tier(config: unknown, serviceTier: unknown): string | undefined {
  const { latency } = fields(config);
  return latency === 'optimized' ? latency : nonEmptyString(fields(serviceTier).type);
}

/** The model's id, of a long ARN the end, which tells it from others. */
export function modelName(modelId: unknown): string | undefined {
  return nonEmptyString(modelId)?.slice(-255);
}

function toolNames(tools: readonly unknown[]): readonly string[] | undefined {
  const names = tools.flatMap((tool) => {
    const { toolSpec, systemTool } = fields(tool);
    return nonEmptyString(fields(toolSpec).name) ?? nonEmptyString(fields(systemTool).name) ?? [];
  });
  return names.length === 0 ? undefined : names;
}

/** The facts of an answer of Converse, or of a model with the same form. */
export function converseReply(reply: unknown): ReplyFacts {
  const { output, stopReason, usage, metrics, trace, serviceTier, performanceConfig } = fields(reply);
  const { message } = fields(output);
  const blocks = list(fields(message).content);
  return {
    output: isFields(message) ? { messages: [blocksMessage(blocks)] } : undefined,
    // The model that a prompt router has chosen.
    model: modelName(fields(fields(trace).promptRouter).invokedModelId),
    usage: converseUsage(usage),
    metadata: {
      stop_reason: stopReason,
      latency_ms: fields(metrics).latencyMs,
      guardrail: fields(trace).guardrail,
    },
    call: { serviceTier: tier(performanceConfig, serviceTier) },
    reasoning: blocksReasoning(blocks),
    tools: serverTools(blocks),
  };
}

/** Converse counts cached tokens separately. Source: Amazon Bedrock API reference, `TokenUsage`. */
function converseUsage(usage: unknown): Counts | undefined {
  const source = fields(usage);
  const cacheRead = source.cacheReadInputTokens ?? source.cacheReadInputTokenCount;
  const cacheCreation = source.cacheWriteInputTokens ?? source.cacheWriteInputTokenCount;
  return counts({
    prompt: sum(source.inputTokens, cacheRead, cacheCreation),
    completion: source.outputTokens,
    total: source.totalTokens,
    cacheRead,
    cacheCreation,
    more: { cache_creation_1h_tokens: hourCache(source.cacheDetails) },
  });
}

/** Tokens written to the cache for an hour, which have a price of their own. */
function hourCache(details: unknown): number | undefined {
  const hours = list(details)
    .map(fields)
    .filter(({ ttl }) => ttl === '1h');
  return hours.length === 0 ? undefined : sum(0, ...hours.map(({ inputTokens }) => inputTokens));
}
