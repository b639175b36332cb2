import { expect } from 'chai';
import fc from 'fast-check';
import { OpenTrace, type Update } from '../../../lib/client/live/open-trace.js';
import { createTrace } from '../../../lib/engine/create-span.js';
import type { SpanHandle } from '../../../lib/engine/handles.js';
import { traceHandle } from '../../../lib/engine/live-handles.js';
import { currentFrame } from '../../../lib/engine/scope.js';
import { spanSoFar, traceSoFar } from '../../../lib/engine/so-far.js';
import { createRecording } from '../../support/recording.js';

/** What a backend has of a trace: its own record, and its spans by id. */
interface Stored {
  readonly head: unknown;
  readonly spans: ReadonlyMap<string, unknown>;
}

const nothing: Stored = { head: undefined, spans: new Map() };

/** The backend after an update. The record of a trace replaces the one before; spans are added, or replaced one by one. */
function updated(before: Stored, { record }: Update): Stored {
  const spans = new Map([...before.spans, ...record.spans.map((span) => [span.spanId, { ...span }] as const)]);
  if (!('status' in record)) return { ...before, spans };
  const { spans: _, ...head } = record;
  return { head, spans };
}

const steps = fc.array(
  fc.record({
    do: fc.constantFrom('open', 'open', 'change', 'end', 'trace', 'send', 'send', 'stored', 'lost'),
    which: fc.nat(5),
  }),
  { minLength: 10, maxLength: 60 },
);

describe('Updates of an open trace', () => {
  it('contain everything that is not stored yet, whichever updates are stored, lost or late, and end when all is stored', () => {
    fc.assert(
      fc.property(steps, (program) => {
        const node = createTrace(createRecording().recorder, currentFrame(), 'T', undefined, false);
        const trace = traceHandle(node);
        const open = new OpenTrace(node);
        const handles: SpanHandle[] = [];
        const onItsWay: Update[] = [];
        let backend = nothing;
        const known = (): Stored => {
          const { spans: _, ...head } = traceSoFar(node);
          const records = node.spans.map((span) => ({ ...spanSoFar(span, undefined) }));
          return { head, spans: new Map(records.map((record) => [record.spanId, record])) };
        };
        const next = (): Update | undefined => {
          const update = open.next();
          if (update !== undefined) {
            if (!('status' in update.record)) expect(backend.head, 'spans for a stored trace').to.not.equal(undefined);
            expect(updated(backend, update), 'with all that is not stored').to.deep.equal(known());
          } else if (!open.isPending && node.spans.length > 0) expect(backend, 'nothing is new').to.deep.equal(known());
          return update;
        };
        const store = (update: Update) => {
          backend = updated(backend, update);
          open.stored(update.number);
        };
        for (const [at, { do: what, which }] of program.entries()) {
          if (what === 'open') handles.push(trace.span(`s${at}`));
          else if (what === 'change') handles[which]?.setOutput(at);
          else if (what === 'end') handles[which]?.end();
          else if (what === 'trace') trace.setOutput({ messages: [{ role: 'assistant', content: `${at}` }] });
          else if (what === 'send') {
            const update = next();
            if (update !== undefined) onItsWay.push(update);
          } else {
            const [first] = onItsWay.splice(0, 1);
            if (first === undefined) continue;
            if (what === 'stored') store(first);
            else open.settled(first.number);
          }
        }
        for (const update of onItsWay) open.settled(update.number);
        if (node.spans.length === 0) return;
        for (let update = next(); update !== undefined; update = next()) store(update);
        expect(backend).to.deep.equal(known());
        for (const handle of handles) handle.end();
        trace.end();
      }),
      { numRuns: 300, endOnFailure: true },
    );
  });
});
