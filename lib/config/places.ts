import { type Rule, textRule } from './rules.js';
import { isUsableFolder } from './usable-folder.js';

/** Addresses on this machine without a scheme, such as `localhost:8000`, `127.0.0.1:7263/probe`, `[::1]:80`. They mean `http`. */
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\]):\d+(\/|$)/i;

/**
 * The address of a backend; the slash at its end is dropped. URLs that a parser would silently repair (`http:/host`,
 * `http://https://host`, `http://8000`) are refused, because the data would go to an address that nobody wrote.
 */
export const endpoint = addressRule((given) => whole(given).replace(/\/+$/, ''));

/** Like {@link endpoint}, but slashes at the end are kept: requests go to this address, and no path is added to it. */
export const address = addressRule(whole);

function addressRule(take: (given: string) => string): Rule<string> {
  return textRule(
    'a whole address without query, such as https://traces.example.com or http://localhost:8000',
    isAddress,
    take,
  );
}

function isAddress(given: string): boolean {
  const text = whole(given);
  if (!/^https?:\/\/(?!\/)[^\s"'`\\?#]+$/i.test(text) || !URL.canParse(text)) return false;
  const { hostname, port } = new URL(text);
  const isNamed = isHost(hostname) && !/\/\/([^/@]*@)?\d+([:/]|$)/.test(text);
  return isNamed && port !== '0';
}

function whole(given: string): string {
  const text = given.trim();
  return loopback.test(text) ? `http://${text}` : text;
}

/** Whether it is a valid host name. A URL parser also accepts a comma, `{HOST}`, or a scheme that was written twice. */
function isHost(name: string): boolean {
  return /^(?!https?$)([a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(name);
}

/**
 * The path of a folder, absolute or relative, that is writable or can be created. `~` and `$HOME` are refused: no shell has
 * expanded them, and nobody means a folder of that name.
 */
export const directory = textRule(
  'the path of a folder that can be written to, without ~, $ and quotes',
  (given) => given.trim() !== '' && !/^[~"'`]|\$\w|\$\{|\0|^\w+:\/\//.test(given) && isUsableFolder(given),
);

/** What is wrong with the proxy that a request to `url` would use: a list with one line, or an empty list. */
export function proxyFault(environment: Readonly<Record<string, string>>, url: string): string[] {
  if (environment.NO_PROXY ?? environment.no_proxy) return []; // the proxy may not apply to this host
  const upper = /^https:/i.test(url) ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  // Under CGI, HTTP_PROXY comes from a header of the request.
  const isFromRequest = upper === 'HTTP_PROXY' && environment.REQUEST_METHOD !== undefined;
  const names = [upper.toLowerCase(), ...(isFromRequest ? [] : [upper]), 'all_proxy', 'ALL_PROXY'];
  const name = names.find((each) => (environment[each] ?? '').trim() !== '');
  if (name === undefined) return [];
  const proxy = (environment[name] ?? '').trim();
  const address = proxy.includes('://') ? proxy : `http://${proxy}`;
  const isFine =
    /^(https?|socks[45]?[ah]?):\/\/[^\s"'`\\]+$/i.test(address) &&
    URL.canParse(address) &&
    // The URL parser does not lower-case the host if it does not know the scheme.
    isHost(new URL(address).hostname.toLowerCase());
  return isFine
    ? []
    : [`${name}: expected the address of a proxy, such as http://proxy.example.com:3128, got something else`];
}
