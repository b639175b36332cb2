/** One argument of a tool, as a JSON Schema and for the check. */
export interface Argument {
  readonly type: 'string' | 'integer' | 'array';
  readonly description: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The arguments of a tool by name; those in `required` must be there. */
export interface Arguments {
  readonly properties: Readonly<Record<string, Argument>>;
  readonly required?: readonly string[];
}

/** The valid arguments of a call. */
export type Given = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** The JSON Schema of a tool's arguments, as the protocol lists it. */
export function schemaOf({ properties, required = [] }: Arguments): object {
  const shapes = Object.entries(properties).map(([name, { type, ...rest }]) => [
    name,
    { type, ...rest, ...(type === 'array' ? { items: { type: 'string' } } : {}) },
  ]);
  return { type: 'object', properties: Object.fromEntries(shapes), required, additionalProperties: false };
}

/** The faults of a call's arguments, one line for each; empty if they are valid. */
export function argumentFaults(
  { properties, required = [] }: Arguments,
  given: Readonly<Record<string, unknown>>,
): string[] {
  const missing = required
    .filter((name) => given[name] === undefined)
    .map((name) => `${name}: expected ${wanted(properties[name])}, got nothing`);
  const wrong = Object.entries(given).flatMap(([name, value]) => {
    const argument = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (argument === undefined) {
      const names = Object.keys(properties);
      return [
        `${name}: expected ${names.length === 0 ? 'no argument' : `one of ${names.join(', ')}, got another name`}`,
      ];
    }
    return value === undefined || fits(argument, value)
      ? []
      : [`${name}: expected ${wanted(argument)}, got ${shown(value)}`];
  });
  return [...missing, ...wrong];
}

function fits(
  { type, enum: choices, minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Argument,
  value: unknown,
): boolean {
  if (type === 'array') return Array.isArray(value) && value.every((each) => typeof each === 'string');
  if (type === 'integer') return Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
  return typeof value === 'string' && value !== '' && (choices === undefined || choices.includes(value));
}

function wanted(argument: Argument | undefined): string {
  if (argument?.type === 'array') return 'an array of texts';
  if (argument?.type === 'integer')
    return `a whole number from ${argument.minimum ?? 0} to ${argument.maximum ?? 'any'}`;
  return argument?.enum === undefined ? 'a text' : `one of ${argument.enum.join(', ')}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
