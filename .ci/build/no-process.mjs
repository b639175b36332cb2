// Puts no-process.js in front of the builds for browsers and edge runtimes, because many of them have no global `process`.
import { readFile } from 'node:fs/promises';

const front = await readFile(new URL('no-process.js', import.meta.url), 'utf8');

export function noProcess(kind) {
  return {
    name: 'no-process',
    renderChunk: (code) => (kind === 'browser' && /\bprocess\b/.test(code) ? `${front}${code}` : null),
  };
}
