import type { AgentOptions } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { https, tls } from '../../common/builtins.js';

/**
 * The application's TLS settings: the certificates it trusts and its own (client certificates). They must be passed to the worker,
 * because `--use-system-ca`, `tls.setDefaultCACertificates()` and `https.globalAgent` affect the main thread only.
 */
export interface TlsFacts {
  /** Trusted authorities. Undefined: those that are part of Node. */
  readonly ca: readonly (string | Uint8Array)[] | undefined;
  /** Other options of `https.globalAgent` and defaults of `node:tls`. */
  readonly options: SecureContextOptions;
  /** `false`: certificates are not checked. */
  readonly rejectUnauthorized: boolean | undefined;
}

/** Options that are taken from `https.globalAgent`. */
const followed = ['cert', 'key', 'passphrase', 'pfx', 'crl', 'ciphers', 'minVersion', 'maxVersion'] as const;

/**
 * The TLS settings of this thread at this moment; undefined when the platform cannot tell. Takes some milliseconds, and about
 * 100 ms if the certificates of the system are loaded.
 */
export function tlsFacts(): TlsFacts | undefined {
  try {
    return readFacts();
  } catch {
    return undefined; // a platform like Node, but without this API
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

/** Whether a value can be passed to a thread. */
function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isPlain);
  return typeof value === 'string' || value instanceof Uint8Array;
}

/** The certificates that are trusted by default; undefined when they are those that are part of Node. */
function defaultCertificates(): readonly string[] | undefined {
  const found = trustedHere();
  return found === undefined || isSame(found, tls().rootCertificates) ? undefined : found;
}

/** Undefined on Node before 22.15, which cannot tell. There the flags affect threads as well. */
function trustedHere(): readonly string[] | undefined {
  const { getCACertificates } = tls() as { getCACertificates?: (type: 'default') => string[] };
  return getCACertificates?.('default');
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}

/**
 * The settings as options of an agent, with one secure context for all connections. Without it, every connection would parse
 * all certificates again, and every request would look up its connection by their whole text.
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
    return checked; // for example the key does not fit its certificate: the request will fail with the reason
  }
}
