import { mediaPart } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';

/* Images and videos of Imagen and Veo: the client's `Image` and `Video`. */

/** A part with the address or size of each image. */
export function imageParts(...images: readonly unknown[]): readonly Fields[] {
  // An image that was filtered out is an empty object.
  return images.map(fields).flatMap(({ gcsUri, imageBytes, mimeType }): Fields | readonly Fields[] => {
    return (gcsUri ?? imageBytes) ? mediaPart('image', { mimeType, url: gcsUri, base64: imageBytes }) : [];
  });
}

/** A part with the address or size of each video. */
export function videoParts(...videos: readonly unknown[]): readonly Fields[] {
  return videos.map(fields).flatMap(({ uri, videoBytes, mimeType }): Fields | readonly Fields[] => {
    return (uri ?? videoBytes) ? mediaPart('video', { mimeType, url: uri, base64: videoBytes }) : [];
  });
}

/** The images in objects that have each in a field of this name. */
export function heldImages(holders: unknown, name: string): readonly Fields[] {
  return list(holders).flatMap((holder) => imageParts(fields(holder)[name]));
}

/** Why images or videos are missing, in the provider's words. */
export function filterReasons(reasons: readonly unknown[]): readonly string[] | undefined {
  const told = reasons.flatMap((reason) => nonEmptyString(reason) ?? []);
  return told.length === 0 ? undefined : told;
}
