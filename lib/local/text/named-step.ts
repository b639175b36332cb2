import type { ApiSpan } from '../api/api.js';
import { wrongOption } from '../command-line/command.js';
import { LocalFailure } from '../failure.js';
import { stepsOf } from './tree.js';

/** Most numbers of steps in an error message. */
const mostNamed = 10;

/**
 * Finds a step of a trace by its number in the tree, its span id, or its name.
 *
 * @throws LocalFailure if there is none, or more than one of this name
 */
export function stepNamed<T extends ApiSpan>(spans: readonly T[], wanted: string): T {
  const steps = [...stepsOf(spans)].map(({ span }) => span);
  const byNumber = /^#?\d+$/.test(wanted) ? steps[Number(wanted.replace('#', '')) - 1] : undefined;
  const byId = steps.find(({ span_id: id }) => id === wanted.toLowerCase());
  const numbers = steps.flatMap(({ name }, at) => (name === wanted ? [at + 1] : []));
  const byName = numbers.length === 1 ? steps[(numbers[0] ?? 0) - 1] : undefined;
  const found = byNumber ?? byId ?? byName;
  if (found !== undefined) return found;
  if (numbers.length > 1) {
    const some = `${numbers.slice(0, mostNamed).join(', ')}${numbers.length > mostNamed ? ', …' : ''}`;
    throw wrongOption('step', `the number of one of the ${numbers.length} steps of this name (${some})`, wanted);
  }
  const range = steps.length === 0 ? 'nothing: this trace has no steps' : `a number from 1 to ${steps.length}`;
  const { message } = wrongOption(
    'step',
    steps.length === 0 ? range : `${range}, a span id or a name of this trace`,
    wanted.slice(0, 100),
  );
  throw new LocalFailure('notFound', message);
}
