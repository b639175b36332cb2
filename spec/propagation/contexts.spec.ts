import { expect } from 'chai';
import fc from 'fast-check';
import { init, MemorySink, session, shutdown, user, withSpan, withTrace } from '../../lib/index.js';
import { extract, inject, injectEnv, withRemoteParent } from '../../lib/propagation/propagation.js';

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';
const traceId = '0af76519-16cd-43dd-8448-eb211c80319c';
const valid = `00-${trace}-${span}-01`;

describe('What travels to another process', () => {
  describe('extract()', () => {
    const rows: readonly (readonly [what: string, traceparent: unknown, isTaken: boolean])[] = [
      ['is in order', valid, true],
      ['has blanks around it', ` ${valid}\t`, true],
      ['is not sampled', `00-${trace}-${span}-00`, true],
      ['has flags of later versions', `00-${trace}-${span}-ff`, true],
      ['is of a later version', `01-${trace}-${span}-01`, true],
      ['is of a later version and has more', `cc-${trace}-${span}-01-what-comes`, true],
      ['is of a later version and has more without a dash', `cc-${trace}-${span}-01what`, false],
      ['has more', `00-${trace}-${span}-01-more`, false],
      ['ends in a dash', `00-${trace}-${span}-01-`, false],
      ['is of version ff', `ff-${trace}-${span}-01`, false],
      ['has a trace of zeroes', `00-${'0'.repeat(32)}-${span}-01`, false],
      ['has a span of zeroes', `00-${trace}-${'0'.repeat(16)}-01`, false],
      ['has upper case', valid.toUpperCase(), false],
      ['has one digit in upper case', valid.replace('b7', 'B7'), false],
      ['has a short trace', `00-${trace.slice(1)}-${span}-01`, false],
      ['has a long trace', `00-${trace}0-${span}-01`, false],
      ['has a short span', `00-${trace}-${span.slice(1)}-01`, false],
      ['has short flags', `00-${trace}-${span}-1`, false],
      ['has no flags', `00-${trace}-${span}`, false],
      ['has a version of one digit', `0-${trace}-${span}-01`, false],
      ['has another separator', valid.replaceAll('-', '_'), false],
      ['has letters that are no digits', valid.replace('b7', 'g7'), false],
      ['is empty', '', false],
      ['is two', `${valid},${valid}`, false],
      ['is in a list', [valid], true],
      ['is in a list of two', [valid, valid], false],
      ['is in an empty list', [], false],
      ['is in bytes', Buffer.from(valid), true],
      ['is a number', 1, false],
      ['is an object', { toString: () => valid }, false],
      ['is null', null, false],
    ];
    for (const [what, traceparent, isTaken] of rows) {
      it(`${isTaken ? 'takes' : 'leaves'} a traceparent that ${what}`, () => {
        const context = extract({ traceparent, tracestate: 'pandaprobe=1' });
        expect(context?.traceId).to.equal(isTaken ? traceId : undefined);
      });
    }

    it('reads every form of headers', () => {
      const state = 'pandaprobe=1,other=2';
      const carriers: readonly (object | string)[] = [
        { traceparent: valid, tracestate: state },
        { Traceparent: valid, TraceState: state },
        { TRACEPARENT: valid, TRACESTATE: state },
        Object.assign(Object.create(null), { traceparent: valid, tracestate: ['pandaprobe=1', 'other=2'] }),
        new Headers({ traceparent: valid, tracestate: state }),
        new Map([['traceparent', valid], ['tracestate', state]]), // biome-ignore format: pairs
        new Map([['Traceparent', valid], ['Tracestate', state]]), // biome-ignore format: pairs
        [['traceparent', valid], ['tracestate', 'pandaprobe=1'], ['Tracestate', 'other=2']], // biome-ignore format: pairs
        ['Host', 'x', 'traceparent', valid, 'tracestate', state],
        { get: (name: string) => ({ traceparent: valid, tracestate: state })[name] },
        { traceId: 'job-7', traceparent: valid, tracestate: state }, // a field of the job's own
        { traceId: '11111111-1111-4111-8111-111111111111', traceparent: valid, tracestate: state },
      ];
      for (const carrier of carriers) {
        expect(extract(carrier)).to.deep.include({ traceId, isSampled: true, reportsTo: 'any', tracestate: 'other=2' });
      }
      expect(extract(valid)).to.deep.include({ traceId, isSampled: true }).and.not.have.property('reportsTo');
    });

    it('P11 returns undefined for everything else, and throws nothing', () => {
      const hostile = new Proxy({}, { ownKeys: () => { throw new Error('no'); }, get: () => { throw new Error('no'); } }); // biome-ignore format: one line
      const odd = [
        undefined,
        null,
        '',
        {},
        [],
        new Map(),
        new Headers(),
        hostile,
        { traceId: 'no' },
        7 as never,
        new Date(),
      ];
      for (const carrier of odd) expect(extract(carrier)).to.equal(undefined);
    });

    it('reads nothing that was inherited', () => {
      expect(extract(Object.create({ traceparent: valid }))).to.equal(undefined);
    });

    it('reads session and user from baggage, and nothing else', () => {
      const read = (baggage: string) => {
        const { sessionId, userId } = extract({ traceparent: valid, baggage }) ?? {};
        return [sessionId, userId];
      };
      expect(read('a=b, session.id=chat%207;x=1 ,user.id=a%2Cb')).to.deep.equal(['chat 7', 'a,b']);
      expect(read('session.id=%zz,user.id=')).to.deep.equal([undefined, undefined]);
      expect(read('session.id,user.id;x=1')).to.deep.equal([undefined, undefined]);
      expect(read(`session.id=${'x'.repeat(9000)}`)).to.deep.equal([undefined, undefined]);
      expect(read('__proto__=1,constructor=2')).to.deep.equal([undefined, undefined]);
    });
  });

  describe('inject()', () => {
    let memory: MemorySink;
    beforeEach(() => {
      memory = new MemorySink();
      init({ projectName: 'p', endpoint: 'http://127.0.0.1:9', apiKey: 'sk_pp_key', sinks: [memory] });
    });
    afterEach(() => shutdown());

    it('returns an empty object if no trace is current', () => {
      expect(inject()).to.deep.equal({});
    });

    it('carries the ids of trace and span exactly, by traceparent alone, in whatever form it is sent', () => {
      withTrace('t', (t) =>
        withSpan('s', (s) => {
          const carried = inject();
          expect(Object.keys(carried)).to.deep.equal(['traceparent', 'tracestate']);
          expect(carried.tracestate).to.match(/^pandaprobe=1/);
          const ids = { traceId: t.traceId, spanId: s.spanId, isSampled: true };
          const env = injectEnv({ PATH: '/bin' });
          expect(env.PATH).to.equal('/bin');
          for (const sent of [carried, new Headers(carried), JSON.parse(JSON.stringify(carried)), structuredClone(env)])
            expect(extract(sent)).to.deep.include(ids);
          expect(extract(carried.traceparent)).to.deep.equal(ids);
          const context = extract(carried);
          expect(extract(JSON.parse(JSON.stringify(context)))).to.deep.equal(context);
        }),
      );
    });

    it('P11 returns headers that can be sent, whatever the context of a job contains', () => {
      const texts = ['a=1\nx: y', 'a=\u2014', 'a=\0', 'a=\ud800', '\n', ''];
      for (const reportsTo of [undefined, 'any', '01234567']) {
        for (const text of texts) {
          const context = { traceId, isSampled: true, reportsTo, tracestate: `${text},b=2` };
          withRemoteParent(JSON.parse(JSON.stringify(context)), () => {
            expect(new Headers(inject()).get('tracestate')).to.match(/^(?:pandaprobe=[^,]*,)?b=2$/);
            withTrace('t', () => expect(() => new Headers(inject())).not.to.throw());
          });
        }
      }
    });

    it('names the trace itself if no span is current', () => {
      withTrace('t', (t) => {
        const context = extract(inject());
        expect(context).to.deep.include({ traceId: t.traceId }).and.not.have.property('spanId');
        withRemoteParent(context, () => withSpan('far', () => {}));
      });
      expect(memory.tree()).to.equal('t\n└─ far OTHER');
    });

    it('sends session and user only when asked', () => {
      session('chat, 7', () =>
        user('ü%', () =>
          withTrace('t', () => {
            expect(JSON.stringify(inject())).to.not.include('chat');
            const carried = inject({ baggage: true });
            expect(carried.baggage).to.equal('session.id=chat%2C%207,user.id=%C3%BC%25');
            expect(extract(carried)).to.deep.include({ sessionId: 'chat, 7', userId: 'ü%' });
          }),
        ),
      );
    });

    it('P27 masks a session and a user as they are in a trace', async () => {
      await shutdown();
      init({ apiKey: 'sk_pp_key', projectName: 'p', sinks: [memory], mask: () => 'hidden' });
      withTrace('t', () => {
        session('secret', () => {
          const { baggage } = inject({ baggage: true });
          expect(baggage).to.equal('session.id=hidden');
        });
      });
    });
  });

  it('comes back equal from every carrier: random contexts', () => {
    const digits = (length: number) =>
      fc
        .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
        .filter((text) => !/^0+$/.test(text));
    fc.assert(
      fc.property(digits(32), digits(16), fc.boolean(), fc.boolean(), (traceHex, spanHex, isSampled, isMarked) => {
        const traceparent = `00-${traceHex}-${spanHex}-0${isSampled ? 1 : 0}`;
        const carrier = { traceparent, ...(isMarked ? { tracestate: 'pandaprobe=1,b=2' } : {}) };
        const context = extract(carrier);
        expect(extract(JSON.parse(JSON.stringify(context)))).to.deep.equal(context);
        withRemoteParent(context, () => {
          const on = inject();
          expect(on.traceparent).to.equal(traceparent);
          expect(extract(on)?.traceId).to.equal(context?.traceId);
          expect(extract(on)?.spanId).to.equal(context?.spanId);
          expect(extract(on)?.isSampled).to.equal(isSampled);
        });
      }),
      { numRuns: 500 },
    );
  });
});
