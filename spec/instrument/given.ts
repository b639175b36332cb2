import { expect } from 'chai';
import { init, MemorySink, type SpanView, spanFunction, traceFunction, withTrace } from '../../lib/index.js';
import { until } from '../support/until.js';

/** What a function may give, and how its caller takes it. */
export interface Form {
  /** Makes what the function gives. */
  readonly make: () => unknown;
  /** Takes it to its end, as its caller would. */
  readonly take: (given: never) => unknown;
  /** What the span says of it. @defaultValue `OK` */
  readonly error?: string | RegExp;
  /** The recorded output. @defaultValue not looked at */
  readonly output?: unknown;
  /** How often the work is done, as far as that can be counted. */
  readonly count?: () => number;
}

interface Run {
  /** What the caller got: a value, or a rejection. */
  readonly got: unknown;
  readonly counted: number;
  readonly unhandled: readonly unknown[];
  readonly warnings: readonly string[];
}

/** Takes what `make` gives, noting what the caller and the process see. */
async function run({ make, take, count }: Form, call: (make: () => unknown) => unknown): Promise<Run> {
  const unhandled: unknown[] = [];
  const warnings: string[] = [];
  const before = process.listeners('unhandledRejection');
  const warn = (warning: Error) => warnings.push(warning.name);
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
  process.on('warning', warn);
  const counted = count?.() ?? 0;
  let got: unknown;
  try {
    got = ['value', await (take as (given: unknown) => unknown)(call(make))];
  } catch (error) {
    got = ['error', error instanceof Error ? `${error.name}: ${error.message}` : error];
  }
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
  process.removeAllListeners('unhandledRejection');
  for (const one of before) process.on('unhandledRejection', one);
  process.off('warning', warn);
  return { got, counted: (count?.() ?? 0) - counted, unhandled, warnings };
}

/** Runs a form bare, then as a span, and as a trace around a span: the caller sees the same, and the call ends by itself with what it was. */
export async function sameAndOver(form: Form): Promise<SpanView> {
  const memory = new MemorySink();
  init({ sinks: [memory] });
  const bare = await run(form, (make) => make());
  let made: unknown;
  const make = () => {
    made = form.make();
    return made;
  };
  const spanned = await withTrace('around', async () => {
    const ended = await run(form, () => {
      const given = spanFunction(make, { name: 'call' })();
      expect(given).to.equal(made);
      return given;
    });
    return ended;
  });
  expect(spanned).to.deep.equal(bare);
  const inner = spanFunction(make, { name: 'inner' });
  const traced = await run(form, () => traceFunction(() => inner(), { name: 'call' })());
  expect(traced).to.deep.equal(bare);
  await until(() => memory.traces.length === 2);
  const [around, own] = memory.traces;
  const span = around?.spans[0];
  if (span === undefined || own === undefined) throw new Error('expected a span and a trace');
  // What an error tells more is of spec/model/error-details.spec.ts.
  const rest = ({ status, metadata: { exception: _, ...metadata } }: SpanView) => ({ status, metadata });
  expect(rest(span).metadata).to.deep.equal({});
  expect(own.spans.map(rest)).to.deep.equal([{ status: span.status, metadata: {} }]);
  const { error, output } = form;
  if (error === undefined) {
    expect([span.status, own.status, span.error]).to.deep.equal(['OK', 'COMPLETED', undefined]);
  } else {
    expect([span.status, own.status]).to.deep.equal(['ERROR', 'ERROR']);
    if (typeof error === 'string') expect(span.error).to.equal(error);
    else expect(span.error).to.match(error);
  }
  if (output !== undefined) {
    expect(span.output).to.deep.equal(output);
    expect(own.output).to.deep.equal(output);
  }
  return span;
}
