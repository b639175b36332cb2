import { mediaPart } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';

/* Pictures and films of Imagen and Veo: the client's `Image` and `Video`. */

/** The address or size of a picture; undefined for anything else. */
export function pictureParts(...pictures: readonly unknown[]): readonly Fields[] {
  // One that was filtered out is an empty object.
  return pictures.map(fields).flatMap(({ gcsUri, imageBytes, mimeType }): Fields | readonly Fields[] => {
    return (gcsUri ?? imageBytes) ? mediaPart('image', { mimeType, url: gcsUri, base64: imageBytes }) : [];
  });
}

/** As {@link pictureParts}, for a film. */
export function filmParts(...films: readonly unknown[]): readonly Fields[] {
  return films.map(fields).flatMap(({ uri, videoBytes, mimeType }): Fields | readonly Fields[] => {
    return (uri ?? videoBytes) ? mediaPart('video', { mimeType, url: uri, base64: videoBytes }) : [];
  });
}

/** The pictures that objects hold under one of some names. */
export function heldPictures(holders: unknown, ...names: readonly string[]): readonly Fields[] {
  return list(holders).flatMap((holder) => names.flatMap((name) => pictureParts(fields(holder)[name])));
}

/** Why pictures or films are missing: the provider's own words. */
export function filterReasons(reasons: readonly unknown[]): readonly string[] | undefined {
  const told = reasons.flatMap((reason) => nonEmptyString(reason) ?? []);
  return told.length === 0 ? undefined : told;
}
