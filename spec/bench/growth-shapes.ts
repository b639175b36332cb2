import type * as library from '../../lib/index.js';

type Library = typeof library;

/** Programs whose cost may only grow linearly. The library is a parameter, because it is loaded when counting has begun. */
export function shapesOf({ bind, score, startTrace, traceFunction, withSpan, withTrace }: Library) {
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
  /** 0 to count - 1 in a shuffled order. */
  const shuffled = (count: number) => numbers(count).map((index) => (index * 7919) % count);

  /** Opens handles in branches that run at once, and ends them in `order`. */
  async function openAtOnce(count: number, order: readonly number[], isNested = false): Promise<void> {
    using t = startTrace('batch');
    const ends: (() => void)[] = [];
    const branches = numbers(count).map(async (index) => {
      using _ = t.span('item');
      using _in = isNested ? t.span('part') : undefined;
      await new Promise<void>((end) => {
        ends[index] = end;
      });
    });
    for (const index of order) {
      ends[index]?.();
      await null;
      await null;
    }
    await Promise.all(branches);
  }

  const shapes: Readonly<Record<string, (count: number) => unknown>> = {
    'handles open at once that end in their order': (count) => openAtOnce(count, numbers(count)),
    'handles open at once that end in the opposite order': (count) => openAtOnce(count, numbers(count).reverse()),
    'handles open at once that end in any order': (count) => openAtOnce(count, shuffled(count)),
    'handles open at once with a handle in each': (count) => openAtOnce(count, shuffled(count), true),
    'handles in each other that end inside out': (count) => {
      using t = startTrace('t');
      const handles = numbers(count).map(() => t.span('s'));
      for (const handle of handles.reverse()) handle.end();
    },
    'handles in each other that end outside in': (count) => {
      using t = startTrace('t');
      for (const handle of numbers(count).map(() => t.span('s'))) handle.end();
    },
    'bodies under one handle': (count) => {
      using t = startTrace('t');
      using _ = t.span('s');
      for (const name of numbers(count)) withSpan(`b${name}`, () => {});
    },
    'bodies under one handle, over awaits': async (count) => {
      using t = startTrace('t');
      using _ = t.span('s');
      await Promise.all(numbers(count).map((name) => withSpan(`b${name}`, async () => {})));
    },
    'children of one named span': (count) => {
      using t = startTrace('t');
      using s = t.span('s');
      const children: library.SpanHandle[] = numbers(count).map(() => s.span('c'));
      for (const child of children) child.end();
    },
    'bodies in each other, over awaits': async (count) => {
      const down = async (left: number): Promise<void> => {
        await null;
        if (left > 0) await withSpan('level', () => down(left - 1));
      };
      await withTrace('t', () => down(count));
    },
    'traces that are open at once': async (count) => {
      await Promise.all(numbers(count).map((name) => withTrace(`t${name}`, async () => {})));
    },
    'metadata of one span': (count) =>
      withTrace('t', () =>
        withSpan('s', (s) => {
          for (const key of numbers(count)) s.setMetadata({ [`key ${key}`]: key });
        }),
      ),
    'metadata of one trace, under one key': (count) =>
      withTrace('t', (t) => {
        for (const progress of numbers(count)) t.setMetadata({ progress });
      }),
    'tags of one trace': (count) => withTrace('t', { tags: numbers(count).map((tag) => `tag ${tag}`) }, () => {}),
    'scores of one open trace': (count) =>
      withTrace('t', (t) => {
        for (const name of numbers(count)) score(t.traceId, `score ${name}`, 1);
      }),
    'chunks of one stream': (count) => {
      for (const _ of traceFunction(function* (): Generator<number> {
        yield* numbers(count);
      })());
    },
    'spans that end after their trace': (count) => {
      const t = startTrace('t');
      const spans = numbers(count).map(() => t.span('s'));
      t.end();
      for (const span of spans) span.end();
    },
    'spans that are opened after their trace': (count) => {
      const job = withTrace('t', () => bind(() => withSpan('late', () => {})));
      for (const _ of numbers(count)) job();
    },
  };
  return shapes;
}
