/** Source: Node's errors of `connect` and `getaddrinfo`. */
const advice: readonly (readonly [code: RegExp, advice: string])[] = [
  [/^ECONNREFUSED\b/, 'nothing listens there: start it, or check endpoint'],
  [/^(ENOTFOUND|EAI_AGAIN)\b/, 'its name cannot be resolved: check endpoint and the DNS'],
  [/^(ETIMEDOUT|ECONNECTTIMEOUT)\b/, 'no answer in time: check the network and firewalls, or raise requestTimeoutMs'],
  [/^E[MN]FILE\b/, 'too many files and connections are open: close some, or raise the limit'],
  [/^(EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN)\b/, 'there is no way to it: check the network and endpoint'],
  [/CERT|^UNABLE_TO_|^CRL_|^INVALID_CA/, 'its certificate is not accepted: name the authority in NODE_EXTRA_CA_CERTS'],
];

/** Advice for a fault of the connection. @param detail - begins with the code of Node's error, and may name the proxy that was not reached */
export function adviceForCode(detail: string): string | undefined {
  const setting = /through the proxy \S+ \((\w+)\)/.exec(detail)?.[1] ?? 'endpoint';
  return advice.find(([code]) => code.test(detail))?.[1].replace('endpoint', setting);
}
