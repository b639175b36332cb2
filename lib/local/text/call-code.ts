import { printable } from '../command-line/terminal.js';
import { LocalFailure } from '../failure.js';
import type { WholeSpan } from './comparison.js';

/** The clients for which a model call can be written. */
export const clients = ['curl', 'openai', 'anthropic', 'ai-sdk'] as const;

/**
 * A model call as code that repeats it, the same as the viewer copies. Control characters are written as escapes, which mean the
 * same in JSON and in JavaScript, so that the code is safe to print.
 *
 * @throws LocalFailure if the step is not a model call, or its input was not recorded
 */
export async function codeOf(span: WholeSpan, client: (typeof clients)[number]): Promise<string> {
  const { name, kind, input } = span;
  if (kind !== 'LLM')
    throw new LocalFailure('usage', `--as expects a model call, got ${printable(name)}, a step of kind ${kind}.`);
  if (input === null || input === undefined)
    throw new LocalFailure('usage', `--as cannot be used for ${printable(name)}: its input was not recorded.`);
  const { forms } = await import('../viewer/values/as-code.js');
  const form = forms.find(({ name: of }) => of.toLowerCase().replace(' ', '-') === client);
  if (form === undefined) throw new Error(`there is no form for ${client}`);
  return form.text(span).split('\n').map(printable).join('\n');
}
