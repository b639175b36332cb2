import { expect } from 'chai';
import {
  init,
  type Mask,
  type MaskContext,
  MemorySink,
  shutdown,
  spanFunction,
  startTrace,
  traceFunction,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { listenToStderr } from '../support/stderr.js';
import { canary, plants } from './secrets.js';
import { whatGotOut } from './what-got-out.js';

/** Takes the canary out of keys and values, wherever it is. */
const hide: Mask = (value) => JSON.parse(JSON.stringify(value).replaceAll(canary, '***'));

describe('P27 Mask', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
  });
  afterEach(async () => {
    await shutdown();
    await receiver.close();
  });

  for (const [where, plant] of Object.entries(plants)) {
    it(`P27 keeps a secret in ${where} out of every sink and every byte sent`, async () => {
      const masked = await whatGotOut(receiver, plant, { mask: hide });
      expect(masked).to.include('***').and.not.include(canary);
      expect(receiver.problems).to.deep.equal([]);
      expect(receiver.traces.length, 'traces that arrived').to.be.greaterThan(0);
      const bare = await whatGotOut(receiver, plant, {});
      expect(bare, 'without a mask').to.include(canary);
    });

    it(`P27 replaces a secret in ${where} when the mask throws`, async () => {
      const mask = () => {
        throw new Error(`no mask for ${canary}`);
      };
      const masked = await whatGotOut(receiver, plant, { mask });
      expect(masked).to.include('[Masked: mask failed]').and.not.include(canary);
      expect(receiver.problems).to.deep.equal([]);
      expect(receiver.traces.length, 'traces that arrived').to.be.greaterThan(0);
    });
  }

  describe('its argument', () => {
    it('is a plain copy of the value, with its place', () => {
      const seen: (readonly [unknown, MaskContext])[] = [];
      const mask: Mask = (value, context) => {
        seen.push([value, context]);
        return value;
      };
      init({ sinks: [new MemorySink()], mask });
      const messages = [{ role: 'user', content: 'hi' }];
      withTrace('agent', { input: new Map([['messages', messages]]), tags: ['tag'], sessionId: 'chat' }, (t) => {
        withSpan('call', { kind: 'TOOL', model: 'm' }, (s) => s.setOutput(new Set([1])));
        t.setMetadata({ round: 1 });
      });
      const own = { traceName: 'agent', spanName: undefined, kind: undefined };
      const spans = { traceName: 'agent', spanName: 'call', kind: 'TOOL' };
      expect(seen.filter(([, { field }]) => field !== 'name')).to.have.deep.members([
        ['chat', { ...own, field: 'sessionId' }],
        ['tag', { ...own, field: 'tags' }],
        [{ messages }, { ...own, field: 'input' }],
        ['m', { ...spans, field: 'model' }],
        [[1], { ...spans, field: 'output' }],
        [{ round: 1 }, { ...own, field: 'metadata' }],
      ]);
      expect(seen.filter(([, { field }]) => field === 'name').map(([value]) => value)).to.deep.equal(['agent', 'call']);
    });

    it('records nothing of what a mask itself calls', () => {
      const memory = new MemorySink();
      const star = (text: string) => text.replaceAll('secret', '***');
      let calls = 0;
      const helpers = [
        spanFunction(star, { name: 'star' }),
        traceFunction(star, { name: 'star' }),
        (text: string) => withSpan('star', (s) => star(s.setInput({ text }) ? text : '')),
      ];
      for (const helper of helpers) {
        const mask: Mask = (value) => {
          calls += 1;
          return JSON.parse(helper(JSON.stringify(value)));
        };
        init({ sinks: [memory], mask });
        withTrace('agent', () => withSpan('step', (s) => s.setInput({ text: 'secret' })));
      }
      expect(memory.traces.filter(({ name }) => name === 'agent').map(({ spans }) => spans)).to.have.lengthOf(3);
      for (const { name, spans } of memory.traces) {
        if (name === 'agent')
          expect(spans.map(({ name, input }) => [name, input])).to.deep.equal([['step', { text: '***' }]]);
      }
      expect(JSON.stringify(memory.traces)).to.not.include('secret');
      expect(calls).to.equal(9);
    });

    it('may be changed in place without changing the data of the caller', () => {
      const memory = new MemorySink();
      const mask: Mask = (value) => {
        if (typeof value === 'object' && value !== null) (value as { key?: string }).key = '***';
        return value;
      };
      init({ sinks: [memory], mask });
      const input = { key: 'secret', other: 1 };
      withTrace('agent', () => withSpan('step', { input }, () => {}));
      expect(memory.traces[0]?.spans[0]?.input).to.deep.equal({ key: '***', other: 1 });
      expect(input).to.deep.equal({ key: 'secret', other: 1 });
    });
  });

  describe('its result', () => {
    const outcomes: Record<string, readonly [mask: Mask, input: unknown, name: string]> = {
      'another value is recorded': [() => ({ other: 1 }), { other: 1 }, '[Masked]'],
      'a text is recorded': [() => 'text', 'text', 'text'],
      'undefined leaves the value out': [() => undefined, undefined, '[Masked]'],
      'null is recorded': [() => null, null, '[Masked]'],
      'a promise replaces the value': [async (value) => value, '[Masked: mask failed]', '[Masked: mask failed]'],
      'a rejected promise replaces the value': [
        () => Promise.reject(new Error(canary)),
        '[Masked: mask failed]',
        '[Masked: mask failed]',
      ],
      'a function replaces the value': [() => () => 1, '[Masked: mask failed]', '[Masked: mask failed]'],
      'a value with a null character is mended': [() => 'a\u0000b', 'ab', 'ab'],
    };
    for (const [what, [mask, input, name]] of Object.entries(outcomes)) {
      it(`decides: ${what}`, async () => {
        const memory = new MemorySink();
        const said = listenToStderr();
        try {
          init({ sinks: [memory], mask });
          const t = startTrace('agent', { input: { messages: [{ role: 'user', content: 'hi' }] } });
          t.end();
          await new Promise((resolve) => setImmediate(resolve));
        } finally {
          said.restore();
        }
        expect(memory.traces.map((one) => [one.name, one.input])).to.deep.equal([[name, input]]);
        expect(said.lines.join()).not.to.include(canary);
      });
    }
  });
});
