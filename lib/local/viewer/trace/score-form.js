// The form with which a reader adds a score and a note to a trace.

import { api } from '../core/api.js';
import { h } from '../core/dom.js';

/** @param {string} traceId */
export function openScoreForm(traceId) {
  const field = (/** @type {string} */ name, /** @type {string} */ value, /** @type {boolean} */ required) =>
    h('input', { name, value, required, autocomplete: 'off' });
  const [name, value, reason] = [field('name', 'rating', true), field('value', '', true), field('reason', '', false)];
  // A notice would stand behind the dialog, where a screen reader does not read it.
  const problem = h('p', { class: 'problem', role: 'alert' });
  const save = h('button', { class: 'button' }, 'Save');
  const form = h(
    'form',
    { class: 'score-form' },
    h('h2', {}, 'Score this trace'),
    h('label', {}, 'Name', name),
    h('label', {}, 'Value: a number from 0 to 1, true or false, or a word', value),
    h('label', {}, 'Note', reason),
    problem,
    save,
  );
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-label': 'Score this trace', onclose: () => dialog.remove() },
    form,
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = value.value.trim();
    const type = typeOf(text);
    // A score that is sent twice is stored twice.
    save.disabled = true;
    try {
      await api.addScore({
        trace_id: traceId,
        name: name.value.trim(),
        value: type === 'BOOLEAN' ? text.toLowerCase() : text,
        data_type: type,
        reason: reason.value.trim() === '' ? null : reason.value.trim(),
      });
      dialog.close();
    } catch (error) {
      save.disabled = false;
      problem.textContent = error instanceof Error ? error.message : String(error);
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  value.focus();
}

/** As the command `score` does it. @param {string} text */
function typeOf(text) {
  if (/^(?:true|false)$/i.test(text)) return 'BOOLEAN';
  return text !== '' && Number.isFinite(Number(text)) ? 'NUMERIC' : 'CATEGORICAL';
}
