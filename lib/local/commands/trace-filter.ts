import type { Params } from './api.js';
import { type CommandContext, type Option, textOption, textsOption } from './command.js';

/** Options that say which traces. */
export const filterOptions: Readonly<Record<string, Option>> = {
  status: { type: 'string', value: '<status>', about: 'PENDING, RUNNING, COMPLETED or ERROR' },
  name: { type: 'string', value: '<text>', about: 'part of the name' },
  session: { type: 'string', value: '<id>', about: 'the session' },
  user: { type: 'string', value: '<id>', about: 'the user' },
  tag: { type: 'string', multiple: true, value: '<tag>', about: 'a tag; given more than once, at least one of them' },
  after: { type: 'string', value: '<time>', about: 'started at this time or later, such as 2026-03-29T10:00Z' },
  before: { type: 'string', value: '<time>', about: 'started before this time' },
};

/** The parameters of `GET /traces` that the options mean. */
export function filterParams(context: CommandContext): Params {
  return {
    status: textOption(context, 'status'),
    name: textOption(context, 'name'),
    session_id: textOption(context, 'session'),
    user_id: textOption(context, 'user'),
    tags: textsOption(context, 'tag'),
    started_after: textOption(context, 'after'),
    started_before: textOption(context, 'before'),
  };
}
