// Runs before anything is drawn, and is the only script that is no module. It applies the theme that was chosen, so that
// another does not flash, and asks for the trace that the address names: its answer is on the way while the modules are
// still read. api.js takes it from `window.pandaprobeEarly`.
(() => {
  /** @param {string} name @param {() => Storage} [place] */
  const remembered = (name, place = () => localStorage) => {
    try {
      return place().getItem(name);
    } catch {
      return null; // this browser blocks cookies, and all other storage with them
    }
  };
  const theme = remembered('pandaprobe.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;

  const [, id, query] = /^#\/trace\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?:\?(.*))?$/s.exec(location.hash) ?? [];
  const project = new URLSearchParams(query).get('project') ?? remembered('pandaprobe.project') ?? '';
  if (id === undefined || project === '') return;
  const key = remembered('pandaprobe.key', () => sessionStorage) ?? 'local';
  const headers = { 'X-API-Key': key, 'X-Project-Name': project };
  /** @param {string} path */
  const ask = async (path) => {
    try {
      const answer = await fetch(path, { headers });
      return { ok: answer.ok, status: answer.status, body: await answer.json().catch(() => undefined) };
    } catch {
      return undefined;
    }
  };
  const paths = [`/traces/${id}`, `/evaluations/trace-scores/${id}`];
  window.pandaprobeEarly = { project, answers: new Map(paths.map((path) => [path, ask(path)])) };
})();
