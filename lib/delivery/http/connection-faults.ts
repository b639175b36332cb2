import { errorText } from '../../common/error-text.js';

/** Faults before a request is written. Source: Node's errors of `connect` and `getaddrinfo`. */
const beforeWriting = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ECONNECTTIMEOUT',
]);

/** Advice for a certificate that is not trusted. */
const trustIt = 'the certificate is not trusted; name its authority in NODE_EXTRA_CA_CERTS, or use --use-system-ca';

/** Faults of TLS, and advice. Source: Node's documentation, *X509 certificate error codes*; OpenSSL's reasons. */
const advice: readonly (readonly [code: RegExp, text: string])[] = [
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_|CERT_UNTRUSTED|INVALID_CA|CERT_CHAIN_)/,
    trustIt,
  ],
  [/^CERT_HAS_EXPIRED$/, 'the certificate has expired, or the clock of this machine is wrong'],
  [/^CERT_NOT_YET_VALID$/, 'the certificate is not valid yet, or the clock of this machine is wrong'],
  [/^CERT_|^CRL_/, 'the certificate was refused'],
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    'the certificate is for another host; check the host in endpoint',
  ],
  [/wrong.version.number|packet.length.too.long|http.request/i, 'no TLS is spoken there; does endpoint want http:?'],
  [
    /^(EPROTO|ERR_SSL_).*(version|protocol)/i,
    'no version of TLS that both sides take; see --tls-min-v1.2 and its like',
  ],
  [/^(EPROTO|ERR_SSL_|ERR_TLS_)/, 'TLS failed'],
];

/** A fault of a connection. */
interface ConnectionFault {
  /** Such as `ECONNREFUSED`. */
  readonly code: string;
  /** What to do about it, if known. */
  readonly advice: string | undefined;
  /** Whether the backend may have got the request. */
  readonly mayHaveArrived: boolean;
}

/** Reads the error that ended a request. */
export function faultOf(error: unknown): ConnectionFault {
  const code = codeOf(error);
  // OpenSSL uses one code for all its errors: the reason is in the message.
  const text = code === 'EPROTO' ? `${code} ${errorText(error)}` : code;
  const known = advice.find(([pattern]) => pattern.test(text));
  return { code, advice: known?.[1], mayHaveArrived: known === undefined && !beforeWriting.has(code) };
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'UNKNOWN'; // libuv's name for it
}
