/* Node's globals that other runtimes may not have. The edge build uses these instead. */

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder();

/** The part of Node's `Buffer` that this package uses. */
export class Buffer extends Uint8Array {
  static override from(source: string | ArrayBuffer, at?: number, length?: number): Buffer;
  static override from(source: never): Buffer;
  static override from(source: string | ArrayBuffer, at?: number, length?: number): Buffer {
    if (typeof source === 'string') {
      const { buffer, byteOffset, byteLength } = encoder.encode(source);
      return new Buffer(buffer, byteOffset, byteLength);
    }
    return new Buffer(source, at, length);
  }

  static alloc(length: number): Buffer {
    return new Buffer(length);
  }

  static allocUnsafeSlow(length: number): Buffer {
    return new Buffer(length);
  }

  static byteLength(text: string | Uint8Array): number {
    if (typeof text !== 'string') return text.length;
    let bytes = text.length;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit < 0x80) continue;
      bytes += unit < 0x800 ? 1 : 2;
      if (unit < 0xd800 || unit > 0xdbff) continue;
      const next = text.charCodeAt(at + 1);
      if (next < 0xdc00 || next > 0xdfff) continue;
      at += 1; // a pair is four bytes: its two units and two more
    }
    return bytes;
  }

  static concat(parts: readonly Uint8Array[]): Buffer {
    const whole = new Buffer(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  static isBuffer(value: unknown): boolean {
    const own = (globalThis as { Buffer?: { isBuffer(value: unknown): boolean } }).Buffer;
    return own?.isBuffer(value) === true;
  }

  /** Writes a text in UTF-8. @returns the number of bytes */
  write(text: string, at: number): number {
    return encoder.encodeInto(text, this.subarray(at)).written;
  }

  override toString(encoding?: 'hex' | 'base64'): string {
    if (encoding === 'hex') return Array.from(this, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return encoding === 'base64' ? btoa(String.fromCharCode(...this)) : decoder.decode(this);
  }
}

/** The part of `process` that this package uses: the variables, and stderr for the log. */
export const process = {
  get env(): object {
    return (globalThis as { process?: { env?: object } }).process?.env ?? {};
  },
  stderr: { write: (text: string): void => console.error(text.replace(/\n$/, '')) },
};
