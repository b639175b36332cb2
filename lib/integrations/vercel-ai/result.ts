import { type Fields, fields, list } from '../../calls/read-unknown.js';
import { languageModel } from './language-model.js';

/* Reads the result of an operation, in the form of the SDK's event. */

/** Whether it has ended because its user has to approve a tool call. */
export function asksUser({ finalStep }: Fields): boolean {
  return list(fields(finalStep).content).some((part) => {
    const { type, isAutomatic } = fields(part);
    return type === 'tool-approval-request' && isAutomatic !== true;
  });
}

/** The answer as a message, an object as it is. */
export function outputOf({ text, object, ranking, finalStep }: Fields): unknown {
  if (object !== undefined) return object;
  if (ranking !== undefined) return { ranking };
  const content = fields(finalStep).content;
  if (Array.isArray(content)) return languageModel.reply({ content }).output;
  return typeof text === 'string' ? { messages: [{ role: 'assistant', content: text }] } : undefined;
}
