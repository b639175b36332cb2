import { bodyError } from '../../calls/body-error.js';
import type { CallAdapter, Counts, ReplyFacts, RequestFacts } from '../../calls/call-adapter.js';
import { counts, sum } from '../../calls/counts.js';
import { formatName, parameters, pick, toolNames } from '../../calls/parameters.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { allowed } from './chat.js';
import { ConversationStream } from './conversation-stream.js';
import { entriesMessage, entriesModel, entriesReasoning, entryMessages, entryTools, handoffs } from './entries.js';

/** `client.beta.conversations.start()`, `append()` and `restart()`, and their streams. */
export const conversations: CallAdapter = {
  name: 'mistral-conversation',
  kind: 'LLM',
  request: conversationRequest,
  reply: conversationReply,
  stream: () => new ConversationStream(conversationReply),
};

function conversationRequest(request: Fields): RequestFacts {
  const { conversationId } = request;
  // The methods that continue a conversation have their request in a field, whose name differs.
  const inner = Object.entries(request).find(([name]) => /^conversation\w*Request$/.test(name));
  const body = inner === undefined ? request : fields(inner[1]);
  const args = fields(body.completionArgs);
  return {
    input: { messages: entryMessages(body.instructions, body.inputs) },
    model: nonEmptyString(body.model),
    parameters: parameters(pick(args, allowed), { response_format: formatName(args.responseFormat) }),
    metadata: {
      tools: toolNames(list(body.tools)),
      agent_id: nonEmptyString(body.agentId),
      // With one of these the input alone is not the whole context.
      conversation: nonEmptyString(conversationId),
      from_entry: nonEmptyString(body.fromEntryId),
    },
  };
}

function conversationReply(reply: unknown): ReplyFacts {
  const { conversationId, outputs, usage } = fields(reply);
  const entries = list(outputs);
  const message = entriesMessage(entries);
  const error = bodyError(reply);
  return {
    output: message === undefined ? undefined : { messages: [message] },
    model: entriesModel(entries),
    usage: conversationUsage(fields(usage)),
    metadata: { conversation: conversationId, handoffs: handoffs(entries), error: error?.details },
    reasoning: entriesReasoning(entries),
    error: error?.text,
    tools: entryTools(entries),
  };
}

/**
 * Tokens that the provider's tools read are counted separately, and in the total. They were sent to the model as well, so they are
 * added to the prompt. Source: Mistral API reference, `ConversationUsageInfo`.
 */
function conversationUsage({
  promptTokens,
  completionTokens,
  totalTokens,
  connectorTokens,
}: Fields): Counts | undefined {
  // The client sets 0 if the provider gives no count, and no prompt has no tokens.
  if (promptTokens === 0 && totalTokens === 0) return undefined;
  const isApart = sum(promptTokens, completionTokens, connectorTokens) === totalTokens;
  return counts({
    prompt: isApart ? sum(promptTokens, connectorTokens) : promptTokens,
    completion: completionTokens,
    total: totalTokens,
    more: { connector_tokens: connectorTokens },
  });
}
