/** A matcher of Jest or Vitest that stands for a value, such as `expect.any(String)`. */
interface AsymmetricMatcher {
  asymmetricMatch(given: unknown): boolean;
  /** `Any<String>`. */
  toAsymmetricMatcher?(): string;
}

function isMatcher(value: unknown): value is AsymmetricMatcher {
  return typeof value === 'object' && value !== null && 'asymmetricMatch' in value;
}

/** The text of a matcher for messages; undefined for any other value. */
export function matcherText(value: unknown): string | undefined {
  return isMatcher(value) ? (value.toAsymmetricMatcher?.() ?? String(value)) : undefined;
}

/** Whether the value is equal, has all wanted properties with fitting values, or is a list whose entries fit one by one. */
export function fits(given: unknown, wanted: unknown): boolean {
  if (isMatcher(wanted)) return wanted.asymmetricMatch(given);
  if (Array.isArray(wanted))
    return Array.isArray(given) && given.length === wanted.length && wanted.every((each, at) => fits(given[at], each));
  if (typeof wanted !== 'object' || wanted === null) return Object.is(given, wanted);
  if (typeof given !== 'object' || given === null) return false;
  return Object.entries(wanted).every(
    ([name, each]) => Object.hasOwn(given, name) && fits((given as Record<string, unknown>)[name], each),
  );
}
