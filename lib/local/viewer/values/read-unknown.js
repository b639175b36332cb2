// Reads values of which nothing is known. Pure.

/** @typedef {Record<string, unknown>} Fields */

/** JSON text as its value; anything else as it is. @param {unknown} value */
export function parsed(value) {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** A text; empty for anything else. @param {unknown} value */
export function text(value) {
  return typeof value === 'string' ? value : '';
}

/** @param {unknown} value @returns {value is Fields} */
export function isFields(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
