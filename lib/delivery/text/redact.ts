/** Removes secrets from a text. */
export type Redact = (text: string) => string;

/** Letters and digits of a secret in a row that are removed, because a text may cut or split a secret. */
const leastShown = 8;
/** The same for a secret in base64 and in hexadecimal. */
const leastBase64 = 12;
const leastHex = 16;
/** The beginning of every key: no secret. Source: backend-contract.md, *API key*. */
const keyPrefix = /^sk_pp_/;

/** A secret as it may be written. `text`: its letters and digits in lower case. `least`: how many in a row are removed. */
interface Form {
  readonly text: string;
  readonly least: number;
}

/**
 * Makes a function that removes these secrets from foreign text. It finds them in any case, cut at either end, split by spaces,
 * line ends or punctuation, and escaped as in JSON, HTML, URLs, base64 or hexadecimal.
 *
 * Only letters and digits are compared; the place of each in the text is kept, so that the right characters are removed.
 */
export function createRedact(secrets: readonly string[]): Redact {
  const known = secrets.filter((secret) => secret !== '');
  const forms = known.flatMap(formsOf);
  const short = known.filter((secret) => lettersOf(secret).length < leastShown);
  return (text) => {
    let shown = text;
    for (const secret of short) shown = shown.replaceAll(wholeWord(secret), '…');
    return forms.length === 0 ? shown : without(shown, forms);
  };
}

function formsOf(secret: string): Form[] {
  const bytes = Buffer.from(secret);
  const forms: Form[] = [];
  const add = (text: string, least: number) => {
    const letters = lettersOf(text);
    if (letters.length >= least) forms.push({ text: letters, least });
  };
  add(secret, leastShown);
  // A short key is removed only as a whole, without its prefix.
  const own = lettersOf(secret.replace(keyPrefix, ''));
  if (keyPrefix.test(secret) && own.length >= 4) add(own, Math.min(own.length, leastShown));
  add(bytes.toString('hex'), leastHex);
  // Base64 writes three bytes as four characters, so there is one form for each number of bytes before it, modulo 3.
  for (const before of [0, 1, 2]) {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    add(whole.slice(before === 0 ? 0 : before + 1, -1), leastBase64);
  }
  return forms;
}

function lettersOf(text: string): string {
  return text.replace(/[^a-z0-9]/gi, '').toLowerCase();
}

/** Matches a secret of a few letters as a whole word only: any text may contain its letters. */
function wholeWord(secret: string): RegExp {
  const literal = secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])`, 'g');
}

/** Escapes of a character: `\u0073`, `\x73`, `%73`, `&#115;`, `&#x73;`; and escapes that stand for no letter or digit. */
const written =
  /\\+u\{?0*([0-9a-f]{2,4})\}?|\\+x([0-9a-f]{2})|%(?:25)*([0-9a-f]{2})|&#x0*([0-9a-f]{2,4});|&#0*([0-9]{2,4});|\\+[nrtbf]|&[a-z]+;/gi;

function without(text: string, forms: readonly Form[]): string {
  const { letters, starts, ends } = read(text);
  const hidden: boolean[] = [];
  let isAny = false;
  for (const form of forms) {
    for (let at = 0; at + form.least <= letters.length; at += 1) {
      if (!form.text.includes(letters.slice(at, at + form.least))) continue;
      for (let i = at; i < at + form.least; i += 1) hidden[i] = true;
      isAny = true;
    }
  }
  if (!isAny) return text;
  let shown = '';
  let from = 0;
  for (let i = 0; i < letters.length; i += 1) {
    if (hidden[i] !== true) continue;
    let last = i;
    while (hidden[last + 1] === true) last += 1;
    shown += `${text.slice(from, starts[i])}…`;
    from = ends[last] ?? text.length;
    i = last;
  }
  return shown + text.slice(from);
}

/** The letters and digits of a text, and where each begins and ends. */
function read(text: string): { letters: string; starts: number[]; ends: number[] } {
  let letters = '';
  const starts: number[] = [];
  const ends: number[] = [];
  const add = (what: string, start: number, end: number) => {
    const letter = lettersOf(what);
    if (letter === '') return;
    letters += letter;
    starts.push(start);
    ends.push(end);
  };
  let at = 0;
  const addPlain = (until: number) => {
    for (; at < until; at += 1) add(text.charAt(at), at, at + 1);
  };
  for (const match of text.matchAll(written)) {
    addPlain(match.index);
    const [whole, json, escaped, url, hex, decimal] = match;
    const code = Number.parseInt(json ?? escaped ?? url ?? hex ?? decimal ?? '0', decimal === undefined ? 16 : 10);
    at = match.index + whole.length;
    if (code < 128) add(String.fromCharCode(code), match.index, at);
  }
  addPlain(text.length);
  return { letters, starts, ends };
}
