import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { type Answer, refusal } from './answer.js';

/** Access control of the local server. */
export interface GateSettings {
  /** The key that every call must carry; undefined to accept any key, which is safe only on this machine. */
  readonly key: string | undefined;
  /** Host names under which this server may be called, besides its loopback addresses, in lower case. */
  readonly hosts: readonly string[];
  /** Whether it may be called by any IP address. A web page that attacks it needs a host name. */
  readonly anyAddress: boolean;
}

/**
 * Refuses requests that a page on the internet could send through the browser of this machine: those to a host name that was made
 * to point here (`Host`), and those from a page of another origin (`Origin`, `Sec-Fetch-Site`). There are no CORS headers, so no
 * other page can read an answer either. Returns undefined if the request is allowed.
 */
export function checkOrigin(request: IncomingMessage, settings: GateSettings): Answer | undefined {
  const { host, origin } = request.headers;
  const name = hostName(host);
  if (host === undefined || name === undefined || !isOwnName(name, settings)) {
    return refusal(
      403,
      `This server does not answer to the name ${JSON.stringify(host ?? '')}. Allow it with --allow-host.`,
    );
  }
  const isOwn = origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
  if (!isOwn) return refusal(403, 'This server answers to its own pages only, not to those of another origin.');
  const site = request.headers['sec-fetch-site'];
  // A link to the viewer is harmless: the page with the link cannot see the answer.
  const isLink = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isLink) {
    return refusal(403, 'This server answers to its own pages only, not to those of another site.');
  }
  return undefined;
}

/** Refuses a call without a key, as the backend does, and one with a wrong key if a key is set. */
export function checkKey(request: IncomingMessage, settings: GateSettings): Answer | undefined {
  const bearer = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const given = request.headers['x-api-key'] ?? bearer;
  if (typeof given !== 'string' || given === '') {
    return refusal(
      401,
      'Missing credentials. Provide Authorization: Bearer <token> (with X-Project-ID) or X-API-Key header.',
    );
  }
  if (settings.key !== undefined && !isSame(given, settings.key)) return refusal(401, 'Invalid or revoked API key.');
  return undefined;
}

/** Whether an address can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function isOwnName(name: string, settings: GateSettings): boolean {
  if (isLoopback(name) || name.endsWith('.localhost') || settings.hosts.includes(name)) return true;
  return settings.anyAddress && isIP(name) !== 0;
}

/** `localhost` of `LOCALHOST:7263`, `::1` of `[::1]`. */
function hostName(host: string | undefined): string | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host ?? '');
  return (found?.[1] ?? found?.[2])?.toLowerCase();
}

/** Compares keys in constant time, so that the time reveals nothing about the right key. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
