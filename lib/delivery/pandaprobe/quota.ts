import { mostRead } from '../text/excerpt.js';
import { isObject, parse } from '../text/json.js';

/** Words of a rate limit, which passes by itself within moments. */
const rateWords = /\brate|too many|throttl|slow down|concurren|per (second|minute|hour)\b/i;
/** Words of a used-up quota, in any field. */
const quotaWords =
  /quota|upgrade|billing|credits?\b|subscription|\b(your|free|hobby|trial) (plan|tier)|month|(reached|used up|exhausted)\b.*\b(limit|allowance)/i;
/** Words that are enough in `detail`, where the backend reports a quota. It reports a rate limit in `error`. */
const limitWords = /limit|allowance|exceeded|exhausted/i;

/**
 * Whether a 429 reports a used-up quota, not a rate limit: it will not pass within minutes.
 * Source: backend-contract.md, *Quota*: `{"detail": "You've reached the traces limit …"}`, against
 * `{"error": "Rate limit exceeded: 100 per 1 minute"}`.
 */
export function saysQuota(text: string): boolean {
  const body = parse(text);
  if (!isObject(body)) return false;
  const said = [body.detail, body.error, body.message, body.code].filter((value) => typeof value === 'string');
  const all = said.join(' ').slice(0, mostRead);
  if (rateWords.test(all)) return false;
  return quotaWords.test(all) || (typeof body.detail === 'string' && limitWords.test(body.detail.slice(0, mostRead)));
}
