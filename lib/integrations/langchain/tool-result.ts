import { fields, list } from '../../calls/read-unknown.js';
import { messageType } from './messages.js';

/** A tool's result, and whether it says that the tool failed. */
interface ToolResult {
  readonly value: unknown;
  readonly error: string | undefined;
}

/**
 * Reads a tool's output: a value, a message, or a command that contains the message. Only the message's content is the result.
 */
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
