import type { AgentOptions } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { https, tls } from '../../common/builtins.js';

/**
 * What the application trusts and shows when it speaks TLS. A thread starts with what Node brings along: flags such as
 * `--use-system-ca`, `tls.setDefaultCACertificates()` and `https.globalAgent` reach the main thread alone.
 */
export interface TlsFacts {
  /** Undefined where they are those that Node brings along. */
  readonly ca: readonly (string | Uint8Array)[] | undefined;
  /** Whatever else `https.globalAgent` and the defaults of `node:tls` say. */
  readonly options: SecureContextOptions;
  /** `false`: certificates are not checked. */
  readonly rejectUnauthorized: boolean | undefined;
}

/** Options of `https.globalAgent` that are followed. */
const followed = ['cert', 'key', 'passphrase', 'pfx', 'crl', 'ciphers', 'minVersion', 'maxVersion'] as const;

/**
 * What is so on this thread, at this moment; undefined where the platform cannot tell. Takes some milliseconds, or a tenth of
 * a second for a system's own certificates.
 */
export function tlsFacts(): TlsFacts | undefined {
  try {
    return readFacts();
  } catch {
    return undefined; // one that is like Node but for this
  }
}

function readFacts(): TlsFacts {
  const { DEFAULT_CIPHERS, DEFAULT_MAX_VERSION, DEFAULT_MIN_VERSION } = tls();
  const given: AgentOptions = https().globalAgent.options;
  const options: Record<string, unknown> = {
    ciphers: DEFAULT_CIPHERS,
    minVersion: DEFAULT_MIN_VERSION,
    maxVersion: DEFAULT_MAX_VERSION,
  };
  for (const name of followed) if (isPlain(given[name])) options[name] = given[name];
  const own = isPlain(given.ca) ? [given.ca].flat() : [];
  const trusted = defaultCertificates();
  const ca = trusted === undefined && own.length === 0 ? undefined : [...(trusted ?? tls().rootCertificates), ...own];
  return { ca: ca as TlsFacts['ca'], options, rejectUnauthorized: given.rejectUnauthorized };
}

/** What can be handed to a thread. */
function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isPlain);
  return typeof value === 'string' || value instanceof Uint8Array;
}

/** The certificates that are trusted by default; undefined where those are what Node brings along. */
function defaultCertificates(): readonly string[] | undefined {
  const found = trustedHere();
  return found === undefined || isSame(found, tls().rootCertificates) ? undefined : found;
}

/** Undefined where Node cannot tell: before 22.15. There the flags hold for threads as well. */
function trustedHere(): readonly string[] | undefined {
  const { getCACertificates } = tls() as { getCACertificates?: (type: 'default') => string[] };
  return getCACertificates?.('default');
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}

/**
 * The same as options of an agent. Made once: each connection would read all certificates again, and each request would look
 * for its connection by the text of all of them.
 */
export function tlsOptions({ ca, options, rejectUnauthorized }: TlsFacts): AgentOptions {
  const checked = rejectUnauthorized === undefined ? {} : { rejectUnauthorized };
  const { createSecureContext, DEFAULT_CIPHERS, DEFAULT_MAX_VERSION, DEFAULT_MIN_VERSION } = tls();
  const defaults: SecureContextOptions = {
    ciphers: DEFAULT_CIPHERS,
    minVersion: DEFAULT_MIN_VERSION,
    maxVersion: DEFAULT_MAX_VERSION,
  };
  const names = Object.keys(options) as (keyof SecureContextOptions)[]; // all of them are from tlsFacts
  const hasOwnCa = ca !== undefined && !isSame(ca, trustedHere() ?? []);
  if (!hasOwnCa && names.every((name) => options[name] === defaults[name])) return checked;
  try {
    const trusted = ca === undefined ? {} : { ca: [...ca] as string[] }; // Node takes bytes as well as text
    return { ...checked, secureContext: createSecureContext({ ...options, ...trusted }) };
  } catch {
    return checked; // such as a key that does not fit its certificate: the request will say what is wrong
  }
}
