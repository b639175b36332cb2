import { sharedMemory } from '../../common/builtins.js';
import { byteLength } from '../../model/capture-text.js';
import { maxBytesPerUnit } from '../../model/text.js';

/** Size of a slab, in bytes. */
const slabBytes = 262_144;
/** Most empty slabs that are kept for reuse. */
const maxSpare = 16;
/** Most bytes of empty larger slabs that are kept. */
const maxSpareLarge = 8 * 1_048_576;
/** Most unused `SlabText` objects that are kept. */
const maxSparePlaces = 64;

/** A piece of memory in which texts lie one behind the other. */
interface Slab {
  /** The same memory, to be passed to the worker. */
  readonly shared: SharedArrayBuffer;
  readonly bytes: Buffer;
  used: number;
  /** Number of texts that are still needed. */
  live: number;
}

/** Where a text lies in a store, in UTF-8. */
export interface SlabText {
  slab: Slab;
  start: number;
  end: number;
}

/**
 * A slab allocator for texts, in memory that the worker sees, too. It suits a queue that is emptied about in the order in which it
 * is filled.
 *
 * ```
 *  slab 1  ▒▒▒▒▒▒▒▒▒▒▒▒   all given back: spare, will be filled again
 *  slab 2  ▒▒▒▒▒▓▓▓▓▓▓▓   ▓ needed  ▒ given back
 *  slab 3  ▓▓▓▓▓·······   the current one
 * ```
 *
 * Why: a text is written once, as UTF-8, and three numbers pass it to the worker. A string in a message is copied four times, two
 * of them on the application's thread. And strings that live a few seconds are promoted to V8's old generation, where garbage may
 * reach several times the live size before a collection. Reused slabs avoid that.
 *
 * A large text has a slab of its own. Large slabs are reused as well, because V8 does not count shared memory and is slow to free
 * it.
 *
 * Invariants: a slab is spare only if none of its texts is needed and it is not the current one. The bytes of a text do not change
 * before it is given back, so the worker may read them until then.
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
    // Bytes are counted only if the text may not fit, because counting reads every character.
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

  /** Frees a text. It must not be read, nor given back again. */
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

  /** A slab for one text. Its size is a power of two, so that it can be reused for other texts. */
  #alone(length: number): Slab {
    const size = Math.max(2 * slabBytes, 2 ** Math.ceil(Math.log2(length)));
    const at = this.#spareLarge.findIndex(({ bytes }) => bytes.length === size);
    if (at < 0) return newSlab(size);
    this.#spareLargeBytes -= size;
    const [slab] = this.#spareLarge.splice(at, 1) as [Slab]; // `at` is its index
    return slab;
  }
}

function newSlab(length: number): Slab {
  // Without shared memory there is no worker thread, so plain memory will do.
  const shared = sharedMemory(length) ?? (new ArrayBuffer(length) as unknown as SharedArrayBuffer);
  return { shared, bytes: Buffer.from(shared), used: 0, live: 0 };
}
