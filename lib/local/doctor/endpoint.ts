import { request } from '../api/request.js';
import { type Finding, findings } from './finding.js';
import { readOwnSettings } from './settings.js';

const timeoutMs = 5000;

/** Reports whether the backend answers, and accepts key and project. Stores nothing there. */
export async function endpointFindings(): Promise<readonly Finding[]> {
  const { ok, warning, fault } = findings('endpoint');
  const { settings } = readOwnSettings();
  const { endpoint, apiKey, projectName } = settings;
  if (settings.wrong !== undefined) return [];
  const headers = {
    ...(apiKey === undefined ? {} : { 'X-API-Key': apiKey }),
    ...(projectName === undefined ? {} : { 'X-Project-Name': projectName }),
  };
  try {
    const url = new URL(`${endpoint}/traces?limit=1`);
    const { status, text } = await request(url, {
      method: 'GET',
      headers,
      body: undefined,
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (status === 401 || status === 403) {
      // Without a key, this is how a backend answers.
      if (apiKey === undefined) return [ok(`${endpoint} answers (${status})`)];
      return [fault(`${endpoint} answers ${status}: it does not take the key`)];
    }
    if (status >= 500) return [fault(`${endpoint} answers ${status}`)];
    if (status === 429) return [warning(`${endpoint} answers 429: too many requests for this key`)];
    if (status >= 300 && status < 400) return [fault(`${endpoint} answers ${status}: redirects are not followed`)];
    // It may be another program's server, or the login page of a network.
    if (status !== 200 || !isTraceList(text)) {
      return [fault(`${endpoint} answers ${status}, and not as a backend of PandaProbe: is the address right?`)];
    }
    return [ok(`${endpoint} answers (${status})${apiKey === undefined ? '' : ' and takes the key'}`)];
  } catch (error) {
    return [fault(`${endpoint} does not answer (${causeOf(error)})`)];
  }
}

function isTraceList(text: string): boolean {
  try {
    return Array.isArray(Object(JSON.parse(text)).items);
  } catch {
    return false;
  }
}

function causeOf(error: unknown): string {
  const { name, code, cause } = Object(error);
  if (name === 'TimeoutError' || cause?.name === 'TimeoutError') return `nothing within ${timeoutMs / 1000} s`;
  return typeof code === 'string' ? code : 'no whole answer';
}
