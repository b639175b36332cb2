import { expect } from 'chai';
import { isLeftOutAbove, originOf, readSpan } from '../../lib/opentelemetry/read-span.js';
import type { OTelReadableSpan, OTelSpanContext } from '../../lib/opentelemetry/types.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const own: OTelSpanContext = { traceId, spanId: '00f067aa0ba902b7', traceFlags: 1 };
const above = { traceId, spanId: 'a1b2c3d4e5f60718', traceFlags: 1 };

/** A span with no more than every version has. */
const bare: OTelReadableSpan = {
  ...{ name: 'chat', attributes: {}, events: [], status: { code: 0 } },
  ...{ startTime: [1_700_000_000, 1_234_567], endTime: [1_700_000_001, 999_999_999] },
  spanContext: () => own,
};
const span = (more: Partial<OTelReadableSpan>): OTelReadableSpan => ({ ...bare, ...more });

/** A context of OpenTelemetry in which this span is active. */
const contextOf = (active: unknown) => ({
  getValue: (key: symbol) => (key === Symbol.for('OpenTelemetry Context Key SPAN') ? active : undefined),
});
const contextIn = (context: object) => contextOf({ spanContext: () => context });

describe('A span of OpenTelemetry', () => {
  it('is read by the fields that every version has, to the microsecond', () => {
    expect(readSpan(bare, true)).to.deep.equal({
      ...{ traceId, spanId: own.spanId, parentId: undefined, isParentRemote: false, name: 'chat', scope: '' },
      ...{ attributes: Object.create(null), events: [], links: [], status: { code: 0, message: '' } },
      ...{ startedAt: 1_700_000_000_001.234, endedAt: 1_700_000_001_999.999, droppedAttributes: 0, resource: {} },
    });
  });

  it('has no end while it is open', () => {
    expect(readSpan(bare, false).endedAt).to.equal(undefined);
  });

  it('is read with every optional field', () => {
    const read = readSpan(
      span({
        attributes: { model: 'm', tags: ['a', 'b'] },
        events: [
          { name: 'first', time: [1_700_000_000, 2_000_000] },
          { name: 'second', time: [1_700_000_000, 3_000_000], attributes: { x: 1 } },
        ],
        links: [{ context: above }, { context: { ...above, spanId: '1'.repeat(16) }, attributes: { y: 2 } }],
        status: { code: 2, message: 'gave up' },
        instrumentationScope: { name: 'newer' },
        instrumentationLibrary: { name: 'older' },
        droppedAttributesCount: 3,
        resource: { attributes: { 'service.name': 'shop' } },
      }),
      true,
    );
    expect({ ...read, attributes: { ...read.attributes } }).to.deep.include({
      scope: 'newer',
      attributes: { model: 'm', tags: ['a', 'b'] },
      events: [
        { name: 'first', at: 1_700_000_000_002, attributes: {} },
        { name: 'second', at: 1_700_000_000_003, attributes: { x: 1 } },
      ],
      links: [
        { traceId, spanId: above.spanId, attributes: {} },
        { traceId, spanId: '1'.repeat(16), attributes: { y: 2 } },
      ],
      status: { code: 2, message: 'gave up' },
      droppedAttributes: 3,
      resource: { 'service.name': 'shop' },
    });
  });

  it('has the library of version 1 as its scope', () => {
    expect(readSpan(span({ instrumentationLibrary: { name: 'older' } }), true).scope).to.equal('older');
  });

  it('has no attributes of a resource that is still being detected', () => {
    const attributes = { 'service.name': 'shop' };
    const resource = (asyncAttributesPending: boolean) => ({ attributes, asyncAttributesPending });
    expect(readSpan(span({ resource: resource(true) }), true).resource).to.deep.equal({});
    expect(readSpan(span({ resource: resource(false) }), true).resource).to.equal(attributes);
  });

  it('does not change when its attributes do', () => {
    const attributes: Record<string, unknown> = { tags: ['a'] };
    const read = readSpan(span({ attributes }), false);
    (attributes.tags as string[]).push('b');
    attributes.more = 1;
    expect({ ...read.attributes }).to.deep.equal({ tags: ['a'] });
  });

  describe('comes from', () => {
    const remote = { ...above, isRemote: true };
    const traceState = { serialize: () => 'pandaprobe=1' };
    const rows: readonly (readonly [
      title: string,
      given: Partial<OTelReadableSpan>,
      context: unknown,
      parentId: string | undefined,
      remoteState: string | undefined,
    ])[] = [
      ['nowhere', {}, undefined, undefined, undefined],
      ['nowhere, in version 1', { parentSpanId: '' }, undefined, undefined, undefined],
      ['a span here', { parentSpanContext: above }, undefined, above.spanId, undefined],
      ['a span here, in version 1', { parentSpanId: above.spanId }, contextIn(above), above.spanId, undefined],
      ['a span elsewhere', { parentSpanContext: { ...remote, traceState } }, undefined, above.spanId, 'pandaprobe=1'],
      ['one that says no more', { parentSpanContext: remote }, undefined, above.spanId, ''],
      [
        'a span elsewhere, in version 1',
        { parentSpanId: above.spanId },
        contextIn({ ...remote, traceState }),
        above.spanId,
        'pandaprobe=1',
      ],
      [
        'a span here, although the context has one from elsewhere',
        { parentSpanId: above.spanId },
        contextIn({ ...remote, spanId: '1'.repeat(16) }),
        above.spanId,
        undefined,
      ],
      [
        'a span here, in a context without one',
        { parentSpanId: above.spanId },
        contextOf(undefined),
        above.spanId,
        undefined,
      ],
      ['a span here, in a context of another kind', { parentSpanId: above.spanId }, {}, above.spanId, undefined],
      [
        'a span here, below one of another kind',
        { parentSpanId: above.spanId },
        contextOf({}),
        above.spanId,
        undefined,
      ],
    ];
    for (const [title, given, context, parentId, remoteState] of rows)
      it(title, () => {
        expect(originOf(span(given), context)).to.deep.equal({ parentId, remoteState });
      });
  });

  it('counts as left out above if the active span is not sampled', () => {
    expect(isLeftOutAbove(contextIn({ ...above, traceFlags: 0 }))).to.equal(true);
    expect(isLeftOutAbove(contextIn({ ...above, traceFlags: 2 }))).to.equal(true);
    expect(isLeftOutAbove(contextIn({ ...above, traceFlags: 3 }))).to.equal(false);
    expect(isLeftOutAbove(contextIn(above))).to.equal(false);
    expect(isLeftOutAbove(contextIn({ ...above, traceId: '0'.repeat(32), traceFlags: 0 }))).to.equal(false);
    for (const context of [undefined, {}, contextOf(undefined), contextOf({})])
      expect(isLeftOutAbove(context)).to.equal(false);
  });
});
