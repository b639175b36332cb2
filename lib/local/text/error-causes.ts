/** How many causes and members of an error are printed. */
const mostTold = 5;

/** Messages and codes of what an error was caused by, and of its members, as the metadata of its span has them. */
export function causesOf(metadata: unknown): string[] {
  const told: string[] = [];
  const waiting: unknown[] = below(fieldsOf(fieldsOf(metadata).exception));
  for (let next = waiting.shift(); next !== undefined && told.length < mostTold; next = waiting.shift()) {
    const { message, code, hostname, ...more } = fieldsOf(next);
    const text = typeof message === 'string' ? message : '';
    // Most messages say them already.
    const facts = [code, hostname].filter((fact) => typeof fact === 'string' && !text.includes(fact));
    const all = [text, ...facts].filter((part) => part !== '').join(' ');
    if (all !== '') told.push(all);
    waiting.unshift(...below(more));
  }
  return told;
}

function below({ cause, errors }: Readonly<Record<string, unknown>>): unknown[] {
  return [...(cause === undefined || cause === null ? [] : [cause]), ...(Array.isArray(errors) ? errors : [])];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
