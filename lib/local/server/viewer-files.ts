import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type Answer, refusal } from './answer.js';

/** Only files of these kinds are given out. */
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Allows only this server's own files: no inline script, no other address, no frame around the page. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'Content-Security-Policy': policy,
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  // The browser asks each time, and gets 304 if the file has not changed.
  'Cache-Control': 'no-cache',
};

/** The file of the viewer at this path; undefined when there is none. */
export async function viewerFile(
  folder: string,
  path: string,
  ifNoneMatch: string | undefined,
): Promise<Answer | undefined> {
  const name = path === '/' ? 'index.html' : path.slice(1);
  const type = types[extname(name)];
  // Only words, dots within words, and slashes: no path out of the folder, and no hidden file.
  if (type === undefined || !/^(?:[\w-]+\/)*[\w-][\w.-]*$/.test(name)) return undefined;
  let body: Buffer;
  try {
    body = await readFile(join(folder, name));
  } catch {
    return path === '/' ? refusal(404, 'This copy of the package lacks the viewer. The API works.') : undefined;
  }
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  if (ifNoneMatch === etag) return { status: 304, headers: { ...headers, ETag: etag } };
  return { status: 200, body, headers: { ...headers, 'Content-Type': type, ETag: etag } };
}
