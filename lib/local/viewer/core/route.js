// The open page, kept in the address bar: `#/traces?status=ERROR&q=plan`, `#/trace/<id>?span=<id>`.

/** @import {PageRoute} from '../shapes.js' */

/**
 * @param {string} hash as `location.hash`
 * @returns {PageRoute}
 */
export function parseRoute(hash) {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [page = '', id = ''] = path.split(/\/(.*)/s);
  return { page: page === '' ? 'traces' : page, id: decode(id), params: new URLSearchParams(query) };
}

/**
 * The address of a page; parameters that are empty are left out.
 *
 * @param {string} page
 * @param {string} [id]
 * @param {Record<string, string | readonly string[] | undefined>} [params]
 */
export function hrefTo(page, id = '', params = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const each of typeof value === 'string' ? [value] : (value ?? [])) if (each !== '') query.append(name, each);
  }
  const path = id === '' ? page : `${page}/${encodeURIComponent(id)}`;
  return query.size === 0 ? `#/${path}` : `#/${path}?${query}`;
}

/** Where the reader was last, for the way back: which list, and which of its rows. */
export const visited = { list: '#/traces', row: '' };

/**
 * Goes there, as a new step of the browser's history.
 *
 * @param {string} href
 */
export function go(href) {
  location.hash = href;
}

/**
 * Writes the shown state into the address, without a new entry in the browser's history.
 *
 * @param {Record<string, string | undefined>} params undefined removes
 */
export function noteParams(params) {
  const route = parseRoute(location.hash);
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === '') route.params.delete(name);
    else route.params.set(name, value);
  }
  const all = Object.fromEntries([...route.params.keys()].map((name) => [name, route.params.getAll(name)]));
  history.replaceState(null, '', hrefTo(route.page, route.id, all));
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
