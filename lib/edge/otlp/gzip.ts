/* Stands for `lib/delivery/otlp/gzip.ts`: with the runtime's own streams, where it has them. */

export const canGzip = (): boolean => typeof CompressionStream === 'function';

export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Buffer> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return Buffer.from(await new Response(stream).arrayBuffer());
}
