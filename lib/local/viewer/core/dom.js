// Elements without markup: every text becomes a text node, so that nothing in a trace is ever read as HTML.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * Makes an element. `class` and `aria-*`, `role`, `href` … become attributes; `on…` functions become listeners;
 * `vars` become CSS custom properties (set through the CSSOM, which the content security policy allows).
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  dress(element, attributes);
  element.append(...present(children));
  return element;
}

/**
 * As {@link h}, for SVG.
 *
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  dress(element, attributes);
  element.append(...present(children));
  return element;
}

/**
 * Sets CSS custom properties.
 *
 * @param {HTMLElement | SVGElement} element
 * @param {Record<string, string | number>} vars
 */
export function setVars(element, vars) {
  for (const [name, value] of Object.entries(vars)) element.style.setProperty(name, String(value));
}

/**
 * An element with this id that index.html is known to have.
 *
 * @param {string} id
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html lacks #${id}`);
  return found;
}

/**
 * Makes a function that runs at most every `ms`, and never while it still runs. Calls in between are replaced by one call
 * afterwards.
 *
 * @param {() => unknown} run may be asynchronous; it does not reject
 * @param {number} ms
 */
export function throttle(run, ms) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let last = 0;
  let isRunning = false;
  let isCalled = false;
  let isStopped = false;

  async function start() {
    timer = undefined;
    isRunning = true;
    isCalled = false;
    last = Date.now();
    await run();
    isRunning = false;
    if (isCalled) call();
  }

  function call() {
    isCalled = true;
    if (timer === undefined && !isRunning && !isStopped) timer = setTimeout(start, Math.max(0, last + ms - Date.now()));
  }

  return {
    call,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/**
 * @param {HTMLElement | SVGElement} element
 * @param {Record<string, unknown>} attributes
 */
function dress(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'vars') setVars(element, /** @type {Record<string, string>} */ (value));
    else if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** @param {Child[]} children */
function present(children) {
  /** @type {(Node | string)[]} */
  const found = [];
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    found.push(typeof child === 'number' ? String(child) : child);
  }
  return found;
}
