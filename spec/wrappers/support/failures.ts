import type { Answer, Seen } from '../../support/provider.js';

/** What a provider answers by itself, by the model that is asked for; `limited` is needed. */
export type Failures = Readonly<Record<string, Answer>> & { readonly limited: Answer };

/**
 * The failure that a request's model asks for: one of the provider's own, or one that all have: `limited-once`,
 * `malformed`, `hang` and `cut-first`. Undefined for a request that is answered.
 */
export function failureOf(model: string, { before }: Seen, own: Failures, malformed: string): Answer | undefined {
  switch (model) {
    case 'limited-once':
      return before === 0 ? own.limited : undefined;
    case 'malformed':
      return { kind: 'text', text: malformed };
    case 'hang':
      return { kind: 'hang' };
    case 'cut-first':
      return { kind: 'cut' };
    default:
      return Object.hasOwn(own, model) ? own[model] : undefined;
  }
}
