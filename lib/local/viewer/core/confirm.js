// Asks twice before something is removed for good.

import { h } from './dom.js';
import { note } from './notice.js';

let isUnderWay = false;

/** Whether something is being removed. Meanwhile, the page ignores the server's events about it. */
export function isRemoving() {
  return isUnderWay;
}

/**
 * @param {string} what such as `the trace “plan trip”`
 * @param {string} more what is removed with it
 * @param {() => Promise<unknown>} remove
 * @param {() => void} after
 */
export function confirmRemoval(what, more, remove, after) {
  let isSure = false;
  const yes = h('button', { class: 'button danger', type: 'button' }, 'Delete');
  const text = h('p', { role: 'status' }, more);
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-label': `Delete ${what}`, onclose: () => dialog.remove() },
    h(
      'form',
      { method: 'dialog' },
      h('h2', {}, `Delete ${what}?`),
      text,
      h('p', { class: 'tools' }, h('button', { class: 'button' }, 'Keep it'), yes),
    ),
  );
  yes.addEventListener('click', async ({ detail: clicks }) => {
    // A double click is one answer.
    if (clicks > 1) return;
    if (!isSure) {
      isSure = true;
      text.textContent = `${more} It cannot be brought back.`;
      yes.textContent = 'Delete for good';
      return;
    }
    yes.disabled = true;
    isUnderWay = true;
    try {
      await remove();
      dialog.close();
      after();
      note(`Deleted ${what}`);
    } catch (error) {
      dialog.close();
      note(error instanceof Error ? error.message : String(error));
    } finally {
      isUnderWay = false;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}
