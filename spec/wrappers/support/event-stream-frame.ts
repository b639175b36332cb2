/*
 * A frame of an AWS event stream is
 *     uint32 length, uint32 length of the headers, CRC32 of both, headers, payload, CRC32 of all before
 * Source: Amazon event stream encoding.
 */

/** One frame with text headers. */
export function frame(headers: Readonly<Record<string, string>>, payload: string): Uint8Array {
  const head = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const size = Buffer.alloc(2);
      size.writeUInt16BE(value.length);
      return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([7]), size, Buffer.from(value)]);
    }),
  );
  const body = Buffer.from(payload);
  const start = Buffer.alloc(12);
  start.writeUInt32BE(16 + head.length + body.length, 0);
  start.writeUInt32BE(head.length, 4);
  start.writeUInt32BE(crc32(start.subarray(0, 8)), 8);
  const whole = Buffer.concat([start, head, body]);
  const end = Buffer.alloc(4);
  end.writeUInt32BE(crc32(whole));
  return Buffer.concat([whole, end]);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
