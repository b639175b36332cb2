import { type Item, type ItemKind, itemKinds } from '../queue/item.js';

/**
 * One item as one line of a spool file:
 *
 * ```
 *  17 ⇥ trace ⇥ 0f8fad5b-… ⇥ {"trace_id":…} ⇥ [{"span_id":…}] ⏎
 *  id   kind    trace id      its request bodies, in order
 * ```
 *
 * The kind of an update is `+trace` or `+spans`, that of spans which wait for the end of their trace `!spans`, that of spans of
 * another process's trace `~spans`.
 *
 * In JSON, raw tabs and line ends occur only as whitespace between tokens, where they can become spaces. So both are safe
 * separators.
 */
export interface SpoolLine {
  /** The item's number in the process that wrote it. */
  readonly id: number;
  readonly kind: ItemKind;
  readonly traceId: string;
  readonly bodies: readonly string[];
  /** See {@link Item.isUpdate}. */
  readonly isUpdate: boolean;
  /** See {@link Item.isUncertain}. */
  readonly isUncertain: boolean;
  /** See {@link Item.isRemote}. */
  readonly isRemote: boolean;
  /** Offset of the line in its file, in bytes. */
  readonly at: number;
}

const lineEnd = 0x0a;

/** The line of an item, with its line end. */
export function writeLine(item: Omit<SpoolLine, 'at'>): string {
  return `${item.id}\t${markOf(item)}${item.kind}\t${encodeURIComponent(item.traceId)}\t${item.bodies.map(onOneLine).join('\t')}\n`;
}

/**
 * Reads the complete lines of `bytes`, which begin at offset `at` of their file. Damaged lines are skipped: torn by a kill, or left by
 * a crash of the machine.
 * @returns the lines, and the number of bytes of all lines, skipped ones included
 */
export function readLines(bytes: Buffer, at: number): { readonly lines: SpoolLine[]; readonly length: number } {
  const lines: SpoolLine[] = [];
  let start = 0;
  for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, start)) {
    const line = parseLine(bytes.toString('utf8', start, end), at + start);
    if (line !== undefined) lines.push(line);
    start = end + 1;
  }
  return { lines, length: start };
}

function parseLine(text: string, at: number): SpoolLine | undefined {
  const [id = '', marked = '', traceId = '', ...bodies] = text.split('\t');
  const kind = marked.replace(/^[+!~]/, '');
  const isWhole = /^\d+$/.test(id) && isKind(kind) && bodies.length > 0 && bodies.every(isClosed);
  if (!isWhole) return undefined;
  try {
    return { id: Number(id), kind, traceId: decodeURIComponent(traceId), bodies, ...flagsOf(marked), at };
  } catch {
    return undefined;
  }
}

function markOf({ isUpdate, isUncertain, isRemote }: Omit<SpoolLine, 'at'>): string {
  if (isUpdate) return '+';
  if (isRemote) return '~';
  return isUncertain ? '!' : '';
}

function flagsOf(marked: string): Pick<SpoolLine, 'isUpdate' | 'isUncertain' | 'isRemote'> {
  return { isUpdate: marked.startsWith('+'), isUncertain: marked.startsWith('!'), isRemote: marked.startsWith('~') };
}

function isKind(text: string): text is ItemKind {
  return itemKinds.some((kind) => kind === text);
}

function isClosed(body: string): boolean {
  return (body.startsWith('{') && body.endsWith('}')) || (body.startsWith('[') && body.endsWith(']'));
}

function onOneLine(body: string): string {
  return body.includes('\n') || body.includes('\t') ? body.replace(/[\n\t]/g, ' ') : body;
}
