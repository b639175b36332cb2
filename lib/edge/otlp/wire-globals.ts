import { Buffer as Bytes } from '../globals.js';

export { process } from '../globals.js';

/** What protobuf is written with, beside the part of `Buffer` that everything else uses. The build gives it to `lib/otel/`. */
export class Buffer extends Bytes {
  static override from(source: string | ArrayBuffer, encoding?: 'hex' | 'base64' | number, length?: number): Buffer;
  static override from(source: never): Buffer;
  static override from(source: string | ArrayBuffer, encoding?: 'hex' | 'base64' | number, length?: number): Buffer {
    if (typeof source !== 'string') return new Buffer(source, encoding as number | undefined, length); // not a text: a place
    if (encoding === 'hex') return Buffer.#of(source.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    if (encoding === 'base64') return Buffer.#of([...atob(source)], (character) => character.charCodeAt(0));
    const { buffer, byteOffset, byteLength } = Bytes.from(source);
    return new Buffer(buffer, byteOffset, byteLength);
  }

  static override isBuffer(value: unknown): boolean {
    return value instanceof Buffer;
  }

  static allocUnsafe(length: number): Buffer {
    return new Buffer(length);
  }

  static allocUnsafeSlow(length: number): Buffer {
    return new Buffer(length);
  }

  static #of(parts: readonly string[], byteOf: (part: string) => number): Buffer {
    const bytes = new Buffer(parts.length);
    for (const [at, part] of parts.entries()) bytes[at] = byteOf(part);
    return bytes;
  }

  /** @returns how many bytes that were */
  copy(target: Uint8Array, at: number, start = 0, end = this.length): number {
    target.set(this.subarray(start, end), at);
    return end - start;
  }

  override write(text: string, at: number, encoding?: 'hex' | 'base64' | number): number {
    return typeof encoding === 'string' ? Buffer.from(text, encoding).copy(this, at) : super.write(text, at);
  }

  /** @returns where the next value stands, as each of these */
  writeBigUInt64LE(value: bigint, at: number): number {
    this.#view.setBigUint64(at, value, true);
    return at + 8;
  }

  writeUInt32LE(value: number, at: number): number {
    this.#view.setUint32(at, value, true);
    return at + 4;
  }

  writeDoubleLE(value: number, at: number): number {
    this.#view.setFloat64(at, value, true);
    return at + 8;
  }

  get #view(): DataView {
    return new DataView(this.buffer, this.byteOffset, this.byteLength);
  }
}
