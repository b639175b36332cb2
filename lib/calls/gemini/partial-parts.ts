import { type Fields, fields, isFields, list, nonEmptyString } from '../read-unknown.js';
import { base64Bytes, maxInlineBytes } from '../without-bytes.js';

/** Adds a part of a chunk to those before it, as in a whole answer. */
export function addPart(parts: unknown[], part: unknown): void {
  const { text, thought, inlineData, functionCall } = fields(part);
  const last = fields(parts.at(-1));
  if (typeof text === 'string') {
    // Consecutive texts of the same type are one text.
    const isSame = typeof last.text === 'string' && (last.thought === true) === (thought === true);
    if (isSame) parts[parts.length - 1] = { ...last, text: `${last.text}${text}` };
    else parts.push({ text, thought });
  } else if (isFields(inlineData)) addData(parts, inlineData, thought);
  else if (isFields(functionCall) && isOpen(last.functionCall)) {
    parts[parts.length - 1] = { functionCall: joinedCall(fields(last.functionCall), functionCall) };
  } else if (isFields(functionCall)) parts.push({ functionCall: joinedCall({}, functionCall) });
  else parts.push(structuredClone(part));
}

/** Adds data: of large data only the size. Consecutive audio is joined. */
function addData(parts: unknown[], { data, mimeType, displayName }: Fields, thought: unknown): void {
  const bytes = base64Bytes(nonEmptyString(data) ?? '');
  const last = fields(parts.at(-1));
  const before = fields(last.inlineData);
  const isSame = before.mimeType === mimeType && (last.thought === true) === (thought === true);
  if (isSame && /^audio\//.test(nonEmptyString(mimeType) ?? '')) {
    const size =
      typeof before.sizeBytes === 'number' ? before.sizeBytes : base64Bytes(nonEmptyString(before.data) ?? '');
    parts[parts.length - 1] = { thought, inlineData: { mimeType, displayName, sizeBytes: size + bytes } };
  } else if (bytes > maxInlineBytes) parts.push({ thought, inlineData: { mimeType, displayName, sizeBytes: bytes } });
  else parts.push({ thought, inlineData: { mimeType, displayName, data } });
}

/** More of the call follows in the next part. */
function isOpen(call: unknown): boolean {
  return fields(call).willContinue === true;
}

/** Adds a piece to a call, whose arguments come whole or value by value. Source: Gemini API reference, `PartialArg`. */
function joinedCall(before: Fields, piece: Fields): Fields {
  const { id, name, args, partialArgs, willContinue } = piece;
  let joined: unknown = args === undefined ? before.args : structuredClone(args);
  for (const each of list(partialArgs).map(fields)) joined = withValue(joined, pathOf(each.jsonPath), each);
  return { id: id ?? before.id, name: nonEmptyString(name) ?? before.name, args: joined, willContinue };
}

/** `$.places[0].name` as its steps. */
function pathOf(path: unknown): readonly (string | number)[] {
  const steps = nonEmptyString(path)?.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]/g) ?? [];
  return [...steps].map(([, name, index, quoted]) => (index === undefined ? (name ?? quoted ?? '') : Number(index)));
}

/** A copy of `into` with a value at a path. A text continues the text that is there. */
function withValue(into: unknown, [step, ...rest]: readonly (string | number)[], piece: Fields): unknown {
  if (step === undefined) {
    const { stringValue, numberValue, boolValue } = piece;
    if (typeof stringValue === 'string') return typeof into === 'string' ? into + stringValue : stringValue;
    return numberValue ?? boolValue ?? null;
  }
  if (typeof step === 'number') {
    const items = [...list(into)];
    items[step] = withValue(items[step], rest, piece);
    return items;
  }
  const held = fields(into);
  const value = withValue(Object.hasOwn(held, step) ? held[step] : undefined, rest, piece);
  return Object.fromEntries([...Object.entries(held).filter(([name]) => name !== step), [step, value]]);
}
