import { type CallAdapter, noStream, type RequestFacts } from '../../calls/call-adapter.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { mistralUsage } from './chat.js';
import { requestMessage } from './messages.js';

/** `client.classifiers.classify()` and `classifyChat()`: the scores of each label. */
export const classifications: CallAdapter = {
  name: 'mistral-classification',
  kind: 'LLM',
  request: classified,
  reply(reply) {
    const { id, model, results, usage } = fields(reply);
    return {
      output: { results },
      model: nonEmptyString(model),
      usage: mistralUsage(usage),
      metadata: { response_id: id },
    };
  },
  stream: noStream,
};

/** `client.classifiers.moderate()` and `moderateChat()`: the flagged categories. */
export const moderations: CallAdapter = {
  ...classifications,
  name: 'mistral-moderation',
  reply: (reply) => ({
    ...classifications.reply(reply),
    output: { results: list(fields(reply).results).map(verdict) },
  }),
};

function classified({ inputs, input, model }: Fields): RequestFacts {
  return { input: classifiedInput(inputs ?? input), model: nonEmptyString(model) };
}

/** Texts, one conversation, or several. */
function classifiedInput(given: unknown): Fields {
  const { messages } = fields(given);
  const turns = Array.isArray(messages) ? messages : list(given);
  const isConversation = turns.length > 0 && turns.every((turn) => nonEmptyString(fields(turn).role) !== undefined);
  if (isConversation) return { messages: turns.map(requestMessage) };
  return { input: Array.isArray(given) ? given.map(conversation) : given };
}

function conversation(item: unknown): unknown {
  const { messages } = fields(item);
  if (Array.isArray(item)) return item.map(requestMessage);
  return Array.isArray(messages) ? messages.map(requestMessage) : item;
}

function verdict(result: unknown): Fields {
  const names = Object.entries(fields(fields(result).categories)).flatMap(([name, is]) => (is === true ? name : []));
  return { flagged: names.length > 0, categories: names };
}
