import type { CapturedText, JsonText } from './records.js';

/** Returns a captured text as JSON text. Only for texts whose strings were all quoted when they were captured. */
export function alreadyJson(text: CapturedText): JsonText {
  return text as JsonText; // by the caller's word
}

/** Text for a field that must be an object on the wire. Any other value is wrapped: `{"value": …}`. */
export function objectJson(text: JsonText | undefined): JsonText | undefined {
  if (text === undefined || text === 'null') return undefined;
  return text.charCodeAt(0) === 123 /* { */ ? text : (`{"value":${text}}` as JsonText); // wraps JSON text
}
