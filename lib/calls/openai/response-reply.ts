import { type BodyError, bodyError } from '../body-error.js';
import type { InnerCall, ReplyFacts } from '../call-adapter.js';
import { amount, type Fields, fields, list, nonEmptyString, omitNullish } from '../read-unknown.js';
import { statedCost } from './cost.js';
import { moderated } from './moderated.js';
import { itemReasoning, outputMessage } from './response-items.js';
import { responseTools } from './response-tools.js';
import { imageUsage, responseUsage } from './usage.js';

/**
 * The facts of a response, whatever its status.
 * @param streamed - the items of the stream so far, for servers whose last event has none
 */
export function responseReply(reply: unknown, streamed: readonly unknown[] = []): ReplyFacts {
  const { id, model, status, output, usage, incomplete_details, service_tier, tool_usage } = fields(reply);
  const { moderation, prompt_cache_diagnostics, input_transformations } = fields(reply);
  const items = list(output).length > 0 ? list(output) : streamed;
  const message = outputMessage(items);
  const error = responseError(fields(reply));
  return {
    output: message === undefined ? undefined : { messages: [message] },
    model: nonEmptyString(model),
    usage: responseUsage(usage),
    cost: statedCost(reply, usage),
    metadata: {
      response_id: id,
      status,
      incomplete_reason: nonEmptyString(fields(incomplete_details).reason),
      moderation: moderated(moderation),
      prompt_cache_diagnostics,
      input_transformations: list(input_transformations).length > 0 ? input_transformations : undefined,
      error: error?.details,
    },
    call: {
      serviceTier: nonEmptyString(service_tier),
      // The number that is charged, if the reply has it.
      webSearches:
        amount(fields(fields(tool_usage).web_search).num_requests) ??
        count(items, ({ type, action }) => type === 'web_search_call' && isSearch(fields(action).type)),
      fileSearches: count(items, ({ type }) => type === 'file_search_call'),
    },
    reasoning: itemReasoning(items),
    error: error?.text,
    tools: responseTools(items),
    innerCalls: imageCalls(fields(reply)),
  };
}

/** The calls of the image model, as one: the provider gives the sum of their tokens, and does not count them in `usage`. */
function imageCalls({ tool_usage, tools }: Fields): readonly InnerCall[] {
  const usage = imageUsage(fields(tool_usage).image_gen);
  if (usage?.total_tokens === undefined || usage.total_tokens === 0) return [];
  const tool = list(tools).find((each) => fields(each).type === 'image_generation');
  return [{ name: 'openai-image', model: nonEmptyString(fields(tool).model), usage }];
}

/** Opening a page, or looking for something in it, is free. Source: OpenAI API documentation, web search. */
const isSearch = (action: unknown): boolean => action === undefined || action === 'search';

function count(items: readonly unknown[], isOne: (item: Fields) => boolean): number | undefined {
  return items.filter((item) => isOne(fields(item))).length || undefined;
}

function responseError(reply: Fields): BodyError | undefined {
  const failure = bodyError(reply);
  if (reply.status !== 'failed') return failure;
  const { code } = fields(reply.error);
  return { text: failure?.text ?? 'the response failed', details: omitNullish({ type: 'response_failed', code }) };
}
