import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';

/** Adds a piece of a content. Consecutive texts are joined, and so are consecutive thoughts. @returns whether it has content */
export function addPiece(parts: Fields[], piece: unknown): boolean {
  const part = typeof piece === 'string' ? { type: 'text', text: piece } : fields(piece);
  if (part.type === 'text' && part.text === '') return false;
  const last = parts.at(-1);
  if (part.type === 'text' && last?.type === 'text') {
    parts[parts.length - 1] = { ...last, text: `${nonEmptyString(last.text) ?? ''}${nonEmptyString(part.text) ?? ''}` };
  } else if (part.type === 'thinking' && last?.type === 'thinking') {
    if (Array.isArray(last.thinking)) last.thinking.push(...structuredClone(list(part.thinking))); // our own list
  } else parts.push(structuredClone(part));
  return true;
}
