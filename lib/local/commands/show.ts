import type { ApiScore } from '../api/api.js';
import { traceLink } from '../api/links.js';
import { findTrace } from '../api/named-trace.js';
import {
  type Command,
  type CommandContext,
  choiceOption,
  hasOption,
  serverOptions,
  textOption,
} from '../command-line/command.js';
import { LocalFailure } from '../failure.js';
import { clients, codeOf } from '../text/call-code.js';
import type { WholeSpan, WholeTrace } from '../text/comparison.js';
import { stepNamed } from '../text/named-step.js';
import { stepLines } from '../text/step-text.js';
import { treeLines } from '../text/tree.js';
import { isLocalServer } from './local.js';

/** `show <trace>`: one trace as a tree. */
export const show: Command = {
  name: 'show',
  usage: '[<trace>]',
  summary: 'show one trace as a tree: by id, by the start of its id, or the newest',
  options: {
    step: {
      type: 'string',
      value: '<step>',
      about: 'one step with its input and output: by number, span id or name',
    },
    as: {
      type: 'string',
      value: '<client>',
      choices: clients,
      about: 'with --step: the model call as code that repeats it, for curl, openai, anthropic or ai-sdk',
    },
    ...serverOptions,
  },
  maxArgs: 1,
  examples: [
    ['pandaprobe-ts show', 'the newest trace'],
    ['pandaprobe-ts show 0b0e7c5c', 'one of the last 2,000 traces, by the start of its id'],
    ['pandaprobe-ts show 0b0e7c5c --json', 'the whole trace, with inputs and outputs'],
    ['pandaprobe-ts show 0b0e7c5c --step write-answer', 'one step, with its input and output'],
    ['pandaprobe-ts show 0b0e7c5c --step write-answer --as curl', 'a model call as a command that repeats it'],
  ],
  async run(context) {
    const step = textOption(context, 'step');
    const client = choiceOption(context, 'as', clients);
    if (client !== undefined && step === undefined)
      throw new LocalFailure('usage', '--as expects --step with the model call it is to be made of.');
    const { api, traceId } = await findTrace(context, context.args[0]);
    const trace = await api.get<WholeTrace>(`/traces/${traceId}`);
    if (step !== undefined) {
      const span = stepNamed(trace.spans, step);
      for (const line of await linesOf(context, span, client)) context.terminal.out(line);
      return;
    }
    if (hasOption(context, 'json')) {
      context.terminal.out(JSON.stringify(trace));
      return;
    }
    const scores = await api.get<ApiScore[]>(`/evaluations/trace-scores/${traceId}`);
    for (const line of treeLines(trace, scores, context.terminal.paint)) context.terminal.out(line);
    if (!(await isLocalServer(api.endpoint))) return; // the platform's pages have other addresses
    context.terminal.note(context.terminal.paint('dim', traceLink(api.endpoint, traceId, api.project)));
  },
};

async function linesOf(context: CommandContext, span: WholeSpan, client: (typeof clients)[number] | undefined) {
  const code = client === undefined ? undefined : await codeOf(span, client);
  if (hasOption(context, 'json')) return [JSON.stringify(code === undefined ? span : { code })];
  return code === undefined ? stepLines(span, context.terminal.paint) : [code.trimEnd()];
}
