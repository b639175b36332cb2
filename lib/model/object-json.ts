import type { JsonText } from './records.js';

/** Text for a field that must be an object on the wire: anything else is put under `value`. */
export function objectJson(text: JsonText | undefined): JsonText | undefined {
  if (text === undefined || text === 'null') return undefined;
  return text.charCodeAt(0) === 123 /* { */ ? text : (`{"value":${text}}` as JsonText); // wraps JSON text
}
