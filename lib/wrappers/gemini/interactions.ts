import { bodyError } from '../../calls/body-error.js';
import type { CallAdapter, ReplyFacts, RequestFacts } from '../../calls/call-adapter.js';
import { parameters, pick, toolNames } from '../../calls/parameters.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { InteractionStream } from './interaction-stream.js';
import { interactionUsage } from './interaction-usage.js';
import { stepMessages, stepsMessage, stepsReasoning, stepTools } from './steps.js';

const allowed = [
  'temperature',
  'top_p',
  'max_output_tokens',
  'stop_sequences',
  'seed',
  'thinking_level',
  'thinking_summaries',
  'tool_choice',
];

/** `ai.interactions.create()`, whole and streamed: a model, or an agent of Google's. */
export const interactions: CallAdapter = {
  name: 'gemini-interaction',
  kind: 'LLM',
  request: interactionRequest,
  reply: interactionReply,
  stream: () => new InteractionStream(interactionReply),
};

function interactionRequest(request: Fields): RequestFacts {
  const { model, agent, input, system_instruction, generation_config, tools, previous_interaction_id } = request;
  return {
    input: { messages: stepMessages(system_instruction, input) },
    model: nonEmptyString(model),
    parameters: parameters(
      pick(fields(generation_config), allowed),
      pick(request, ['response_mime_type', 'response_modalities', 'service_tier', 'background']),
    ),
    metadata: {
      tools: toolNames(list(tools)),
      agent: nonEmptyString(agent),
      // With one the input alone is not the whole context.
      previous_interaction_id: nonEmptyString(previous_interaction_id),
    },
  };
}

/** The facts of an interaction, whatever its status. */
function interactionReply(reply: unknown): ReplyFacts {
  const { id, model, agent, status, steps, outputs, usage, service_tier } = fields(reply);
  const made = list(steps).length > 0 ? list(steps) : list(outputs);
  const message = stepsMessage(made);
  const error = interactionError(fields(reply), made);
  return {
    output: message === undefined ? undefined : { messages: [message] },
    model: nonEmptyString(model),
    usage: interactionUsage(usage),
    metadata: { agent: nonEmptyString(agent), response_id: id, status, error: error?.details },
    call: { serviceTier: nonEmptyString(service_tier) },
    reasoning: stepsReasoning(made),
    error: error?.text,
    tools: stepTools(made),
  };
}

function interactionError(reply: Fields, steps: readonly unknown[]) {
  const [first] = list(reply.errors);
  const told = bodyError(reply) ?? bodyError({ error: first });
  if (told !== undefined) return told;
  const failed = steps.map(bodyError).find((error) => error !== undefined);
  return failed ?? (reply.status === 'failed' ? bodyError({ error: 'the interaction failed' }) : undefined);
}
