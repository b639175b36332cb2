// What the browser remembers for this page. A browser that blocks cookies throws at the first touch of its storage; then the page
// remembers until it is closed.

/** @type {Map<string, string>} */
const here = new Map();

/** @param {string} name @param {() => Storage} [place] */
export function remembered(name, place = () => localStorage) {
  try {
    return place().getItem(name);
  } catch {
    return here.get(name) ?? null;
  }
}

/** @param {string} name @param {string} value @param {() => Storage} [place] */
export function remember(name, value, place = () => localStorage) {
  try {
    place().setItem(name, value);
  } catch {
    here.set(name, value);
  }
}

/** @param {string} name */
export function forget(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    here.delete(name);
  }
}
