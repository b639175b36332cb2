import { fields, list } from '../../calls/read-unknown.js';
import { messageType } from './messages.js';

/** What a tool answered, and whether it says that it failed. */
interface ToolResult {
  readonly value: unknown;
  readonly error: string | undefined;
}

/** A tool gives a value, a message, or a command with the message in it; the message alone is for the model. */
export function toolResult(output: unknown): ToolResult {
  const message = messageIn(output);
  if (message === undefined) return { value: output, error: undefined };
  const { content, status } = fields(message);
  return { value: content, error: status === 'error' ? textOf(content) : undefined };
}

function messageIn(output: unknown): unknown {
  if (messageType(output) === 'tool') return output;
  const { lg_name, update } = fields(output);
  if (lg_name !== 'Command') return undefined;
  const messages = list(fields(update).messages).filter((each) => messageType(each) === 'tool');
  return messages.length === 1 ? messages[0] : undefined;
}

function textOf(content: unknown): string {
  return typeof content === 'string' ? content : 'the tool answered with an error';
}
