// Opens the page that the address names, and keeps the frame around it.

import { ApiError, api, hasKey, project, setKey, setProject } from './core/api.js';
import { confirmRemoval, isRemoving } from './core/confirm.js';
import { byId, h, throttle } from './core/dom.js';
import { listenForFiles } from './core/files.js';
import { listenForKeys, showHelp } from './core/keys.js';
import { follow } from './core/live.js';
import { note, showFault } from './core/notice.js';
import { hrefTo, parseRoute, visited } from './core/route.js';
import { listenForTheme } from './core/theme.js';

/** @import {OpenPage, PageRoute} from './shapes.js' */

/** @typedef {(main: HTMLElement, route: PageRoute) => OpenPage} Open */

/** The modules of a page are loaded when it is opened, so that a trace does not wait for the charts.
 * @type {Record<string, {load: () => Promise<Open>, title: string, nav: string}>}
 */
const pages = {
  traces: { load: async () => (await import('./pages/list.js')).openTraces, title: 'Traces', nav: 'traces' },
  trace: { load: async () => (await import('./pages/trace.js')).openTrace, title: 'Trace', nav: 'traces' },
  file: { load: async () => (await import('./pages/trace-file.js')).openLoaded, title: 'Trace file', nav: '' },
  sessions: {
    load: async () => (await import('./pages/sessions.js')).openSessions,
    title: 'Sessions',
    nav: 'sessions',
  },
  session: { load: async () => (await import('./pages/session.js')).openSession, title: 'Session', nav: 'sessions' },
  steps: { load: async () => (await import('./pages/steps.js')).openSteps, title: 'Steps', nav: 'steps' },
  compare: { load: async () => (await import('./pages/compare.js')).openCompare, title: 'Compare', nav: 'traces' },
  charts: { load: async () => (await import('./pages/charts.js')).openCharts, title: 'Charts', nav: 'charts' },
};
/** How long after the start all other pages' modules are loaded, so that pages open at once, even if the server has stopped. */
const loadRestAfterMs = 1500;

const main = byId('page');
const remover = byId('remove');
const chooser = /** @type {HTMLSelectElement} */ (byId('project'));
/** @type {{route: PageRoute, page: OpenPage} | undefined} */
let opened;
/** The page that is being opened. While its modules load, the reader may go to another page. @type {PageRoute | undefined} */
let opening;
/** Whether modules could not be loaded. Some browsers request a module only once, so the page must then be reloaded. */
let isBroken = false;

function show() {
  const route = parseRoute(location.hash);
  if (route.page === 'traces' || route.page === 'session') visited.list = location.hash || '#/traces';
  const before = opened;
  const wanted = route.params.get('project');
  if (wanted !== null && wanted !== project) {
    choose(wanted);
    reopen(route);
    return;
  }
  if (before !== undefined && before.route.page === route.page && before.route.id === route.id) {
    if (before.page.follow?.(route)) {
      opened = { route, page: before.page };
      return;
    }
  }
  reopen(route);
}

/** @param {PageRoute} route */
async function reopen(route) {
  opened?.page.close?.();
  opened = undefined;
  isBroken = false;
  opening = route;
  main.replaceChildren();
  // Only own properties, because an address may be `#/constructor`.
  const found = Object.hasOwn(pages, route.page) ? pages[route.page] : undefined;
  document.title = `${found?.title ?? 'Not found'} · pandaprobe local`;
  for (const link of document.querySelectorAll('nav a')) {
    if (link instanceof HTMLElement && link.dataset.page === found?.nav) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (found === undefined) {
    main.append(
      h('p', { class: 'empty' }, 'There is no such page. ', h('a', { href: hrefTo('traces') }, 'All traces')),
    );
    return;
  }
  const open = await found.load().catch(() => undefined);
  if (opening !== route) return;
  if (open !== undefined) opened = { route, page: open(main, route) };
  else {
    isBroken = true;
    showFault(main, new ApiError(0, 'The server does not answer. Is it still running?'));
  }
}

/**
 * Fills the list of projects. If no project was chosen before, or it no longer exists, the first one is chosen. A project that the
 * address names stays chosen even if it does not exist: it may get its first trace later.
 */
async function loadProjects() {
  const { items } = await api.projects();
  const names = items.map(({ name }) => name);
  const isNamed = parseRoute(location.hash).params.get('project') === project;
  if (project !== '' && !names.includes(project) && (isNamed || names.length === 0)) names.push(project);
  if (!names.includes(project)) setProject(names[0] ?? '');
  chooser.replaceChildren(...names.map((name) => h('option', { value: name, selected: name === project }, name)));
  remover.hidden = names.length === 0;
  if (names.length === 0) chooser.append(h('option', { value: '' }, 'none yet'));
  chooser.value = project;
}

/** @param {string} name */
function choose(name) {
  setProject(name);
  if (![...chooser.options].some(({ value }) => value === name)) chooser.append(h('option', { value: name }, name));
  chooser.value = name;
}

function removeProject() {
  const name = project;
  confirmRemoval(
    `the project “${name}”`,
    'All its traces, sessions and scores go with it.',
    api.removeProject,
    async () => {
      setProject('');
      await loadProjects().catch(() => {});
      const target = hrefTo('traces');
      if (target === location.hash) reopen(parseRoute(target));
      else location.hash = target;
    },
  );
}

/** Asks for the key of a server that was started with one. */
function askForKey() {
  const field = h('input', { type: 'password', name: 'key', autocomplete: 'off', 'aria-label': 'Key', required: true });
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-label': 'Key' },
    h(
      'form',
      {
        method: 'dialog',
        onsubmit: () => {
          setKey(field.value);
          location.reload();
        },
      },
      h('h2', {}, hasKey() ? 'That is not the key of this server' : 'This server asks for its key'),
      h(
        'p',
        {},
        'It listens beyond this machine. The key is the one it was started with; it is forgotten with this tab.',
      ),
      h('p', {}, field),
      h('button', { class: 'button' }, 'Use it'),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** Reads the page's data once more: a change may have been stored after the page's request and before events started. */
function onConnected() {
  if (isBroken) location.reload();
  else if (opened?.page.connected) opened.page.connected();
  else opened?.page.changed?.(undefined);
}

async function start() {
  listenForTheme();
  listenForFiles();
  listenForKeys(() => opened?.page);
  byId('help').addEventListener('click', showHelp);
  remover.addEventListener('click', removeProject);
  byId('skip').addEventListener('click', (event) => {
    event.preventDefault();
    main.focus();
  });
  chooser.addEventListener('change', () => {
    setProject(chooser.value);
    const { page, params } = parseRoute(location.hash);
    params.delete('project');
    // An open trace or session belongs to the other project; lists and charts are read again.
    const target = ['trace', 'session', 'file'].includes(page)
      ? hrefTo('traces')
      : hrefTo(page, '', Object.fromEntries(params));
    if (target === location.hash) reopen(parseRoute(target));
    else location.hash = target;
  });
  window.addEventListener('hashchange', show);
  setTimeout(() => {
    for (const { load } of Object.values(pages)) load().catch(() => {});
  }, loadRestAfterMs);
  // The last shown project probably still exists, so its data are requested together with the list of projects.
  const hoped = project;
  if (hoped !== '') show();
  try {
    await loadProjects();
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) askForKey();
    else note(error instanceof Error ? error.message : String(error));
  }
  if (hoped === '' || project !== hoped) show();

  const refreshProjects = throttle(async () => {
    const before = project;
    await loadProjects().catch(() => {});
    if (project !== before) reopen(parseRoute(location.hash));
  }, 2000);
  follow((change) => {
    if (change === undefined && isBroken) {
      location.reload();
      return;
    }
    if (![...chooser.options].some(({ value }) => value === change?.project)) refreshProjects.call();
    if (isRemoving()) return;
    if (change === undefined || change.project === project) opened?.page.changed?.(change);
  }, onConnected);
}

start();
