import { type Issues, joined } from './issues.js';

/** Escapes that can only be a null character or half of a surrogate pair. */
const suspicious = /\\u(?:0000|[dD][89a-fA-F])/;

/**
 * Adds an issue for each text that the backend cannot store: with a null character, which its database refuses after the 202, or
 * with a lone surrogate, which its parser refuses. `text` is the raw body; it is searched first, so that a valid body costs one
 * search.
 */
export function addTextFaults(text: string, body: unknown, issues: Issues): void {
  if (!text.includes('\\u') || !suspicious.test(text)) return;
  // A list instead of recursion: a body may be nested deeper than the stack.
  const todo: { readonly place: string; readonly value: unknown }[] = [{ place: '', value: body }];
  for (let item = todo.pop(); item !== undefined; item = todo.pop()) {
    const { place, value } = item;
    if (typeof value === 'string') addFault(place, value, issues);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) {
        addFault(joined(place, key), key, issues);
        todo.push({ place: joined(place, key), value: child });
      }
    }
  }
}

function addFault(place: string, text: string, issues: Issues): void {
  if (text.includes('\0')) issues.add(place, '', 'String must not hold a null character: the backend cannot store it');
  if (/\p{Surrogate}/u.test(text))
    issues.add(place, '', 'Input should be a valid string, unable to parse raw data as a unicode string');
}
