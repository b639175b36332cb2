import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Certificates for specs, valid for a hundred years: our own authority (its key was thrown away), and certificates that it has
 * signed: `server` for 127.0.0.1, localhost and backend.invalid; `elsewhere` for another host; `client` for a client.
 */
export function pathOf(name: 'ca' | 'server' | 'elsewhere' | 'client', kind: 'pem' | 'key' = 'pem'): string {
  return fileURLToPath(new URL(`./tls/${name}.${kind}`, import.meta.url));
}

/** The certificate of the authority. */
export const authority = readFileSync(pathOf('ca'), 'utf8');

/** Certificate and key, as options of a server or client. */
export function pair(name: 'server' | 'elsewhere' | 'client'): { cert: string; key: string } {
  return { cert: readFileSync(pathOf(name), 'utf8'), key: readFileSync(pathOf(name, 'key'), 'utf8') };
}
