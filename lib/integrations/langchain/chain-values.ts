import { fields } from '../../calls/read-unknown.js';
import { lastAssistantMessage, lastUserMessage } from '../../model/messages.js';
import type { StepRecord } from '../adapter/step-record.js';
import { plain } from './plain.js';

/** Records a chain's input. The chain's own trace gets only the last user message. */
export function recordInput(record: StepRecord, value: unknown): void {
  if (!record.recordsInput) return;
  const copy = plain(value);
  record.input(copy, lastUserMessage(inFull(copy)) ?? copy);
}

/** Records a chain's output. The chain's own trace gets only the model's last message. */
export function recordOutput(record: StepRecord, value: unknown): void {
  if (!record.recordsOutput) return;
  const copy = plain(value);
  record.output(copy, lastAssistantMessage(copy) ?? copy);
}

/** A state whose messages are all objects. The framework also takes a text, and a pair of a role and a text, as a message. */
function inFull(state: unknown): unknown {
  const { messages } = fields(state);
  if (typeof messages === 'string') return { messages: [messageOf(messages)] };
  return Array.isArray(messages) ? { messages: messages.map(messageOf) } : state;
}

function messageOf(message: unknown): unknown {
  if (typeof message === 'string') return { role: 'user', content: message };
  if (!Array.isArray(message) || message.length !== 2) return message;
  const [role, content] = message;
  return { role: role === 'human' ? 'user' : role, content };
}
