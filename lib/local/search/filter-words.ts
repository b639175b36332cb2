import { SpanKind } from '../../model/kinds.js';
import {
  type CommandContext,
  choiceOption,
  type Option,
  textOption,
  textsOption,
  wrongOption,
} from '../command-line/command.js';
import { type FilterText, readFilterText } from '../wire/filter-text.js';
import { Issues } from '../wire/issues.js';

const kinds = Object.keys(SpanKind);

/** Options that search in a trace; each one becomes a word of the filter. */
export const wordOptions: Readonly<Record<string, Option>> = {
  filter: {
    type: 'string',
    value: '<words>',
    about: 'as in the search of the viewer, such as "kind:llm duration:>2s declined"',
  },
  text: { type: 'string', value: '<text>', about: 'a text anywhere in it: names, inputs, outputs, metadata, errors' },
  kind: { type: 'string', value: '<kind>', choices: kinds, about: `has a span of this kind: ${kinds.join(', ')}` },
  model: { type: 'string', value: '<model>', about: 'has a span of this model; * stands for anything' },
  env: { type: 'string', value: '<name>', about: 'the environment; * stands for anything' },
  release: { type: 'string', value: '<name>', about: 'the release; * stands for anything' },
};

/** Options as a filter of the search. */
export interface AskedWords {
  /** The filter's text; undefined if a filter cannot express these options. */
  readonly text: string | undefined;
  /** The parsed filter. */
  readonly filter: FilterText;
}

/** The options that are also keys of a filter. The option `--name` matches a part of the name, the key `name:` the whole name or a pattern. */
const keys = ['kind', 'model', 'env', 'release', 'status', 'name', 'session', 'user'] as const;
type Key = (typeof keys)[number];

/**
 * Combines `--filter` with the options that are keys or words of a filter.
 *
 * @param without - options that are not part of the search, because they are parameters of the call
 * @throws LocalFailure if the filter is invalid, or has a key that is also given as an option
 */
export function askedWords(context: CommandContext, without: readonly (Key | 'tag')[] = []): AskedWords {
  const given = textOption(context, 'filter') ?? '';
  const filter = readFilter(given);
  const texts: Partial<Record<Key, string>> = {};
  for (const key of keys) {
    const value = key === 'kind' ? choiceOption(context, 'kind', kinds)?.toLowerCase() : textOption(context, key);
    if (value === undefined || without.includes(key)) continue;
    if (filter.texts[key] !== undefined) throw wrongOption('filter', `no ${key}: beside --${key}`, given);
    texts[key] = key === 'name' ? `*${value}*` : value;
  }
  const tags = without.includes('tag') ? [] : textsOption(context, 'tag');
  const text = textOption(context, 'text');
  const words = [
    ...Object.entries(texts).map(([key, value]) => `${key}:"${value}"`),
    ...tags.map((tag) => `tag:"${tag}"`),
    // A quote would end the phrase. A space in its place changes nothing: the search only compares words.
    ...(text === undefined ? [] : [`text:"${text.replaceAll('"', ' ')}"`]),
    given, // the last, because a quote in it may be open
  ];
  // A filter cannot express a value with a quote.
  const isExpressible = ![...Object.values(texts), ...tags].some((value) => value.includes('"'));
  return {
    text: isExpressible ? words.join(' ').trim() : undefined,
    filter: {
      ...filter,
      words: text === undefined ? filter.words : [...filter.words, text],
      texts: { ...filter.texts, ...listed(texts) },
      tags: [...filter.tags, ...tags],
    },
  };
}

/** Each option as the list of one that a filter has. */
function listed(texts: Readonly<Record<string, string>>): FilterText['texts'] {
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, [value]]));
}

function readFilter(given: string): FilterText {
  const issues = new Issues();
  const filter = readFilterText(given, issues);
  const [first] = issues.list;
  if (first !== undefined) throw wrongOption('filter', `words of the search (${first.message})`, given);
  // A filter without conditions selects everything. With `delete`, that must not happen by mistake.
  const isEmpty = [filter.words, filter.tags, Object.keys(filter.texts), Object.keys(filter.limits)].every(
    ({ length }) => length === 0,
  );
  if (isEmpty && given !== '') throw wrongOption('filter', 'words of the search', given);
  return filter;
}
