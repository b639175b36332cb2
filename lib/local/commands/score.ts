import { ScoreDataType } from '../../model/kinds.js';
import { maxLabelChars } from '../../model/limits.js';
import { Api, interrupted } from '../api/api.js';
import { findTrace, isThere } from '../api/named-trace.js';
import {
  type Command,
  type CommandContext,
  choiceOption,
  hasOption,
  serverOptions,
  textOption,
} from '../command-line/command.js';
import { givenIds } from '../command-line/given-ids.js';
import { count, plural } from '../command-line/number-text.js';
import { LocalFailure } from '../failure.js';
import { ScoreSource, valueFault } from '../wire/scores.js';

const types = Object.keys(ScoreDataType) as ScoreDataType[]; // an object with these keys
const sources = Object.keys(ScoreSource) as ScoreSource[]; // as above

/** `score`: adds a score and a note, by hand or from a script. */
export const score: Command = {
  name: 'score',
  usage: '<trace> <name> <value>',
  summary: 'give a trace a score and a note: a number from 0 to 1, true or false, or a word',
  options: {
    reason: { type: 'string', value: '<text>', about: 'a note: why' },
    type: {
      type: 'string',
      value: '<type>',
      choices: types,
      about: 'NUMERIC, BOOLEAN or CATEGORICAL (default: depends on the value)',
    },
    source: {
      type: 'string',
      value: '<source>',
      choices: sources,
      about: 'ANNOTATION, PROGRAMMATIC or AUTOMATED (default ANNOTATION)',
    },
    ...serverOptions,
  },
  maxArgs: 3,
  examples: [
    ['pandaprobe-ts score 0b0e7c5c quality 0.8', 'a number'],
    ['pandaprobe-ts score 0b0e7c5c helpful true --reason "found the order"', 'true or false, with a note'],
    [
      'pandaprobe-ts list --status ERROR --json | pandaprobe-ts score - triage seen',
      'a word, for all traces that another command has printed',
    ],
  ],
  async run(context) {
    const body = bodyOf(context);
    const [trace = ''] = context.args;
    if (trace !== '-') {
      const { api, traceId } = await findTrace(context, trace);
      tell(context, api, [await api.send<object>('POST', path, { trace_id: traceId, ...body })], body);
      return;
    }
    const ids = await givenIds('score', [trace]);
    const api = await Api.of(context);
    const scores: object[] = [];
    const absent: string[] = [];
    for (const traceId of ids) {
      if (context.signal.aborted) throw interrupted(`stopped before it was done: ${count(scores.length)} were scored`);
      if (await isThere(api, traceId))
        scores.push(await api.send<object>('POST', path, { trace_id: traceId, ...body }));
      else absent.push(traceId);
      context.terminal.progress(`${count(scores.length)} of ${count(ids.length)} traces scored`);
    }
    context.terminal.progress('');
    tell(context, api, scores, body);
    if (absent.length > 0)
      throw new LocalFailure(
        'notFound',
        `${count(absent.length)} of ${count(ids.length)} were not in project ${api.project}`,
      );
  },
};

const path = '/evaluations/trace-scores';

interface ScoreBody {
  readonly name: string;
  readonly value: string;
  readonly data_type: ScoreDataType;
  readonly source: ScoreSource;
  readonly reason: string | null;
}

/** @throws LocalFailure for arguments that no server accepts */
function bodyOf(context: CommandContext): ScoreBody {
  const [trace = '', name = '', text = ''] = context.args.map((arg) => arg.trim());
  if (trace === '' || name === '' || text === '') {
    const missing = trace === '' ? 'trace' : name === '' ? 'name' : 'value';
    throw new LocalFailure('usage', `score expects a trace, a name and a value, got no ${missing}`);
  }
  const type = choiceOption(context, 'type', types);
  const data_type = type ?? typeOf(text);
  const value = data_type === 'BOOLEAN' ? text.toLowerCase() : text;
  const fault = valueFault(value, data_type)?.replace('Value error, ', '');
  if (fault !== undefined) {
    const how = type === undefined ? ' (for another scale, give --type CATEGORICAL)' : '';
    throw new LocalFailure('usage', `score: ${fault}${how}`);
  }
  for (const [what, given] of [
    ['name', name],
    ['value', value],
  ] as const) {
    if ([...given].length > maxLabelChars)
      throw new LocalFailure('usage', `score expects a ${what} of at most ${maxLabelChars} characters`);
  }
  const reason = textOption(context, 'reason') ?? null;
  return { name, value, data_type, source: choiceOption(context, 'source', sources) ?? 'ANNOTATION', reason };
}

/** The default type of a text, as in `score()` of the SDK and in the viewer. */
function typeOf(text: string): ScoreDataType {
  if (/^(?:true|false)$/i.test(text)) return 'BOOLEAN';
  return Number.isFinite(Number(text)) ? 'NUMERIC' : 'CATEGORICAL';
}

function tell(context: CommandContext, { project }: Api, scores: readonly object[], { name, value }: ScoreBody): void {
  const { terminal } = context;
  if (hasOption(context, 'json')) for (const each of scores) terminal.out(JSON.stringify(each));
  else terminal.note(`${name} = ${value}: ${plural(scores.length, 'trace')} of project ${project} scored`);
}
