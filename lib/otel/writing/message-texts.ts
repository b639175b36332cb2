import { quote } from '../../model/capture-text.js';
import { foldMark } from '../../model/folded-text.js';
import { isString, stringOf, valueEnd } from '../../model/json-walk.js';
import type { CapturedText, JsonText } from '../../model/records.js';
import { unfold } from '../../model/unfold.js';
import { messagesIn, toConvention } from '../messages.js';

const opening = '{"messages":[';
const roleField = '{"role":';
const contentField = ',"content":';

/** The messages of an input or an output, as JSON text in the form of the conventions; undefined for any other value. */
export function conventionText(value: CapturedText, isOutput: boolean): string | undefined {
  if (!value.startsWith(opening)) return undefined;
  const plain = plainText(value, isOutput);
  if (plain !== undefined) return plain;
  const messages = messagesIn(JSON.parse(unfold(value)));
  return messages === undefined ? undefined : JSON.stringify(toConvention(messages, isOutput));
}

/** The same for messages that have only a text, as most have; it does not parse them to objects. Undefined for other messages. */
function plainText(value: CapturedText, isOutput: boolean): string | undefined {
  const ending = isOutput ? '}],"finish_reason":"stop"}' : '}]}';
  let text = '[';
  let at = opening.length;
  for (;;) {
    if (!value.startsWith(roleField, at)) return undefined;
    const roleEnd = valueEnd(value, at + roleField.length);
    const role = value.slice(at + roleField.length, roleEnd);
    if (!isString(role) || role === '"tool"' || !value.startsWith(contentField, roleEnd)) return undefined;
    const contentEnd = valueEnd(value, roleEnd + contentField.length);
    const content = value.slice(roleEnd + contentField.length, contentEnd);
    if (!isString(content) || value[contentEnd] !== '}') return undefined;
    text += `{"role":${quoted(role)},"parts":[{"type":"text","content":${quoted(content)}${ending}`;
    at = contentEnd + 2;
    if (value[contentEnd + 1] === ']') return value.length === at + 1 ? `${text}]` : undefined; // only the object's brace is left
    if (value[contentEnd + 1] !== ',') return undefined;
    text += ',';
  }
}

/** The JSON text of a string that may be folded. */
function quoted(json: string): JsonText | string {
  return json.startsWith(foldMark) ? quote(stringOf(json)) : json;
}
