import { type Fields, fields, nonEmptyString, omitNullish, withGiven } from './read-unknown.js';

/** The fields of a request that are allowed and given, under the names by which they are recorded. */
export function pick(source: Fields, allowed: Readonly<Record<string, string>> | readonly string[]): Fields {
  const picked: Record<string, unknown> = {};
  const add = (from: string, to: string) => {
    const value = source[from];
    if (value !== undefined && value !== null) picked[to] = value;
  };
  if (isList(allowed)) for (const name of allowed) add(name, name);
  else for (const name of Object.keys(allowed)) add(name, allowed[name] as string); // `name` is a key of `allowed`
  return picked;
}

const isList = (allowed: Readonly<Record<string, string>> | readonly string[]): allowed is readonly string[] =>
  Array.isArray(allowed);

/** A format by its type and the name of its schema: the schema itself may be large. */
export function formatName(format: unknown): Fields | undefined {
  if (typeof format === 'string') return { type: format };
  const { type, name, json_schema, jsonSchema } = fields(format);
  const schema = fields(json_schema ?? jsonSchema);
  return omitNullish({ type: nonEmptyString(type), name: nonEmptyString(name) ?? nonEmptyString(schema.name) });
}

/** The given parameters of all groups; undefined if there are none. */
export function parameters(...groups: readonly Fields[]): Fields | undefined {
  const result: Record<string, unknown> = {};
  for (const group of groups) withGiven(result, group);
  return Object.keys(result).length === 0 ? undefined : result;
}

/** The names of the tools a model is offered. */
export function toolNames(tools: readonly unknown[]): readonly string[] | undefined {
  const names = tools.flatMap((tool) => {
    const { name, function: called, type } = fields(tool);
    return nonEmptyString(fields(called).name) ?? nonEmptyString(name) ?? nonEmptyString(type) ?? [];
  });
  return names.length === 0 ? undefined : names;
}
