/** How deep messages may be nested, and how many a request may have. Reading that many takes about 100 MB. */
const maxDepth = 110;
const maxMessages = 400_000;

/** Wire types. Source: Protocol Buffers documentation, *Encoding*. */
export const varintType = 0;
export const fixed64Type = 1;
export const bytesType = 2;
export const fixed32Type = 5;

/** Reads protobuf's wire format. Every method throws RangeError if the bytes are cut off or are not protobuf. */
export class ProtobufReader {
  readonly #bytes: Buffer;
  #at = 0;
  #end: number;
  #depth = 0;
  #messages = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /**
   * Calls `take` with the key of each field of the current message: its number times eight, plus its wire type. If `take` returns
   * false, it has read nothing, and the field is skipped.
   */
  fields(take: (key: number) => boolean): void {
    while (this.#at < this.#end) {
      const key = this.uint32();
      if (key >>> 3 === 0) throw new RangeError('a field has no number');
      if (!take(key)) this.#skip(key & 7);
    }
  }

  /** A nested message. */
  message<T>(read: (reader: this) => T): T {
    const outer = this.#end;
    const length = this.#length();
    this.#depth += 1;
    this.#messages += 1;
    if (this.#depth > maxDepth) throw new RangeError('messages are nested too deeply');
    if (this.#messages > maxMessages) throw new RangeError(`there are more than ${maxMessages} messages`);
    this.#end = this.#at + length;
    const value = read(this);
    this.#end = outer;
    this.#depth -= 1;
    return value;
  }

  text(): string {
    return this.#take(this.#length()).toString('utf8');
  }

  hex(): string {
    return this.#take(this.#length()).toString('hex');
  }

  base64(): string {
    return this.#take(this.#length()).toString('base64');
  }

  uint32(): number {
    const [low] = this.#varint();
    return low;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  boolean(): boolean {
    const [low, high] = this.#varint();
    return low !== 0 || high !== 0;
  }

  /** A signed integer of 64 bits in decimals. */
  int64(): string {
    const [low, high] = this.#varint();
    if (high === 0) return String(low);
    return ((BigInt(high | 0) << 32n) | BigInt(low)).toString();
  }

  /** An unsigned integer of 64 bits in decimals. */
  fixed64(): string {
    const bytes = this.#take(8);
    return bytes.readBigUInt64LE().toString();
  }

  fixed32(): number {
    return this.#take(4).readUInt32LE();
  }

  double(): number {
    return this.#take(8).readDoubleLE();
  }

  #length(): number {
    const [low, high] = this.#varint();
    if (high !== 0 || low > this.#end - this.#at) throw new RangeError('the message is cut short');
    return low;
  }

  #take(length: number): Buffer {
    if (length > this.#end - this.#at) throw new RangeError('the message is cut short');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #skip(type: number): void {
    if (type === varintType) this.#varint();
    else if (type === fixed64Type) this.#take(8);
    else if (type === bytesType) this.#take(this.#length());
    else if (type === fixed32Type) this.#take(4);
    else throw new RangeError(`there is no wire type ${type}`);
  }

  /** The low and the high 32 bits. */
  #varint(): readonly [number, number] {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw new RangeError('the message is cut short');
      const byte = this.#bytes[this.#at] as number; // in range
      this.#at += 1;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= bits << 31;
      if (byte < 0x80) return [low >>> 0, high >>> 0];
    }
    throw new RangeError('a number is too long');
  }
}
