import type { CallFacts } from '../../model/records.js';
import { bodyError } from '../body-error.js';
import type { Counts, InnerCall, ReplyFacts } from '../call-adapter.js';
import { count, counts, sum } from '../counts.js';
import { type Fields, fields, list, nonEmptyString, omitNullish } from '../read-unknown.js';
import { blocksMessage, blocksReasoning, serverTools } from './blocks.js';

/** The facts of a message. */
export function messageReply(message: unknown, error = bodyError(message)): ReplyFacts {
  const { id, model, content, usage } = fields(message);
  const blocks = list(content);
  return {
    output: Array.isArray(content) ? { messages: [blocksMessage(blocks)] } : undefined,
    model: nonEmptyString(model),
    usage: messageUsage(usage),
    metadata: {
      response_id: id,
      ...stopFacts(fields(message)),
      ...serverToolRequests(usage),
      error: error?.details,
    },
    call: messageCall(fields(usage)),
    reasoning: blocksReasoning(blocks),
    error: error?.text,
    tools: serverTools(blocks),
    innerCalls: advisorCalls(fields(usage)),
  };
}

/** The stop reason, the container, the changes that were made to the input, and the reason for a cache miss. */
function stopFacts(message: Fields): Fields {
  const { stop_reason, stop_sequence, stop_details, container, context_management, diagnostics } = message;
  return {
    stop_reason,
    stop_sequence,
    stop_details,
    container_id: fields(container).id,
    applied_edits: unlessEmpty(fields(context_management).applied_edits),
    input_transformations: unlessEmpty(message.input_transformations),
    cache_miss_reason: fields(diagnostics).cache_miss_reason,
  };
}

const unlessEmpty = (items: unknown) => (list(items).length > 0 ? items : undefined);

/** The calls of the advisor, a second model that the model may ask. Only `iterations` counts their tokens. */
function advisorCalls({ iterations }: Fields): readonly InnerCall[] {
  return list(iterations)
    .map(fields)
    .filter(({ type }) => type === 'advisor_message')
    .map((each) => ({ name: 'anthropic-advisor', model: nonEmptyString(each.model), usage: messageUsage(each) }));
}

/**
 * Anthropic counts cached tokens separately, and a compaction, which is a request of its own to the same model, only in `iterations`.
 * Source: Anthropic API reference, `BetaUsage`.
 */
export function messageUsage(usage: unknown): Counts | undefined {
  const told = fields(usage);
  const requests = [
    told,
    ...list(told.iterations)
      .map(fields)
      .filter(({ type }) => type === 'compaction'),
  ];
  const total = (name: string) => sum(told[name], ...requests.slice(1).map((each) => each[name]));
  const [read, created] = ['cache_read_input_tokens', 'cache_creation_input_tokens'].map((name) =>
    sum(0, ...requests.map((each) => each[name])),
  );
  return counts({
    prompt: sum(total('input_tokens'), read, created),
    completion: total('output_tokens'),
    reasoning: fields(told.output_tokens_details).thinking_tokens,
    cacheRead: read,
    cacheCreation: created,
    more: {
      cache_creation_1h_tokens: sum(
        0,
        ...requests.map(({ cache_creation }) => fields(cache_creation).ephemeral_1h_input_tokens),
      ),
    },
  });
}

/** Fast mode has prices of its own, like a tier. Source: Anthropic API reference, `Usage`. */
export function messageCall({ service_tier, speed, inference_geo, server_tool_use }: Fields): CallFacts {
  return {
    serviceTier: speed === 'fast' ? speed : nonEmptyString(service_tier),
    region: nonEmptyString(inference_geo),
    webSearches: count(fields(server_tool_use).web_search_requests),
  };
}

/** How often the provider's own tools were used, which is charged separately. */
function serverToolRequests(usage: unknown): Fields {
  const used = omitNullish(fields(fields(usage).server_tool_use));
  return used === undefined ? {} : { server_tool_use: used };
}
