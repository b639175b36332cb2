import { bodyError } from '../../calls/body-error.js';
import { type CallAdapter, noStream } from '../../calls/call-adapter.js';
import { fields, isFields, nonEmptyString } from '../../calls/read-unknown.js';
import { interactionUsage } from './interaction-usage.js';
import { stepMessages } from './steps.js';

/**
 * `ai.decisions.create()`: questions about one input, each with a name and a calibrated answer. A blocked input has none.
 * Source: `@google/genai` 3.3, `CreateDecisionRequest` and `CreateDecisionResponse`.
 */
export const decisions: CallAdapter = {
  name: 'gemini-decision',
  kind: 'LLM',
  request: ({ input, questions, model }) => ({
    input: { messages: stepMessages(undefined, input), questions },
    model: nonEmptyString(model),
  }),
  reply(reply) {
    const { answers, prompt_feedback, usage } = fields(reply);
    const { block_reason, block_reason_message } = fields(prompt_feedback);
    const error = bodyError(reply);
    return {
      output: isFields(answers) ? { answers } : undefined,
      usage: interactionUsage(usage),
      metadata: { block_reason, block_reason_message, error: error?.details },
      error: error?.text,
    };
  },
  stream: noStream,
};
