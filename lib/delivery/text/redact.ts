/** Takes out of a text what must not be shown. */
export type Redact = (text: string) => string;

/** Characters of a secret in a row, punctuation aside, that are enough to be taken out: it may be cut or split. */
const leastShown = 8;
/** As much of a secret in base64 or in hexadecimal. */
const leastBase64 = 12;
const leastHex = 16;
/** What is known of any key, so that it may be said. Source: backend-contract.md, *API key*. */
const keyPrefix = /^sk_pp_/;

/** A form of a secret, letters and digits alone, in lower case, and how much of it in a row gives it away. */
interface Form {
  readonly text: string;
  readonly least: number;
}

/**
 * Makes what takes secrets out of foreign text: as they are, cut at either end, in another case, split by spaces, line ends
 * or punctuation, and as JSON, HTML, URLs, base64 or hexadecimal write them.
 *
 * Text and secrets are compared by their letters and digits alone; each of the text knows where it came from.
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
  // Of a short key, what follows the prefix as a whole.
  const own = lettersOf(secret.replace(keyPrefix, ''));
  if (keyPrefix.test(secret) && own.length >= 4) add(own, Math.min(own.length, leastShown));
  add(bytes.toString('hex'), leastHex);
  // Base64 writes three bytes as four characters: what it looks like depends on how many came before.
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

/** As a word of its own, as a key of a few letters is in any text. */
function wholeWord(secret: string): RegExp {
  const literal = secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])`, 'g');
}

/** How a character may be written: `\u0073`, `\x73`, `%73`, `&#115;`, `&#x73;`, and what does not count as one. */
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

/** The letters and digits of a text, and where each begins and ends in it. */
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
