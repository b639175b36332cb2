/** A day, a version or `latest` at the end of a name. */
const version = /[-@](?:20\d\d-?[01]\d-?[0-3]\d|00\d|latest)$/;

/** OpenRouter's suffixes that choose a route; they change no price. */
const route = /:(?:nitro|floor|exacto|online)$/;

/**
 * The names under which the library may have the price of a model, the most exact first: also without the part before the last
 * slash (publishers, ARNs), and without a date. Amazon charges by the requested name, which contains the region.
 */
export function namesOf(provider: string, answered: string, requested = answered): readonly string[] {
  const given = provider === 'aws' ? [requested, answered] : [answered, requested];
  const names = given.flatMap((name) => {
    const model = name.startsWith('ft:') ? fineTunedName(name) : name.replace(route, '');
    const last = model.slice(model.lastIndexOf('/') + 1);
    return [model, last, model.replace(version, ''), last.replace(version, '')];
  });
  return [...new Set(names)].filter((name) => name !== '');
}

/** The library's name for a fine-tuned model such as `ft:gpt-4o-mini-2024-07-18:acme::id`, which costs more than its base model. */
function fineTunedName(name: string): string {
  return `${name.split(':')[1]}.ft-`;
}
