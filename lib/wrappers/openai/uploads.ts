import { mediaPart } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';

/** A file in a request (a `File`, `Blob`, read stream or `Response`): its name and size, never its content. */
export function uploadPart(type: 'image' | 'audio' | 'file', upload: unknown): Fields {
  const { name, path, size, type: mimeType } = fields(upload);
  const file = nonEmptyString(name) ?? nonEmptyString(path)?.replace(/^.*[/\\]/, '');
  return {
    ...mediaPart(type, { name: file, mimeType }),
    ...(typeof size === 'number' ? { size_bytes: size } : {}),
  };
}

/** One file or several. */
export function uploadParts(type: 'image' | 'audio' | 'file', uploads: unknown): readonly Fields[] {
  const all = Array.isArray(uploads) ? list(uploads) : uploads === undefined || uploads === null ? [] : [uploads];
  return all.map((upload) => uploadPart(type, upload));
}
