import { bodyError } from '../../calls/body-error.js';
import { type CallAdapter, noStream } from '../../calls/call-adapter.js';
import { statedCost } from '../../calls/openai/cost.js';
import { inputMessages, partsContent } from '../../calls/openai/response-items.js';
import { responseUsage } from '../../calls/openai/usage.js';
import { type Fields, fields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';

/**
 * `client.decisions.create()`: questions about an input, each with an answer or a refusal.
 * Source: OpenAI API reference, decisions.
 */
export const decisions: CallAdapter = {
  name: 'openai-decision',
  kind: 'LLM',
  request: ({ input, questions, model }) => ({
    input: { messages: inputMessages(undefined, input), questions: list(questions).map(question) },
    model: nonEmptyString(model),
  }),
  reply(reply) {
    const { answers, model, usage } = fields(reply);
    const error = bodyError(reply);
    const refused = list(answers).filter((answer) => fields(answer).type === 'refusal').length;
    return {
      output: Array.isArray(answers) ? { answers } : undefined,
      model: nonEmptyString(model),
      usage: responseUsage(usage),
      cost: statedCost(reply, usage),
      metadata: { refusals: refused === 0 ? undefined : refused, error: error?.details },
      error: error?.text,
    };
  },
  stream: noStream,
};

/** A question, whose instructions are a text, or parts that may be images. */
function question(asked: unknown): Fields {
  const { name, type, instructions, choices, levels } = fields(asked);
  return {
    ...omitNullish({ name, type }),
    instructions: partsContent(instructions),
    ...omitNullish({ choices, levels }),
  };
}
