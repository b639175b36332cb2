import { bytesType, fixed32Type, fixed64Type, varintType } from './protobuf-reader.js';

const firstBytes = 16_384;
/** Where messages are taken one by one, many share a buffer. */
const sharedBytes = 65_536;
/** Most bytes of a field's key and a length or a number together. */
const most = 16;

/**
 * Writes protobuf's wire format, front to back into one buffer that grows. The length of a message stands before it: one byte is
 * left for it, and what was written moves where it needs more.
 */
export class ProtobufWriter {
  #bytes = Buffer.allocUnsafe(firstBytes);
  #start = 0;
  #at = 0;

  /** What was written. The writer is of no use after it. */
  finish(): Buffer {
    return this.#bytes.subarray(this.#start, this.#at);
  }

  /** What was written since the last time. */
  take(): Buffer {
    const taken = this.finish();
    this.#start = this.#at;
    if (this.#bytes.length - this.#at < firstBytes) {
      this.#bytes = Buffer.allocUnsafeSlow(sharedBytes);
      this.#start = this.#at = 0;
    }
    return taken;
  }

  message(field: number, write: () => void): void {
    this.#need(most);
    this.#varint(field * 8 + bytesType);
    const start = this.#at + 1;
    this.#at = start;
    write();
    const length = this.#at - start;
    const more = varintBytes(length) - 1;
    this.#need(more);
    if (more > 0) this.#bytes.copyWithin(start + more, start, this.#at);
    this.#at = start - 1;
    this.#varint(length);
    this.#at += length;
  }

  text(field: number, text: string): void {
    this.#need(text.length * 3 + most);
    this.#sized(field, Buffer.byteLength(text), text);
  }

  /** A message that holds a text as field 1, and as field 2 a message with a text as field 1: most attributes are such. */
  pair(field: number, key: string, text: string): void {
    const keyBytes = Buffer.byteLength(key);
    const textBytes = Buffer.byteLength(text);
    const inner = 1 + varintBytes(textBytes) + textBytes;
    this.#need(keyBytes + inner + 4 * most);
    this.#varint(field * 8 + bytesType);
    this.#varint(1 + varintBytes(keyBytes) + keyBytes + 1 + varintBytes(inner) + inner);
    this.#sized(1, keyBytes, key);
    this.#varint(2 * 8 + bytesType);
    this.#varint(inner);
    this.#sized(1, textBytes, text);
  }

  /** A message that was written before. */
  written(field: number, message: Buffer): void {
    this.#need(message.length + most);
    this.#varint(field * 8 + bytesType);
    this.#varint(message.length);
    this.#at += message.copy(this.#bytes, this.#at);
  }

  /** Bytes that are given as `encoding`. */
  bytes(field: number, text: string, encoding: 'hex' | 'base64'): void {
    if (text.length < 0x80 && field < 16) {
      this.#need(text.length + most);
      const length = this.#bytes.write(text, this.#at + 2, encoding);
      this.#byte(field * 8 + bytesType);
      this.#byte(length);
      this.#at += length;
      return;
    }
    const bytes = Buffer.from(text, encoding);
    this.#need(bytes.length + most);
    this.#varint(field * 8 + bytesType);
    this.#varint(bytes.length);
    this.#at += bytes.copy(this.#bytes, this.#at);
  }

  uint32(field: number, value: number): void {
    this.#need(most);
    this.#varint(field * 8 + varintType);
    this.#varint(value);
  }

  /** A signed integer of 64 bits, given in decimals. */
  int64(field: number, decimals: string): void {
    const number = Number(decimals);
    if (number >= 0 && number <= Number.MAX_SAFE_INTEGER) {
      this.uint32(field, number);
      return;
    }
    this.#need(most);
    this.#varint(field * 8 + varintType);
    let value = BigInt.asUintN(64, BigInt(decimals));
    for (; value > 0x7fn; value >>= 7n) this.#byte(Number(value & 0x7fn) | 0x80);
    this.#byte(Number(value));
  }

  fixed64(field: number, decimals: string): void {
    this.#need(most);
    this.#varint(field * 8 + fixed64Type);
    this.#at = this.#bytes.writeBigUInt64LE(BigInt(decimals), this.#at);
  }

  fixed32(field: number, value: number): void {
    this.#need(most);
    this.#varint(field * 8 + fixed32Type);
    this.#at = this.#bytes.writeUInt32LE(value, this.#at);
  }

  double(field: number, value: number): void {
    this.#need(most);
    this.#varint(field * 8 + fixed64Type);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  #sized(field: number, bytes: number, text: string): void {
    this.#varint(field * 8 + bytesType);
    this.#varint(bytes);
    this.#at += this.#bytes.write(text, this.#at, bytes);
  }

  /** A number from 0 to 2^53. */
  #varint(value: number): void {
    let left = value;
    for (; left > 0x7f; left = Math.floor(left / 0x80)) this.#byte((left % 0x80) | 0x80);
    this.#byte(left);
  }

  #byte(value: number): void {
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }

  #need(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let left = value; left > 0x7f; left = Math.floor(left / 0x80)) bytes += 1;
  return bytes;
}
