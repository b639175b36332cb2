/** A URL without user and password, and a header with them. */
interface WithoutLogin {
  readonly url: string;
  readonly headers: { readonly Authorization?: string };
}

/** Moves user and password from a URL into a header, because `fetch` refuses a URL with them. */
export function withoutLogin(given: string): WithoutLogin {
  const url = new URL(given);
  const login = `${percentDecoded(url.username)}:${percentDecoded(url.password)}`;
  if (login === ':') return { url: given, headers: {} };
  const headers = { Authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  return { url: given.replace(/\/\/[^/]*@/, '//'), headers };
}

/** Decodes a part of a URL; returns it unchanged if it is not percent-encoded properly. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
