import type { Capture } from '../../model/capture-values.js';
import type { JsonText } from '../../model/records.js';
import { cleanText } from '../../model/text.js';

const note = '[Not recorded: pandaprobe-ts was still being loaded]';

/**
 * What captures until the file is loaded that reads values, where that cannot be at once: names, models and tags are
 * recorded, and a note in the place of every value. With a mask, which cannot be asked yet, no text is recorded either.
 */
export function namesOnly(isMasked: boolean): Capture {
  const value = (value: unknown): JsonText | undefined =>
    value === undefined ? undefined : (JSON.stringify(note) as JsonText);
  return {
    value,
    folded: value,
    text: (text, field) => (isMasked || field === 'error' ? note : cleanText(text)),
  };
}
