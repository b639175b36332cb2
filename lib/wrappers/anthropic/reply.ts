import { bodyError } from '../body-error.js';
import { counts, sum } from '../counts.js';
import { type Fields, fields, filled, given, list } from '../narrow.js';
import type { Counts, ReplyFacts } from '../translation.js';
import { blocksMessage, blocksReasoning, serverTools } from './blocks.js';

/** What a message says. */
export function messageReply(message: unknown, error = bodyError(message)): ReplyFacts {
  const { id, model, content, usage, stop_reason, stop_sequence } = fields(message);
  const blocks = list(content);
  return {
    output: Array.isArray(content) ? { messages: [blocksMessage(blocks)] } : undefined,
    model: filled(model),
    usage: messageUsage(usage),
    metadata: { response_id: id, stop_reason, stop_sequence, ...serverToolRequests(usage), error: error?.details },
    reasoning: blocksReasoning(blocks),
    error: error?.text,
    tools: serverTools(blocks),
  };
}

/** Anthropic counts what came from the cache apart. Source: Anthropic API reference, `Usage`. */
export function messageUsage(usage: unknown): Counts | undefined {
  const { input_tokens, output_tokens, output_tokens_details, ...cache } = fields(usage);
  return counts({
    prompt: sum(input_tokens, cache.cache_read_input_tokens, cache.cache_creation_input_tokens),
    completion: output_tokens,
    reasoning: fields(output_tokens_details).thinking_tokens,
    cacheRead: cache.cache_read_input_tokens,
    cacheCreation: cache.cache_creation_input_tokens,
  });
}

/** How often the provider's own tools were used: they are charged apart. */
function serverToolRequests(usage: unknown): Fields {
  const used = given(fields(fields(usage).server_tool_use));
  return used === undefined ? {} : { server_tool_use: used };
}
