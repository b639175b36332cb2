import { bodyError } from '../../calls/body-error.js';
import { type Fields, fields, filled, given, list } from '../../calls/narrow.js';
import { statedCost } from '../../calls/openai/cost.js';
import { inputMessages, partsContent } from '../../calls/openai/response-items.js';
import { responseUsage } from '../../calls/openai/usage.js';
import { noStream, type Translation } from '../../calls/translation.js';

/**
 * `client.decisions.create()`: questions about an input, each with an answer or a refusal.
 * Source: OpenAI API reference, decisions.
 */
export const decisions: Translation = {
  name: 'openai-decision',
  kind: 'LLM',
  request: ({ input, questions, model }) => ({
    input: { messages: inputMessages(undefined, input), questions: list(questions).map(question) },
    model: filled(model),
  }),
  reply(reply) {
    const { answers, model, usage } = fields(reply);
    const error = bodyError(reply);
    const refused = list(answers).filter((answer) => fields(answer).type === 'refusal').length;
    return {
      output: Array.isArray(answers) ? { answers } : undefined,
      model: filled(model),
      usage: responseUsage(usage),
      cost: statedCost(reply, usage),
      metadata: { refusals: refused === 0 ? undefined : refused, error: error?.details },
      error: error?.text,
    };
  },
  stream: noStream,
};

/** Its instructions are a text, or parts with pictures among them. */
function question(asked: unknown): Fields {
  const { name, type, instructions, choices, levels } = fields(asked);
  return { ...given({ name, type }), instructions: partsContent(instructions), ...given({ choices, levels }) };
}
