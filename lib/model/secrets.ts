import { types } from '../common/builtins.js';
import { Entries } from './entries.js';
import { NameCache } from './name-cache.js';

/*
 * A credential is recognized by its name and its place, never by its text. docs/masking-and-sampling.md lists for users what is
 * masked.
 */

const masked = '[Masked]';

/** Words before `key`, `key_id` and `token` in names of credentials. */
const owners =
  'access|account|api|auth|authorization|bearer|bot|csrf|id|private|refresh|registration|secret|security|session|signing|verification|xsrf';
/** Words before `key` alone. After these, `tokens` may be a count. */
const keyOwners =
  'admin|ai|anon|app|cryption|gemini|google|groq|hmac|licen[cs]e|master|server|service|service[-_]?role|shared|ssecustomer|ssh|stripe|subscription|supabase';
const wholeNames =
  'cookie(?:-?jar)?|authorization|pass(?:w(?:or)?d|phrase)(?:[-_]?hash)?|secret(?:[-_]?(?:string|value))?|seed[-_]?phrase|^(?:jwt|pfx|_defaults)';
const looseNames =
  'auth(?!or(?!i))|bearer|cookie|cred|jwt|key(?![a-z])|pass|pwd|secret|session|sig(?:nature)?$|token(?!s)';

/**
 * Names of credentials. Names that count only in `auth`, headers, environment variables and queries are looked up with `x-` in
 * front.
 */
const secretName = new RegExp(
  `(?:${wholeNames}|(?:-|(?:${owners})[-_]?)(?:key(?:[-_]?id)?|token)|(?:${keyOwners})[-_]?key)s?$|^x-.*(?:${looseNames})`,
  'i',
);

/**
 * A text without credentials. `user:password@` in addresses is removed. `[Masked]` replaces values under the name of a credential
 * in queries, connection strings, header lines and JSON, the word after `Bearer` and `Basic`, and private keys.
 */
export function withoutSecrets(text: string): string {
  try {
    return hints.some((hint) => text.includes(hint)) ? cleaned(text) : text;
  } catch {
    return masked; // the caller's stack is used up, so no regular expression can be compiled
  }
}

/** A text without any of these has no credential. They are searched without a regular expression, which would need more stack. */
const hints = ['@', '=', '"', '\n', ': ', 'VATE KEY', 'earer ', 'EARER ', 'asic ', 'ASIC '];

/** User and password in an address, also a password with characters that make the address invalid: errors name such addresses. */
const userAndPassword = /(:\/\/)(?:[^\s/?#:@[]+:(?!\d*[/?#])[^\s@"']{1,200}|[^\s/?#]+)@/g;

function cleaned(text: string): string {
  return text
    .replace(userAndPassword, '$1')
    .replace(/\b(bearer |basic )(?=\S*\d)[^\s"',;]{8,}|-----BEGIN [A-Z ]*VATE KEY[\s\S]*/gi, `$1${masked}`)
    .replace(/(?<![^?&#;\s])([^\s?&#;=]+)=[^&#;\s"']+/g, (all, name) => (isLoose(name) ? `${name}=${masked}` : all))
    .replace(/^([\w-]+): .+/gm, (all, name) => (secretName.test(name) ? `${name}: ${masked}` : all))
    .replace(/"([^"\\]+)"(\s*:\s*)"(?:[^"\\]|\\.)+"/g, (all, name, colon) =>
      secretName.test(name) ? `"${name}"${colon}"${masked}"` : all,
    );
}

const isLoose = (name: unknown): boolean => secretName.test(`x-${name}`);

/** Decides what is recorded for a value, from its name and the names beside it. */
type Guard = (item: unknown, siblings: readonly string[]) => unknown;

/** Hides the value of a credential. Objects are kept, because `properties` of a JSON Schema have such names, too. */
const hide: Guard = (item) => {
  if (item === undefined || item === null || item === '' || typeof item === 'boolean' || typeof item === 'function')
    return item;
  return /^(?:string|object|array|number|integer)$/.test((item as { type?: string }).type ?? '') ? item : masked;
};

const field = (name: unknown, value: unknown): unknown =>
  isLoose(name) && typeof value !== 'number' ? hide(value, []) : text(value, []);

/**
 * For headers, environment variables and the like: an object, a Map, a list of pairs, or a list of alternating names and values.
 */
const fields: Guard = (item) => {
  if (typeof item !== 'object' || item === null) return item;
  if (Array.isArray(item) && !Array.isArray(item[0])) {
    return item.map((part, at) => (at % 2 === 1 && secretName.test(item[at - 1]) ? masked : text(part, [])));
  }
  const entries = new Entries();
  const pairs: readonly unknown[] = types.isMap(item) ? [...item] : Array.isArray(item) ? item : Object.entries(item);
  for (const [name, value] of pairs as readonly [unknown, unknown][]) entries.add(String(name), field(name, value));
  return pairs.length === 0 ? item : entries;
};

const auth: Guard = (item) =>
  typeof item === 'string' || Array.isArray(item) ? (/:|\S{16}/.test(`${item}`) ? masked : item) : fields(item, []);

const text: Guard = (item) => {
  if (Array.isArray(item)) return item.map((part) => text(part, []));
  return typeof item === 'string' ? withoutSecrets(item) : item;
};

/** For `token`: hides only what looks like a credential, because models split texts into tokens, too. */
const token: Guard = (item) => (typeof item === 'string' && /^(?=\D*\d)\S{16,}$/.test(item) ? masked : item);

/** An object with one of these names beside `key` is taken for a client. */
const clientFields = /\b(?:headers|endpoint|base_?ur[il])\b/i;

/** For `key`, which is mostly the key of a map, a file or a song: hides in a client what looks like a credential. */
const key: Guard = (item, siblings) => {
  const cleaned = text(item, []);
  return clientFields.test(`${siblings}`) ? token(cleaned, []) : cleaned;
};

/** An object with one of these names is taken for a request or a response. */
const requestFields = /\b(?:headers|method|ur[il]|hostname|statusText)\b/i;

const ofRequest =
  (guard: Guard): Guard =>
  (item, siblings) =>
    requestFields.test(`${siblings}`) ? guard(item, siblings) : item;

/** An axios response, which also holds the request's configuration. */
const config: Guard = (item, siblings) => (siblings.includes('statusText') ? exchangeOf(item) : item);

const guards: readonly Guard[] = [hide, fields, auth, config, ofRequest(fields), ofRequest(text), text, key, token];

/** Names of values that need a guard: one group for each of the guards, in their order. */
const guarded = new RegExp(
  `(${secretName.source})|(headers?$|headersDistinct|^trailers$|^env$)|^(auth|credentials?)$|^(config)$|^(params|qs|searchParams)$|^(body|data|search)$|((?:ur[il]|href|dsn|endpoint|proxy|connection(?:_?string)?|database)s?$|^path$)|^(key)$|((?<!page|next|sync|ation)_?token$)`,
  'i',
);

/** The guards of names; null for a name without one. */
const known = new NameCache<Guard | null>();

/** The guard for the value under `name`, if it needs one. */
export function guardOf(name: string): Guard | undefined {
  let guard = known.get(name);
  if (guard === undefined) {
    const found = guarded.exec(name);
    guard = found === null ? null : (guards[found.slice(1).findIndex((part) => part !== undefined)] ?? null);
    known.set(name, guard);
  }
  return guard ?? undefined;
}

/** Whether the guard changes only values that are {@link isSuspect}, given these names beside them. */
export const looksAtText = (guard: Guard, siblings: readonly string[]): boolean =>
  guard === text ||
  guard === token ||
  (guard.length > 1 && !(guard === key ? clientFields : requestFields).test(`${siblings}`));

/** Whether there may be a credential in JSON. */
export const isSuspect = (json: string): boolean => marks.some((mark) => json.includes(mark)) && suspect.test(json);

/**
 * Every match of {@link suspect} contains one of these. Searching for them takes a hundredth of the time of the regular
 * expression, and longer if the first character is frequent.
 */
const marks = ['=', '@', 'VATE K', 'vate k', 'ken":', 'KEN":'];

/** Names are bounded, so that the time does not grow with the square of their length. */
const suspect =
  /:\/\/[^\s"/]*@|VATE KEY|oken":"[^\s"]{16}|password=|[?&;#][\w.%-]{0,99}(?:auth|cookie|cred|jwt|key|pass|pwd|secret|session|sig|token)\w{0,99}=/i;

interface RequestOrResponse {
  readonly [name: string]: unknown;
  readonly req?: RequestOrResponse;
  readonly request?: RequestOrResponse;
  readonly getHeader?: (name: string) => unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** Method, address, status and size of a request or response; undefined for all others. */
export function exchangeOf(value: unknown): Entries | undefined {
  try {
    const given = value as RequestOrResponse;
    const request = given.req ?? given.request ?? given;
    const method = given.method ?? request.method;
    const status = given.statusCode ?? given.status ?? undefined;
    if (typeof method !== 'string' && typeof status !== 'number') return undefined;
    const path =
      given.originalUrl ||
      given.url ||
      request.originalUrl ||
      request.url ||
      (typeof request.path === 'string' ? `${request.protocol}//${request.getHeader?.('host')}${request.path}` : '');
    const address = `${given.baseURL ?? ''}${path}`; // none for a response that the program itself made
    const bytes = Number(given.getHeader?.('content-length') ?? given.headers?.['content-length']);
    return new Entries()
      .add('method', method)
      .add('url', address === '' ? undefined : withoutSecrets(address))
      .add('status', status)
      .add('bytes', bytes >= 0 ? bytes : undefined);
  } catch {
    return undefined;
  }
}

/**
 * What is recorded for an HTTP client's or server's own objects, which hold keys, cookies and sockets; undefined for all others.
 */
export function httpForm(value: object, prototype: object): Entries | string | undefined {
  if ('addRequest' in prototype) return '[object Agent]';
  // A URL, or the result of url.parse().
  if ('href' in value && ('searchParams' in value || 'resolveObject' in value)) return withoutSecrets(`${value.href}`);
  const names = 'pipe' in prototype ? value : prototype;
  return 'headers' in names || 'getHeader' in names || 'header' in names ? exchangeOf(value) : undefined;
}
