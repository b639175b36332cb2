// A value as readable text. Pure, because the command line uses it, too.

import { conversationOf } from './messages.js';

/** Messages line by line, anything else as JSON; empty for null and undefined. @param {unknown} value */
export function textOf(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  const found = conversationOf(value);
  if (found === undefined) return JSON.stringify(value, null, 2);
  const said = found.messages.map(({ role, parts }) => {
    const texts = parts.map((part) => ('text' in part ? part.text : JSON.stringify(part, null, 2)));
    return `${role}:\n${texts.join('\n')}`;
  });
  const rest = Object.keys(found.rest).length === 0 ? [] : [JSON.stringify(found.rest, null, 2)];
  return [...said, ...rest].join('\n\n');
}
