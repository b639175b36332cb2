import { fs, path as paths } from '../common/builtins.js';
import { textRule } from './rules.js';

/** `localhost:8000`, `127.0.0.1:7263/probe`, `[::1]:80`: on this machine the scheme can only be `http`. */
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\]):\d+(\/|$)/i;

/**
 * The address of a backend; the slash at its end is dropped. What a URL parser would repair (`http:/host`, `http://https://host`,
 * `http://8000`) is refused: the data would go somewhere nobody wrote down.
 */
export const endpoint = textRule(
  'a whole address without query, such as https://traces.example.com or http://localhost:8000',
  (given) => {
    const text = whole(given);
    if (!/^https?:\/\/(?!\/)[^\s"'`\\?#]+$/i.test(text) || !URL.canParse(text)) return false;
    const { hostname, port } = new URL(text);
    const isNamed = isHost(hostname) && !/\/\/([^/@]*@)?\d+([:/]|$)/.test(text);
    return isNamed && port !== '0';
  },
  (given) => whole(given).replace(/\/+$/, ''),
);

function whole(given: string): string {
  const text = given.trim();
  return loopback.test(text) ? `http://${text}` : text;
}

/** Stricter than a parser, which accepts a comma, `{HOST}`, or a scheme that was written twice. */
function isHost(name: string): boolean {
  return /^(?!https?$)([a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(name);
}

/**
 * The path of a folder, absolute or relative, that is writable or can be made. `~` and `$HOME` are refused: no shell has expanded them,
 * and a folder of that name is not meant.
 */
export const directory = textRule(
  'the path of a folder that can be written to, without ~, $ and quotes',
  (given) => given.trim() !== '' && !/^[~"'`]|\$\w|\$\{|\0|^\w+:\/\//.test(given) && isUsable(paths().resolve(given)),
);

/** Faults that do not pass by themselves. A disk that is full or busy is no reason to record nothing. */
const lasting: ReadonlySet<unknown> = new Set(['ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG', 'ELOOP']);

/** Whether entries can be made in the folder, or in the nearest existing one above it. */
function isUsable(path: string): boolean {
  try {
    if (!fs().statSync(path).isDirectory()) return false;
    fs().accessSync(path, fs().constants.W_OK | fs().constants.X_OK);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // Node's fs throws nothing else
    if (code !== 'ENOENT') return !lasting.has(code);
    // A link that leads nowhere is there, and no folder can be made in its place.
    return fs().lstatSync(path, { throwIfNoEntry: false }) === undefined && isUsable(paths().dirname(path));
  }
}

/** What is wrong with the proxy a request to `url` would go through: a list of one line, or of none. */
export function proxyFault(environment: Readonly<Record<string, string>>, url: string): string[] {
  if (environment.NO_PROXY ?? environment.no_proxy) return []; // it may not apply
  const scheme = /^https:/i.test(url) ? 'https' : 'http';
  const names = [`${scheme}_proxy`, `${scheme}_proxy`.toUpperCase(), 'all_proxy', 'ALL_PROXY'];
  const name = names.find((each) => environment[each] !== undefined);
  const proxy = environment[name ?? '']?.trim();
  if (proxy === undefined) return [];
  const address = proxy.includes('://') ? proxy : `http://${proxy}`;
  const isFine =
    /^(https?|socks[45]?[ah]?):\/\/[^\s"'`\\]+$/i.test(address) &&
    URL.canParse(address) &&
    // Of schemes it does not know, a parser leaves the host's letters as they are.
    isHost(new URL(address).hostname.toLowerCase());
  return isFine
    ? []
    : [`${name}: expected the address of a proxy, such as http://proxy.example.com:3128, got something else`];
}
