import { sharedMemory } from '../../common/builtins.js';
import { byteLength } from '../../model/capture-text.js';

/** Size of a slab, in bytes. */
const slabBytes = 262_144;
/** Empty slabs that are kept for the next text. */
const maxSpare = 16;
/** Bytes of empty larger slabs that are kept. */
const maxSpareLarge = 8 * 1_048_576;
/** Places that are kept for the next text. */
const maxSparePlaces = 64;
/** No character takes more bytes than this in UTF-8, counted per UTF-16 unit. */
const maxBytesPerUnit = 3;

/** Texts lie in it one behind the other. */
interface Slab {
  /** What the sender's thread is shown. */
  readonly shared: SharedArrayBuffer;
  readonly bytes: Buffer;
  used: number;
  /** Texts that are still needed. */
  live: number;
}

/** Where a text lies in a store, in UTF-8. */
export interface SlabText {
  slab: Slab;
  start: number;
  end: number;
}

/**
 * Texts in memory that the sender's thread sees too, for a queue that is drained and dropped about in the order in which
 * it is filled.
 *
 * ```
 *  slab 1  ▒▒▒▒▒▒▒▒▒▒▒▒   all given back: spare, and filled again
 *  slab 2  ▒▒▒▒▒▓▓▓▓▓▓▓   ▓ needed  ▒ given back
 *  slab 3  ▓▓▓▓▓·······   the current one
 * ```
 *
 * Why: a text is written once, as it will travel, and handing it over is three numbers; as a string in a message it is
 * copied four times, two of them on the application's thread. And strings that live for some seconds and are then dropped
 * grow old in the heap, where V8 lets garbage come to several times what is alive before it looks. Slabs are filled again
 * without asking it.
 *
 * A large text has a slab of its own. V8 does not count shared memory, so it would not hurry to free it: slabs are used again.
 *
 * Invariants: a slab is spare only when none of its texts is needed and it is not the current one; what lies in a text's
 * place does not change before it is given back, so the other thread may read it until then.
 */
export class SlabStore {
  #current: Slab | undefined;
  readonly #spare: Slab[] = [];
  readonly #spareLarge: Slab[] = [];
  #spareLargeBytes = 0;
  readonly #sparePlaces: SlabText[] = [];

  /** @throws RangeError when there is no memory for it */
  put(text: string): SlabText {
    let slab = this.#current;
    // Counting the bytes takes a look at every character, so only where they may not fit.
    if (slab === undefined || text.length * maxBytesPerUnit > slabBytes - slab.used) {
      slab = this.#withRoom(byteLength(text));
    }
    const start = slab.used;
    const end = start + slab.bytes.write(text, start);
    slab.used = end;
    slab.live += 1;
    const place = this.#sparePlaces.pop();
    if (place === undefined) return { slab, start, end };
    place.slab = slab;
    place.start = start;
    place.end = end;
    return place;
  }

  /** The text is not needed any more; it must not be read, nor given back again. */
  giveBack(place: SlabText): void {
    const { slab } = place;
    if (this.#sparePlaces.length < maxSparePlaces) this.#sparePlaces.push(place);
    slab.live -= 1;
    if (slab.live > 0) return;
    slab.used = 0;
    const { length } = slab.bytes;
    if (length > slabBytes) {
      if (this.#spareLargeBytes + length > maxSpareLarge) return;
      this.#spareLarge.push(slab);
      this.#spareLargeBytes += length;
    } else if (slab !== this.#current && this.#spare.length < maxSpare) this.#spare.push(slab);
  }

  #withRoom(length: number): Slab {
    if (length > slabBytes >> 1) return this.#alone(length);
    const current = this.#current;
    if (current !== undefined && current.used + length <= slabBytes) return current;
    this.#current = this.#spare.pop() ?? newSlab(slabBytes);
    return this.#current;
  }

  /** A slab for one text. Its size is a power of two, so that it will do for others, too. */
  #alone(length: number): Slab {
    const size = Math.max(2 * slabBytes, 2 ** Math.ceil(Math.log2(length)));
    const at = this.#spareLarge.findIndex(({ bytes }) => bytes.length === size);
    if (at < 0) return newSlab(size);
    this.#spareLargeBytes -= size;
    const [slab] = this.#spareLarge.splice(at, 1) as [Slab]; // it is there
    return slab;
  }
}

function newSlab(length: number): Slab {
  // Without shared memory there is no thread to show it to.
  const shared = sharedMemory(length) ?? (new ArrayBuffer(length) as unknown as SharedArrayBuffer);
  return { shared, bytes: Buffer.from(shared), used: 0, live: 0 };
}
