import { request } from '../commands/request.js';
import { type Finding, findings } from './finding.js';
import { readOwnSettings } from './settings.js';

const timeoutMs = 5000;

/** Whether the backend answers, and takes key and project. Nothing is stored by it. */
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
    const { status } = await request(url, {
      method: 'GET',
      headers,
      body: undefined,
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (apiKey === undefined) return [ok(`${endpoint} answers (${status})`)];
    if (status === 401 || status === 403) return [fault(`${endpoint} answers ${status}: it does not take the key`)];
    if (status >= 500) return [fault(`${endpoint} answers ${status}`)];
    if (status === 429) return [warning(`${endpoint} answers 429: too many requests for this key`)];
    if (status >= 300 && status < 400) return [fault(`${endpoint} answers ${status}: redirects are not followed`)];
    return [ok(`${endpoint} answers (${status}) and takes the key`)];
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'no whole answer';
    const text = `${endpoint} does not answer within ${timeoutMs / 1000} s (${why === '20' || why === '23' ? 'timeout' : why})`;
    return [fault(text)];
  }
}
