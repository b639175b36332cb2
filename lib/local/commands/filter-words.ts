import { SpanKind } from '../../model/kinds.js';
import { type FilterText, readFilterText } from '../wire/filter-text.js';
import { Issues } from '../wire/issues.js';
import { type CommandContext, choiceOption, type Option, textOption, textsOption, wrongOption } from './command.js';

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
  /** The filter's text; undefined if the search has no words for these options. */
  readonly text: string | undefined;
  /** The parsed filter. */
  readonly filter: FilterText;
}

/** The options that a filter has a word for. `name` is part of a name as an option, and all of it, or a pattern, as a word. */
const keys = ['kind', 'model', 'env', 'release', 'status', 'name', 'session', 'user'] as const;
type Key = (typeof keys)[number];

/**
 * Puts `--filter` and the options that stand for one of its words together.
 *
 * @param without - options that are not for the search: they say it to the server another way
 * @throws LocalFailure for a filter that cannot be read, or that has a word which an option has, too
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
    // The search looks for words: what stands between them does not matter to it.
    ...(text === undefined ? [] : [`text:"${text.replaceAll('"', ' ')}"`]),
    given, // the last, because a quote in it may be open
  ];
  // A quote would end the word.
  const isSayable = ![...Object.values(texts), ...tags].some((value) => value.includes('"'));
  return {
    text: isSayable ? words.join(' ').trim() : undefined,
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
  if (first === undefined) return filter;
  throw wrongOption('filter', `words of the search (${first.message})`, given);
}
