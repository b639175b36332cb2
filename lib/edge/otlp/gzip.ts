/* Replaces `lib/delivery/otlp/gzip.ts`: compresses with the runtime's own streams, if it has them. */

export const canGzip = (): boolean => typeof CompressionStream === 'function';

export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Buffer> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return Buffer.from(await new Response(stream).arrayBuffer());
}
