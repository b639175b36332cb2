import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** A line of a file, and its number from 1. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

/** Some programs, above all on Windows, put it at the start of a file. */
const byteOrderMark = '\ufeff';

/**
 * The lines of a stream that are not blank, in groups as they arrive. Only a line feed ends a line, as in JSON Lines: other
 * separators may occur within a text.
 */
export async function* linesOf(input: Readable): AsyncGenerator<readonly Line[]> {
  let decoder: StringDecoder | undefined;
  let rest: string[] = [];
  let number = 0;
  const taken = (texts: readonly string[]): Line[] => {
    const first = number + 1;
    number += texts.length;
    return texts
      .map((text, at) => ({ text: first + at === 1 ? text.replace(byteOrderMark, '') : text, number: first + at }))
      .filter(({ text }) => text.trim() !== '');
  };
  for await (const chunk of input) {
    decoder ??= decoderFor(chunk as Buffer);
    const parts = decoder.write(chunk as Buffer).split('\n');
    const last = parts.pop() ?? '';
    if (parts.length > 0) {
      parts[0] = rest.join('') + parts[0];
      rest = [];
      const lines = taken(parts);
      if (lines.length > 0) yield lines;
    }
    rest.push(last);
  }
  const lines = taken([rest.join('') + (decoder?.end() ?? '')]);
  if (lines.length > 0) yield lines;
}

/** Files are UTF-8, but `>` of Windows PowerShell 5 writes UTF-16, with its byte order mark. */
function decoderFor(start: Buffer): StringDecoder {
  return new StringDecoder(start[0] === 0xff && start[1] === 0xfe ? 'utf16le' : 'utf8');
}
