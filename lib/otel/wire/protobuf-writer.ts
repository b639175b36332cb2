import { maxBytesPerUnit } from '../../model/text.js';
import { bytesType, fixed32Type, fixed64Type, varintType } from './protobuf-reader.js';

const firstBytes = 16_384;
/** Most bytes of the head of a field: its key, and a length or a number. */
const maxHeadBytes = 16;
/** Up to this length, a loop over the characters is faster than the engine's own encoder. */
const maxLoopChars = 32;

/**
 * Writes protobuf's wire format, front to back into one buffer that grows. A message's length is in front of it: some bytes are
 * reserved for the length, and if it needs more or fewer, the message is moved. Field numbers are below 16, so that a key is one
 * byte, except for `flags`.
 */
export class ProtobufWriter {
  #bytes: Buffer;
  #at = 0;

  /** @param bytes - an estimate of the final size */
  constructor(bytes = firstBytes) {
    this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#at;
  }

  /** A view of the bytes from `start` to `end`. Writes after them do not change them. */
  slice(start = 0, end = this.#at): Buffer {
    return this.#bytes.subarray(start, end);
  }

  /** Removes everything written after a position. */
  truncate(length: number): void {
    this.#at = length;
  }

  /**
   * Begins a message.
   * @param lengthBytes - bytes that its length will probably take: 1 below 128 bytes, 2 below 16 KiB
   * @returns for `close`
   */
  open(field: number, lengthBytes: number): number {
    this.#need(maxHeadBytes);
    this.#byte(field * 8 + bytesType);
    this.#at += lengthBytes;
    return this.#at;
  }

  /** Writes the key and length of a message. Its bytes may be written elsewhere. */
  head(field: number, length: number): void {
    this.#need(maxHeadBytes);
    this.#byte(field * 8 + bytesType);
    this.#varint(length);
  }

  /** Ends a message. */
  close(start: number, lengthBytes: number): void {
    const length = this.#at - start;
    const more = varintBytes(length) - lengthBytes;
    if (more !== 0) {
      this.#need(maxHeadBytes);
      this.#bytes.copyWithin(start + more, start, this.#at);
    }
    this.#at = start - lengthBytes;
    this.#varint(length);
    this.#at += length;
  }

  text(field: number, text: string): void {
    this.#need(text.length * maxBytesPerUnit + maxHeadBytes);
    const start = this.#at;
    // Most texts are ASCII and have as many bytes as characters. Other texts are written again, after their real length.
    for (let bytes = text.length; ; ) {
      this.#byte(field * 8 + bytesType);
      this.#varint(bytes);
      const written = this.#write(text);
      if (written === bytes) return;
      bytes = written;
      this.#at = start;
    }
  }

  /** An attribute with a text: a message with its name as field 1, and as field 2 a message with the text as field 1. */
  textAttribute(field: number, key: string, text: string): void {
    const keyField = fieldOf(key);
    this.#need(keyField.length + text.length * maxBytesPerUnit + 4 * maxHeadBytes);
    const start = this.#at;
    for (let bytes = text.length; ; ) {
      const inner = 1 + varintBytes(bytes) + bytes;
      this.#byte(field * 8 + bytesType);
      this.#varint(keyField.length + 1 + varintBytes(inner) + inner);
      this.#copy(keyField);
      this.#byte(2 * 8 + bytesType);
      this.#varint(inner);
      this.#byte(8 + bytesType);
      this.#varint(bytes);
      const written = this.#write(text);
      if (written === bytes) return;
      bytes = written;
      this.#at = start;
    }
  }

  /** Begins an attribute; its value must be written next. @returns the argument for `close`, with one byte for the length */
  openAttribute(field: number, key: string): number {
    const start = this.open(field, 1);
    const keyField = fieldOf(key);
    this.#need(keyField.length);
    this.#copy(keyField);
    return start;
  }

  /** Writes bytes given as hexadecimal digits; fewer than 128 bytes. */
  hex(field: number, digits: string): void {
    const length = digits.length >> 1;
    this.#need(length + maxHeadBytes);
    this.#byte(field * 8 + bytesType);
    this.#byte(length);
    for (let at = 0; at < digits.length; at += 2)
      this.#byte((nibble(digits.charCodeAt(at)) << 4) | nibble(digits.charCodeAt(at + 1)));
  }

  /** A whole number from 0 to 2^53, in a field of 32 or 64 bits. */
  uint(field: number, value: number): void {
    this.#need(maxHeadBytes);
    this.#byte(field * 8 + varintType);
    this.#varint(value);
  }

  /** A whole number that a double holds exactly, as a signed integer of 64 bits. */
  int64(field: number, value: number): void {
    if (value >= 0) {
      this.uint(field, value);
      return;
    }
    this.#need(maxHeadBytes);
    this.#byte(field * 8 + varintType);
    let left = BigInt.asUintN(64, BigInt(value));
    for (; left > 0x7fn; left >>= 7n) this.#byte(Number(left & 0x7fn) | 0x80);
    this.#byte(Number(left));
  }

  /** Microseconds in nanoseconds, from 0 to 2^63. */
  nanos(field: number, micros: number): void {
    this.#need(maxHeadBytes);
    this.#byte(field * 8 + fixed64Type);
    const low = (micros % 2 ** 32) * 1000;
    this.#word(low % 2 ** 32);
    this.#word(Math.floor(micros / 2 ** 32) * 1000 + Math.floor(low / 2 ** 32));
  }

  /** `field` is 16 or more. */
  fixed32(field: number, value: number): void {
    this.#need(maxHeadBytes);
    this.#varint(field * 8 + fixed32Type);
    this.#word(value);
  }

  double(field: number, value: number): void {
    this.#need(maxHeadBytes);
    this.#byte(field * 8 + fixed64Type);
    oneDouble[0] = value;
    for (const byte of bytesOfDouble) this.#byte(byte);
  }

  /** Writes UTF-8. @returns the number of bytes */
  #write(text: string): number {
    const { length } = text;
    const start = this.#at;
    if (length <= maxLoopChars) {
      let at = 0;
      for (; at < length; at += 1) {
        const unit = text.charCodeAt(at);
        if (unit > 0x7f) break;
        this.#bytes[start + at] = unit;
      }
      if (at === length) {
        this.#at = start + length;
        return length;
      }
    }
    const written = this.#bytes.write(text, start);
    this.#at = start + written;
    return written;
  }

  #copy(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** A number from 0 to 2^53. */
  #varint(value: number): void {
    let left = value;
    for (; left > 0x7f; left = Math.floor(left / 0x80)) this.#byte((left % 0x80) | 0x80);
    this.#byte(left);
  }

  /** Four bytes. */
  #word(value: number): void {
    this.#byte(value);
    this.#byte(value >>> 8);
    this.#byte(value >>> 16);
    this.#byte(value >>> 24);
  }

  /** The low eight bits. */
  #byte(value: number): void {
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }

  #need(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + bytes));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}

/** The bytes of a double: little-endian, as in protobuf, on every platform with JavaScript today. */
const oneDouble = new Float64Array(1);
const bytesOfDouble = new Uint8Array(oneDouble.buffer);

/** Most attribute names that are cached, because names of model parameters come from the program. */
const maxNames = 500;
const fields = new Map<string, Uint8Array>();

/** The bytes of a name as field 1, `key`, of a `KeyValue`. */
function fieldOf(name: string): Uint8Array {
  const known = fields.get(name);
  if (known !== undefined) return known;
  const writer = new ProtobufWriter(name.length * maxBytesPerUnit + maxHeadBytes);
  writer.text(1, name);
  if (fields.size >= maxNames) fields.clear();
  const field = writer.slice();
  fields.set(name, field);
  return field;
}

function nibble(digit: number): number {
  return digit <= 0x39 ? digit & 0xf : (digit & 0xf) + 9;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let left = value; left > 0x7f; left = Math.floor(left / 0x80)) bytes += 1;
  return bytes;
}
