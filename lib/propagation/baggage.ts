/** The session and user in `baggage`. */
export interface Owners {
  readonly sessionId?: string;
  readonly userId?: string;
}

/** Source: W3C Baggage, *Limits*. */
const maxBytes = 8192;

const names: Readonly<Record<string, keyof Owners>> = { 'session.id': 'sessionId', 'user.id': 'userId' };

/**
 * Adds session and user to a given `baggage`, in place of others that it has.
 * @returns the given one if the result would be empty or too long
 */
export function baggageOf(owners: Owners, given?: string | undefined): string | undefined {
  const ours = new Map<string, string>();
  for (const [name, owner] of Object.entries(names)) {
    const id = owners[owner] ?? '';
    if (id !== '') ours.set(name, `${name}=${encodeURIComponent(id.toWellFormed())}`);
  }
  const others = (given ?? '').split(',').filter((member) => /\S/.test(member) && !ours.has(nameOf(member)));
  const text = [...ours.values(), ...others].join(',');
  return text === '' || text.length > maxBytes ? given : text;
}

/** The session and the user in a `baggage`. */
export function baggageIn(text: string | undefined): Owners {
  const owners: { sessionId?: string; userId?: string } = {};
  if (text === undefined || text.length > maxBytes) return owners;
  for (const member of text.split(',')) {
    const [pair = ''] = member.split(';', 1); // without its properties
    const at = pair.indexOf('=');
    const name = nameOf(pair);
    const owner = at >= 0 && Object.hasOwn(names, name) ? names[name] : undefined;
    const id = owner === undefined ? undefined : decoded(pair.slice(at + 1));
    if (owner !== undefined && id !== undefined && id !== '') owners[owner] = id;
  }
  return owners;
}

function nameOf(member: string): string {
  return member.split('=', 1)[0]?.trim() ?? '';
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value.trim());
  } catch {
    return undefined;
  }
}
