import { withSpan } from '../../lib/instrument/context.js';
import { type TraceHandle, turns } from '../support/recording.js';

/** How a child is opened: a handle in its function, or a body around it. */
export const forms = ['handle', 'body'] as const;
type Form = (typeof forms)[number];

/** Opens a child, waits for `wait` turns of the event loop, then does `rest`. */
export async function step(form: Form, t: TraceHandle, name: string, wait: number, rest?: () => Promise<void>) {
  if (form === 'body') {
    await withSpan(name, async () => {
      await turns(wait);
      await rest?.();
    });
    return;
  }
  using _ = t.span(name);
  await turns(wait);
  await rest?.();
}
