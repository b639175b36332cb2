import { fields, filled, given, list } from '../narrow.js';
import type { ReplyFacts } from '../translation.js';
import { itemReasoning, outputMessage } from './response-items.js';
import { responseTools } from './response-tools.js';
import { responseUsage, statedCost } from './usage.js';

/** What a response says, whatever its status. */
export function responseReply(reply: unknown): ReplyFacts {
  const { id, model, status, output, usage, error, incomplete_details } = fields(reply);
  const items = list(output);
  const message = outputMessage(items);
  const { code, message: problem } = fields(error);
  return {
    output: message === undefined ? undefined : { messages: [message] },
    model: filled(model),
    usage: responseUsage(usage),
    cost: statedCost(usage),
    metadata: {
      response_id: id,
      status,
      incomplete_reason: filled(fields(incomplete_details).reason),
      error: status === 'failed' ? given({ type: 'response_failed', code }) : undefined,
    },
    reasoning: itemReasoning(items),
    error: status === 'failed' ? (filled(problem) ?? 'the response failed') : undefined,
    tools: responseTools(items),
  };
}
