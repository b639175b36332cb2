/** A day, a version or `latest` at the end of a name. */
const version = /[-@](?:20\d\d-?[01]\d-?[0-3]\d|00\d|latest)$/;

/** Where OpenRouter sends a request, which changes no price. */
const route = /:(?:nitro|floor|exacto|online)$/;

/**
 * The names under which the prices of a model may be found, the exact ones first: without what stands before the last
 * slash (publishers, ARNs), and without its date. Amazon charges by the requested name, which contains the region.
 */
export function namesOf(provider: string, answered: string, requested = answered): readonly string[] {
  const given = provider === 'aws' ? [requested, answered] : [answered, requested];
  const names = given.flatMap((name) => {
    const model = name.startsWith('ft:') ? tuned(name) : name.replace(route, '');
    const last = model.slice(model.lastIndexOf('/') + 1);
    return [model, last, model.replace(version, ''), last.replace(version, '')];
  });
  return [...new Set(names)].filter((name) => name !== '');
}

/** `ft:gpt-4o-mini-2024-07-18:acme::id` as the library writes it: what is tuned costs more than what it is made of. */
function tuned(name: string): string {
  return `${name.split(':')[1]}.ft-`;
}
