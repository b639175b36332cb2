import type { Capture } from '../../model/capture-values.js';
import type { JsonText } from '../../model/records.js';
import { cleanText } from '../../model/text.js';

const note = '[Not recorded: pandaprobe-ts was still being loaded]';

/**
 * The capture in use until the second file is loaded, on platforms that cannot load it synchronously. It records names, models
 * and tags, and a note in place of every value. With a mask, which cannot be called yet, it records no text either.
 */
export function namesOnly(isMasked: boolean): Capture {
  const value = (value: unknown): JsonText | undefined =>
    value === undefined ? undefined : (JSON.stringify(note) as JsonText);
  return {
    value,
    captured: value,
    text: (text, field) => (isMasked || field === 'error' ? note : cleanText(text)),
  };
}
