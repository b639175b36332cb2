import { expect } from 'chai';
import fc from 'fast-check';
import { suppressesProviderSpans } from '../../lib/client/recording/suppression.js';
import { newId, parseId } from '../../lib/common/ids.js';
import { spanHex, spanIdFromHex } from '../../lib/common/span-hex.js';
import { asCallback, createSpan } from '../../lib/engine/create-span.js';
import { emptyFrame } from '../../lib/engine/frame.js';
import { endSpanAt, openGivenSpan } from '../../lib/engine/integration/given-times.js';
import { modelFrame } from '../../lib/engine/integration/model-frame.js';
import { remoteFrame } from '../../lib/engine/integration/remote-trace.js';
import { carrierOf, contextIn, isSameDestination } from '../../lib/engine/integration/trace-context.js';
import { placeIn, within } from '../../lib/engine/scope.js';
import { TraceNode } from '../../lib/engine/trace-node.js';
import { createRecording } from '../support/recording.js';

const hexOf = (chars: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: chars, maxLength: chars });
const uuids = hexOf(32)
  .filter((hex) => parseId(hex) !== undefined)
  .map((hex) => String(parseId(hex)));

describe('The engine for integrations', () => {
  describe('ids of spans', () => {
    it('come back from the eight bytes of traceparent exactly, as UUIDs of version 8', () => {
      fc.assert(
        fc.property(uuids, hexOf(16), (traceId, hex) => {
          const spanId = spanIdFromHex(traceId, hex);
          expect(spanId).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
          expect(spanHex(traceId, spanId)).to.equal(hex);
        }),
        { numRuns: 2000 },
      );
    });

    it('differ in two traces even if their last eight bytes are equal', () => {
      expect(spanIdFromHex(newId(), '1'.repeat(16))).to.not.equal(spanIdFromHex(newId(), '1'.repeat(16)));
    });

    it('are reduced to their last eight bytes if they were not made by this package', () => {
      expect(spanHex(newId(), 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6')).to.equal('a76500a0c91e6bf6');
    });
  });

  describe('the context of a request', () => {
    const spanOf = (destination = 'here') => {
      const recorder = { ...createRecording().recorder, destination };
      const trace = new TraceNode(recorder, {
        ...{ name: 'T', isHandle: false, outside: emptyFrame, sessionId: undefined, userId: undefined, tags: [] },
      });
      return createSpan(trace, undefined, 's', undefined, asCallback);
    };

    const placeOfSpan = () => {
      const span = spanOf();
      return { trace: span.trace, span };
    };

    it('leads back to the span, however its id was made', () => {
      const span = spanOf();
      const { traceId } = span.trace;
      for (const spanId of [span.draft.spanId, spanIdFromHex(traceId, 'b7ad6b7169203331')]) {
        span.draft.spanId = spanId;
        const { traceparent, tracestate } = carrierOf({ trace: span.trace, span }, {});
        expect(traceparent).to.match(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
        const context = contextIn(undefined, tracestate);
        expect(context).to.deep.include({ traceId, spanId, isSampled: true });
        if (context === undefined) return;
        expect(['here', 'elsewhere', undefined].map((at) => isSameDestination(context, at))).to.deep.equal([
          true,
          false,
          false,
        ]);
        expect(contextIn(traceparent, undefined)).to.deep.equal({ traceId, spanId, isSampled: true });
      }
    });

    it('keeps entries of other tracers behind ours, up to the number that everybody passes on', () => {
      const others = Array.from({ length: 40 }, (_, i) => `v${i}=1`).join(',');
      const { tracestate } = carrierOf(placeOfSpan(), { tracestate: `${others},pandaprobe=old` });
      expect(tracestate.split(',')).to.have.lengthOf(32);
      expect(tracestate)
        .to.match(/^pandaprobe=[0-9a-f-]+,v0=1,/)
        .and.not.include('old');
      expect(carrierOf(placeOfSpan(), { tracestate: `a=${'x'.repeat(600)}` }).tracestate).to.not.include('xxx');
    });

    it('is ignored if its entry is not ours', () => {
      for (const odd of [
        undefined,
        7,
        {},
        '',
        'pandaprobe=',
        'pandaprobe=1',
        `pandaprobe=1-${'0'.repeat(8)}-${'0'.repeat(32)}-${'0'.repeat(16)}-1`,
      ]) {
        expect(contextIn(undefined, odd)).to.equal(undefined);
      }
    });
  });

  describe('a part of a remote trace', () => {
    const parent = { traceId: newId(), spanId: newId(), isSampled: true };

    it('hands over its spans together, as late spans below the remote span, and makes no trace', () => {
      const recording = createRecording();
      const opened: unknown[] = [];
      const recorder = { ...recording.recorder, opened: (trace: unknown) => opened.push(trace) };
      within(remoteFrame(recorder, 'w', parent), () => {
        const place = placeIn(remoteFrame(recorder, 'w', parent));
        if (place === undefined) throw new Error('nothing is current');
        const outer = createSpan(place.trace, place.span, 'outer', undefined, asCallback);
        const inner = createSpan(place.trace, outer, 'inner', undefined, asCallback);
        inner.end();
        expect(recording.late).to.deep.equal([]);
        outer.end();
      });
      expect(recording.late.map(({ traceId, spans }) => [traceId, spans.map(({ name }) => name)])).to.deep.equal([
        [parent.traceId, ['inner', 'outer']],
      ]);
      const [inner, outer] = recording.late[0]?.spans ?? [];
      expect([inner?.parentSpanId, outer?.parentSpanId]).to.deep.equal([outer?.spanId, parent.spanId]);
      expect([recording.traces, opened]).to.deep.equal([[], []]);
    });

    it('P9 hands over open spans at the end of the process, marked', () => {
      const recording = createRecording();
      const recorder = { ...recording.recorder, openLate: new Set<never>() };
      const place = placeIn(remoteFrame(recorder, 'w', parent));
      const outer = createSpan(place?.trace as TraceNode, place?.span, 'outer', undefined, asCallback);
      createSpan(outer.trace, outer, 'inner', undefined, asCallback).end();
      expect([...recorder.openLate]).to.deep.equal([outer]);
      outer.trace.handOverOpen(outer);
      expect(recording.late.flatMap(({ spans }) => spans.map(({ name }) => name))).to.deep.equal(['inner', 'outer']);
      expect(recording.late.at(-1)?.spans[0]?.metadata).to.include('"pandaprobe.unfinished":true');
    });
  });

  describe('a span at given times', () => {
    const traceOf = (recorder = createRecording().recorder) =>
      new TraceNode(recorder, {
        ...{ name: 'T', isHandle: false, outside: emptyFrame, sessionId: undefined, userId: undefined, tags: [] },
      });

    it('has the parent and times that the framework names, whatever is current', () => {
      const recording = createRecording();
      const trace = traceOf(recording.recorder);
      const parent = openGivenSpan({ trace, parent: undefined, startedAt: 1000 }, 'agent', { kind: 'AGENT' });
      const child = openGivenSpan({ trace, parent, startedAt: 1200 }, 'tool', { kind: 'TOOL' });
      endSpanAt(child, 1300);
      endSpanAt(child, 1400);
      endSpanAt(parent, 1500);
      trace.end();
      expect(
        recording.traces[0]?.spans.map((span) => [span.name, span.parentSpanId, span.startedAt, span.endedAt]),
      ).to.deep.equal([
        ['agent', undefined, 1000, 1500],
        ['tool', parent.draft.spanId, 1200, 1300],
      ]);
    });

    it('begins now if the framework’s time is less than a millisecond ahead', () => {
      const trace = traceOf();
      const now = openGivenSpan({ trace, parent: undefined }, 'now', {}).draft.startedAt;
      const startedAt = now + 1.9;
      const step = openGivenSpan({ trace, parent: undefined, startedAt }, 'step', {});
      const { startedAt: after } = openGivenSpan({ trace, parent: undefined }, 'after', {}).draft;
      expect(step.draft.startedAt).to.be.within(now, after).and.lessThan(startedAt);
    });

    it('never ends before it began, and without a time ends now', () => {
      const trace = traceOf();
      const early = openGivenSpan({ trace, parent: undefined, startedAt: 1000 }, 'early', {});
      endSpanAt(early, 900);
      expect(early.draft.endedAt).to.equal(1000);
      // The last two are no times that can be written.
      for (const time of [Number.NaN, 1e20, -1e17]) {
        const untold = openGivenSpan({ trace, parent: undefined, startedAt: time }, 'untold', {});
        endSpanAt(untold, time);
        expect(untold.draft.startedAt, String(time)).to.be.within(0, 100);
        expect(untold.draft.endedAt, String(time)).to.be.within(untold.draft.startedAt, 200);
      }
    });

    it('is current for a model call with wrapped clients silent, and no longer', () => {
      const span = openGivenSpan({ trace: traceOf(), parent: undefined }, 'model', { kind: 'LLM' });
      const frame = modelFrame(span, emptyFrame);
      expect([placeIn(frame)?.span, suppressesProviderSpans(frame)]).to.deep.equal([span, true]);
      span.end();
      expect([frame, emptyFrame].map(suppressesProviderSpans)).to.deep.equal([false, false]);
    });
  });
});
