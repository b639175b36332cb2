// The switch between the system's theme, dark and light. early.js applies what was chosen before.

import { byId } from './dom.js';
import { forget, remember } from './storage.js';

const signs = { system: '◐', dark: '☾', light: '☀' };
const storageName = 'pandaprobe.theme';

export function listenForTheme() {
  const button = byId('theme');
  const draw = () => {
    const theme = chosen();
    const label = `Theme: ${theme}`;
    button.textContent = signs[/** @type {keyof typeof signs} */ (theme)];
    button.title = label;
    button.setAttribute('aria-label', label);
  };
  button.addEventListener('click', () => {
    // The first press must change the visible theme, whatever the system's theme is.
    const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
    const order = isDark ? ['system', 'light', 'dark'] : ['system', 'dark', 'light'];
    const next = order[(order.indexOf(chosen()) + 1) % order.length] ?? 'system';
    if (next === 'system') {
      forget(storageName);
      delete document.documentElement.dataset.theme;
    } else {
      remember(storageName, next);
      document.documentElement.dataset.theme = next;
    }
    draw();
  });
  draw();
}

function chosen() {
  const theme = document.documentElement.dataset.theme;
  return theme === 'dark' || theme === 'light' ? theme : 'system';
}
