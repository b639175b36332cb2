import type { IncomingMessage } from 'node:http';
import type { Project } from '../store/projects.js';
import type { Store } from '../store/store.js';
import { AnswerError, refusal } from './answer.js';

/** Source: backend-contract.md, *Project name*. */
const validName = /^[A-Za-z0-9](?:[A-Za-z0-9 \-_.']{0,253}[A-Za-z0-9])?$/;

/** A project without traces. */
export const noProject: Project = { key: -1, projectId: '00000000-0000-0000-0000-000000000000', name: '' };

/**
 * The project of a request. A write creates a project that does not exist; for a read it counts as empty.
 *
 * @throws AnswerError with 422 when the request names no project, or the name is not allowed
 */
export function projectOf(request: IncomingMessage, store: Store, isWrite: boolean): Project {
  const name = header(request, 'x-project-name')?.trim() ?? '';
  const id = header(request, 'x-project-id')?.trim() ?? '';
  if (name === '' && id !== '') {
    const found = store.projects.findById(id);
    if (found !== undefined) return found;
    throw new AnswerError(refusal(422, 'Project not found or does not belong to your organization.'));
  }
  if (name === '') {
    const how = 'Provide X-Project-ID (Bearer) or X-Project-Name (API key).';
    throw new AnswerError(refusal(422, `Project scope required. ${how}`));
  }
  if (!validName.test(name)) {
    const rule = "letters, digits, spaces, '-', '_', '.' and apostrophes, with a letter or digit at both ends";
    throw new AnswerError(refusal(422, `X-Project-Name must be 1 to 255 ${rule}.`));
  }
  if (isWrite) return store.projects.findOrMake(name);
  return store.projects.find(name) ?? { ...noProject, name };
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
