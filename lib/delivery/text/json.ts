export type JsonObject = Record<string, unknown>;

/** Whether `value` is an object, but no array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a JSON text; undefined when the text is no JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Strings, and the brackets between them. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs;

/** Whether a field of this name is null in the object that a JSON text begins with. The end of the text may be missing. */
export function isNullInCut(text: string, name: string): boolean {
  const wanted = JSON.stringify(name);
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && token === wanted) {
      const after = index + token.length;
      if (/^\s*:\s*null/.test(text.slice(after, after + 20))) return true;
    }
  }
  return false;
}
