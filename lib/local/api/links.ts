/** The address of a project's traces in the viewer. */
export function projectLink(url: string, project: string): string {
  return `${url}/#/traces?${projectParam(project)}`;
}

/** The address of a trace in the viewer. It names the project, because otherwise the viewer opens the last one shown. */
export function traceLink(url: string, traceId: string, project: string): string {
  return `${url}/#/trace/${traceId}?${projectParam(project)}`;
}

function projectParam(project: string): string {
  return new URLSearchParams({ project }).toString();
}
