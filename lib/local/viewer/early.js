// Runs before anything is drawn, and is the only script that is no module. It applies the theme that was chosen, so that
// another does not flash, and asks for the trace that the address names: its answer is on the way while the modules are
// still read. api.js takes it from `window.pandaprobeEarly`.
(() => {
  const theme = localStorage.getItem('pandaprobe.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;

  const [, id, query] = /^#\/trace\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?:\?(.*))?$/s.exec(location.hash) ?? [];
  const project = new URLSearchParams(query).get('project') ?? localStorage.getItem('pandaprobe.project') ?? '';
  if (id === undefined || project === '') return;
  const key = sessionStorage.getItem('pandaprobe.key') ?? 'local';
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
