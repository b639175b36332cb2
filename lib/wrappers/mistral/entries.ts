import type { RecordedMessage, ToolCall, ToolFacts } from '../../calls/call-adapter.js';
import { addParagraph, assistantMessage, reasoning, systemMessages, toolCall, toolMessage } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString, parsed } from '../../calls/read-unknown.js';
import { messageParts, requestMessage, thoughts } from './messages.js';

/*
 * A conversation is a list of entries: messages in both directions, calls of functions and their results, what the
 * provider's own tools did, and hand-offs from one agent to another. Source: Mistral API reference, Conversations.
 */

/** The instructions, then a text or entries, as messages. */
export function entryMessages(instructions: unknown, inputs: unknown): readonly unknown[] {
  const start = systemMessages(instructions);
  if (typeof inputs === 'string') return [...start, { role: 'user', content: inputs }];
  return [...start, ...list(inputs).flatMap(entryMessage)];
}

function entryMessage(entry: unknown): readonly unknown[] {
  const { type, toolCallId, result } = fields(entry);
  switch (type) {
    case 'function.result':
      return [toolMessage(toolCallId, undefined, result)];
    case 'tool.execution':
      return [{ role: 'assistant', content: [entry] }];
    case 'function.call':
    case 'message.output': {
      const said = entriesMessage([entry]);
      return said === undefined ? [] : [said];
    }
    case 'agent.handoff':
      return [];
    default:
      return [requestMessage(entry)]; // a message of the user's need not say its type
  }
}

/** The answer as one message; undefined if there is none. */
export function entriesMessage(entries: readonly unknown[]): RecordedMessage | undefined {
  const parts: unknown[] = [];
  const calls: ToolCall[] = [];
  for (const entry of entries) {
    const { type, toolCallId, name, arguments: input } = fields(entry);
    if (type === 'function.call') calls.push(toolCall(toolCallId, name, input));
    if (type !== 'message.output') continue;
    addParagraph(parts, messageParts(fields(entry).content));
  }
  return parts.length + calls.length === 0 ? undefined : assistantMessage(parts, calls);
}

/** The tools of the provider that were used. */
export function entryTools(entries: readonly unknown[]): readonly ToolFacts[] {
  return entries.map(fields).flatMap((entry) => (entry.type === 'tool.execution' ? executedTool(entry) : []));
}

/** One use of a tool, from an entry or from the event that it started. */
export function executedTool({ id, name, arguments: input, info }: Fields): ToolFacts {
  return {
    key: nonEmptyString(id) ?? nonEmptyString(name) ?? 'tool',
    name: nonEmptyString(name) ?? 'tool',
    input: parsed(input),
    output: info,
  };
}

export function entriesReasoning(entries: readonly unknown[]): string | undefined {
  return reasoning(entries.map((entry) => thoughts(fields(entry).content)));
}

/** The model of the last entry that names one. */
export function entriesModel(entries: readonly unknown[]): string | undefined {
  return entries.map((entry) => nonEmptyString(fields(entry).model)).findLast((model) => model !== undefined);
}

/** The agents to which the conversation was handed over. */
export function handoffs(entries: readonly unknown[]): readonly string[] | undefined {
  const agents = entries.map(fields).flatMap(({ type, nextAgentName, nextAgentId }) => {
    return type === 'agent.handoff' ? (nonEmptyString(nextAgentName) ?? nonEmptyString(nextAgentId) ?? []) : [];
  });
  return agents.length === 0 ? undefined : agents;
}
