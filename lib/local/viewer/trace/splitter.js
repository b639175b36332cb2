// The bar between tree and details: dragged, or moved with the arrow keys.

import { h, setVars } from '../core/dom.js';
import { remember, remembered } from '../core/storage.js';

const storageName = 'pandaprobe.split';
const [least, most] = [0.25, 0.8];

/** @param {HTMLElement} body whose `--split` is the share of the left side */
export function drawSplitter(body) {
  const element = h('div', {
    class: 'splitter',
    role: 'separator',
    tabindex: 0,
    'aria-orientation': 'vertical',
    'aria-label': 'Width of the tree',
    'aria-valuemin': least * 100,
    'aria-valuemax': most * 100,
  });
  let share = Number(remembered(storageName)) || 0.6;

  /** @param {number} next */
  function put(next) {
    share = Math.min(most, Math.max(least, next));
    setVars(body, { '--split': share });
    element.setAttribute('aria-valuenow', String(Math.round(share * 100)));
    remember(storageName, String(share));
  }

  element.addEventListener('pointerdown', (event) => element.setPointerCapture(event.pointerId));
  element.addEventListener('pointermove', (event) => {
    if (!element.hasPointerCapture(event.pointerId)) return;
    const { left, width } = body.getBoundingClientRect();
    put((event.clientX - left) / width);
  });
  element.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowLeft' ? -0.02 : event.key === 'ArrowRight' ? 0.02 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    put(share + step);
  });
  put(share);
  return element;
}
