import { type CommandContext, type Option, textOption, wrongOption } from '../command-line/command.js';

/** Options that select traces by their start. */
export const timeOptions: Readonly<Record<string, Option>> = {
  since: { type: 'string', value: '<time>', about: 'started within this time, such as 30m, 1h, 7d or 2w' },
  after: { type: 'string', value: '<time>', about: 'started at this time or later, such as 2026-03-29T10:00Z' },
  before: { type: 'string', value: '<time>', about: 'started before this time' },
};

/** The default length of a period, in milliseconds: seven days. */
const defaultMs = 7 * 86_400_000;

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** The period as parameters of a call to the server. @throws LocalFailure for an invalid time, or for both --since and --after */
export function timesOf(context: CommandContext): { readonly after?: string; readonly before?: string } {
  const since = textOption(context, 'since');
  const after = timeOption(context, 'after') ?? (since === undefined ? undefined : sinceText(since));
  if (since !== undefined && textOption(context, 'after') !== undefined)
    throw wrongOption('since', 'no --after beside it', since);
  const before = timeOption(context, 'before');
  return { ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) };
}

/** The period as times. Its end defaults to now, its start to seven days before its end. */
export function periodOf(context: CommandContext): { readonly after: string; readonly before: string } {
  const { after, before = new Date().toISOString() } = timesOf(context);
  return { after: after ?? new Date(Date.parse(before) - defaultMs).toISOString(), before };
}

function sinceText(text: string): string {
  const [, count, unit = ''] = /^(\d{1,6})\s*([smhdw])$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit] ?? Number.NaN);
  if (ms > 0 && ms < Date.now()) return new Date(Date.now() - ms).toISOString();
  throw wrongOption('since', 'a number with s, m, h, d or w, such as 30m', text);
}

function timeOption(context: CommandContext, name: string): string | undefined {
  const text = textOption(context, name);
  if (text === undefined) return undefined;
  const isTime = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i.test(text);
  // JavaScript reads a time without a zone as local, but a day alone as UTC.
  const ms = isTime ? Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T')) : Number.NaN;
  if (Number.isNaN(ms)) throw wrongOption(name, 'a time such as 2026-03-29T10:00Z', text);
  // A time with a zone is passed on unchanged, to the microsecond; a day or time without one is in the local zone.
  return /(?:Z|[+-]\d\d:?\d\d)$/i.test(text.slice(10)) ? text.replace(' ', 'T') : new Date(ms).toISOString();
}
