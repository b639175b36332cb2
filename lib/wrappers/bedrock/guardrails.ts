import { type CallAdapter, noStream } from '../../calls/call-adapter.js';
import { parameters } from '../../calls/parameters.js';
import { fields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';
import { converseMessages } from './blocks.js';

/** `ApplyGuardrailCommand`: the checked content, and the guardrail's action. No model answers, so there are no tokens. */
export const guardrail: CallAdapter = {
  name: 'bedrock-guardrail',
  kind: 'OTHER',
  request({ content, source, guardrailIdentifier, guardrailVersion }) {
    // A text is in an object, together with its qualifiers, which Converse does not have.
    const blocks = list(content).map((block) => {
      const { text } = fields(fields(block).text);
      return typeof text === 'string' ? { text } : block;
    });
    const role = source === 'OUTPUT' ? 'assistant' : 'user';
    return {
      input: { messages: converseMessages(undefined, [{ role, content: blocks }]) },
      parameters: parameters({ guardrail_identifier: guardrailIdentifier, guardrail_version: guardrailVersion }),
    };
  },
  reply(reply) {
    const { action, actionReason, outputs, assessments, usage } = fields(reply);
    const texts = list(outputs).flatMap((output) => nonEmptyString(fields(output).text) ?? []);
    return {
      output: omitNullish({ action, outputs: texts.length === 0 ? undefined : texts, assessments }),
      metadata: { action, action_reason: actionReason, guardrail_usage: omitNullish(fields(usage)) },
    };
  },
  stream: noStream,
};

/** `InvokeGuardrailChecksCommand`: the same for checks that are named in the request. */
export const guardrailChecks: CallAdapter = {
  ...guardrail,
  request: ({ messages, checks }) => ({
    input: { messages: converseMessages(undefined, messages), checks: Object.keys(fields(checks)) },
  }),
  reply(reply) {
    const { results, usage } = fields(reply);
    return { output: omitNullish({ results }), metadata: { guardrail_usage: omitNullish(fields(usage)) } };
  },
};
