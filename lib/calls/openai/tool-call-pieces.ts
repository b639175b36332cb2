import { fields, list, nonEmptyString, omitNullish } from '../read-unknown.js';

/** The part of a tool call that has arrived. */
interface PartialCall {
  readonly index: number;
  id: string | undefined;
  name: string;
  arguments: string;
}

/**
 * Assembles the tool calls of a choice from their pieces.
 *
 * A piece belongs to the call of its id; without one, or with an id and no name (some servers make a new id for each
 * piece), to the latest call at its index. Parallel calls may share an index, with an id each or, from servers that
 * give none, each whole in one piece.
 */
export class ToolCallPieces {
  readonly #calls: PartialCall[] = [];

  add(pieces: unknown): void {
    for (const [position, piece] of list(pieces).entries()) this.#add(piece, position);
  }

  /** The calls so far, in the order of their indexes. */
  whole(): readonly unknown[] {
    return this.#calls
      .toSorted((a, b) => a.index - b.index)
      .map(({ id, name, arguments: input }) => ({
        ...omitNullish({ id }),
        type: 'function',
        function: { name, arguments: input },
      }));
  }

  #add(piece: unknown, position: number): void {
    const { index: given, id: givenId, function: called, custom } = fields(piece);
    const index = typeof given === 'number' ? given : position;
    const id = nonEmptyString(givenId);
    const source = fields(called ?? custom);
    const name = nonEmptyString(source.name);
    const input = inputOf(source.arguments ?? source.input);
    const call = this.#callOf(index, id, name, input);
    if (call === undefined) {
      this.#calls.push({ index, id, name: name ?? '', arguments: input });
      return;
    }
    call.id ??= id;
    // Some servers repeat the name in every piece.
    if (call.name === '') call.name = name ?? '';
    call.arguments += input;
  }

  #callOf(index: number, id: string | undefined, name: string | undefined, input: string): PartialCall | undefined {
    const known = id === undefined ? undefined : this.#calls.findLast((call) => call.id === id);
    if (known !== undefined) return known;
    const latest = this.#calls.findLast((call) => call.index === index);
    if (latest === undefined || name === undefined || latest.name === '') return latest;
    if (id !== undefined) return latest.id === undefined ? latest : undefined;
    return input !== '' && isWhole(latest.arguments) ? undefined : latest;
  }
}

/** Arguments are JSON text; some servers send the object itself. */
function inputOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : (JSON.stringify(value) ?? '');
}

function isWhole(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}
