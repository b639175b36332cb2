import { isObject, parse } from '../text/json.js';

/** What says that the allowance comes back by itself within moments. */
const rateWords = /\brate|too many|throttl|slow down|concurren|per (second|minute|hour)\b/i;
/** What says that a plan's allowance is used up, in whatever field it stands. */
const quotaWords =
  /quota|upgrade|billing|credits?\b|subscription|\b(your|free|hobby|trial) (plan|tier)|month|(reached|used up|exhausted)\b.*\b(limit|allowance)/i;
/** Enough in `detail`, where the backend puts a quota; a rate limit stands in `error`. */
const limitWords = /limit|allowance|exceeded|exhausted/i;

/**
 * Whether a 429 says that the plan's quota is used up: no rate limit, retrying within the process is useless.
 * Source: backend-contract.md, *Quota*: `{"detail": "You've reached the traces limit …"}`, against
 * `{"error": "Rate limit exceeded: 100 per 1 minute"}`.
 */
export function saysQuota(text: string): boolean {
  const body = parse(text);
  if (!isObject(body)) return false;
  const said = [body.detail, body.error, body.message, body.code].filter((value) => typeof value === 'string');
  const all = said.join(' ');
  if (rateWords.test(all)) return false;
  return quotaWords.test(all) || (typeof body.detail === 'string' && limitWords.test(body.detail));
}
