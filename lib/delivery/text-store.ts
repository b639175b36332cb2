/** Size of a slab, in bytes. */
const slabBytes = 262_144;
/** Empty slabs that are kept for the next text. */
const maxSpare = 16;
/** Places that are kept for the next text. */
const maxSparePlaces = 64;

/** Texts lie in it one behind the other. */
interface Slab {
  readonly bytes: Buffer;
  used: number;
  /** Texts that are still needed. */
  live: number;
}

/** Where a text lies in a store. */
export interface StoredText {
  slab: Slab;
  start: number;
  end: number;
}

/**
 * Texts outside the JavaScript heap, for a queue that is drained and dropped about in the order in which it is filled.
 *
 * ```
 *  slab 1  ▒▒▒▒▒▒▒▒▒▒▒▒   all given back: spare, and filled again
 *  slab 2  ▒▒▒▒▒▓▓▓▓▓▓▓   ▓ needed  ▒ given back
 *  slab 3  ▓▓▓▓▓·······   the current one
 * ```
 *
 * Why: strings that live for some seconds and are then dropped grow old in the heap, where V8 lets garbage come to several
 * times what is alive before it looks. A full queue of 64 MiB then takes 400 MB. Slabs are filled again without asking it.
 *
 * Invariant: a slab is spare exactly when none of its texts is needed and it is not the current one.
 */
export class TextStore {
  #current: Slab | undefined;
  readonly #spare: Slab[] = [];
  readonly #sparePlaces: StoredText[] = [];

  put(text: string): StoredText {
    const length = Buffer.byteLength(text);
    const slab = this.#withRoom(length);
    const start = slab.used;
    slab.bytes.write(text, start, 'utf8');
    slab.used += length;
    slab.live += 1;
    const end = slab.used;
    const place = this.#sparePlaces.pop();
    return place === undefined ? { slab, start, end } : Object.assign(place, { slab, start, end });
  }

  read({ slab, start, end }: StoredText): string {
    return slab.bytes.toString('utf8', start, end);
  }

  /** The text is not needed any more; it must not be read, nor given back again. */
  giveBack(place: StoredText): void {
    const { slab } = place;
    if (this.#sparePlaces.length < maxSparePlaces) this.#sparePlaces.push(place);
    slab.live -= 1;
    if (slab.live > 0) return;
    slab.used = 0;
    const isReusable = slab !== this.#current && slab.bytes.length === slabBytes;
    if (isReusable && this.#spare.length < maxSpare) this.#spare.push(slab);
  }

  #withRoom(length: number): Slab {
    if (length > slabBytes >> 1) return newSlab(length); // alone, and gone with its text
    const current = this.#current;
    if (current !== undefined && current.used + length <= slabBytes) return current;
    this.#current = this.#spare.pop() ?? newSlab(slabBytes);
    return this.#current;
  }
}

function newSlab(length: number): Slab {
  return { bytes: Buffer.allocUnsafeSlow(length), used: 0, live: 0 };
}
