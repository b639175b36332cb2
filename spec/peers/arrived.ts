/** A span as a product's own backend gets it, in the words of this package. */
export interface PeerSpan {
  readonly id: string;
  readonly trace: string;
  readonly parent: string | undefined;
  readonly name: string;
  readonly kind: 'LLM' | 'TOOL' | 'other';
  readonly start: number;
  readonly hasEnded: boolean;
  readonly error: string | undefined;
  readonly prompt: number;
  readonly completion: number;
  /** What came out, as JSON. */
  readonly output: string;
}

export type Json = Readonly<Record<string, unknown>>;

export const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
export const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(object) : []);
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** The first of these that is a number above 0. */
export function count(...values: readonly unknown[]): number {
  return values.map(Number).find((value) => value > 0) ?? 0;
}

/** JSON of a value; of a text that is JSON already, that text. */
export function jsonOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/**
 * A tree without what frameworks do between: model calls, tools and the user's own `lookup` spans, each below the nearest of these
 * that it stands in. Siblings are sorted, because tools run at once.
 */
export function skeleton(spans: readonly PeerSpan[]): string {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const labels = new Map(spans.flatMap((span) => (labelOf(span) === undefined ? [] : [[span, labelOf(span)]])));
  const parentOf = (span: PeerSpan): PeerSpan | undefined => {
    let at = byId.get(span.parent ?? '');
    for (let left = spans.length; left > 0 && at !== undefined && !labels.has(at); left -= 1) {
      at = byId.get(at.parent ?? '');
    }
    return at;
  };
  const below = (parent: PeerSpan | undefined): string =>
    [...labels.keys()]
      .filter((span) => parentOf(span) === parent)
      .map((span) => {
        const inner = below(span);
        return `${labels.get(span)}${inner === '' ? '' : `(${inner})`}`;
      })
      .sort()
      .join(' ');
  return below(undefined);
}

function labelOf({ kind, name }: PeerSpan): string | undefined {
  return /lookup \w+/.exec(name)?.[0] ?? (kind === 'other' ? undefined : kind);
}
