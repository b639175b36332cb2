import { expect } from 'chai';
import sinon from 'sinon';
import type { Log } from '../../lib/common/log.js';
import { createCapture, type Mask } from '../../lib/model/capture-values.js';

const secret = 'canary-4f1d';

function withMask(mask: Mask | undefined, maxValueBytes = 100_000) {
  const log = { error: sinon.spy(), warn: sinon.spy(), debug: sinon.spy() } satisfies Log;
  return { log, capture: createCapture({ maxValueBytes, mask, log }) };
}

const hide: Mask = (value) => JSON.parse(JSON.stringify(value).replaceAll(secret, '***'));

describe('createCapture', () => {
  describe('without a mask', () => {
    const { capture } = withMask(undefined, 300);

    it('captures values within the limit and leaves undefined out', () => {
      expect(capture.value({ a: [1] }, 'input', { traceName: 't' })).to.equal('{"a":[1]}');
      expect(capture.value(undefined, 'input', { traceName: 't' })).to.equal(undefined);
      expect(capture.value(null, 'input', { traceName: 't' })).to.equal('null');
      expect(capture.value('x'.repeat(500), 'input', { traceName: 't' })).to.include('[cut: 500 bytes]');
    });

    it('cleans texts and cuts them to the limit', () => {
      expect(capture.text('a\0\ud800b', 'error', { traceName: 't' })).to.equal('ab');
      const cut = capture.text('😀'.repeat(500), 'error', { traceName: 't' });
      expect(cut).to.match(/^😀+… \[cut: 2000 bytes\]$/u);
      expect(Buffer.byteLength(cut)).to.be.at.most(300);
    });

    it('P27 masks credentials in a long error text, also where it is cut', () => {
      const maxValueBytes = 1 << 20;
      const { text } = withMask(undefined, maxValueBytes).capture;
      for (let at = 349_470; at < 349_510; at += 1) {
        const long = `${'x'.repeat(at)}?access_token=sk-live-5f4dcc3b&${'é\0'.repeat(1e6)}`;
        const kept = text(long, 'error', {});
        expect(kept, String(at)).to.not.include('sk-').and.not.include('\0');
        expect(kept, String(at)).to.match(/… \[cut: \d{7} bytes\]$/);
        expect(Buffer.byteLength(kept)).to.be.at.most(maxValueBytes);
      }
    });
  });

  describe('P27 with a mask', () => {
    it('P27 lets no secret through, whatever it hides in', () => {
      const { capture } = withMask(hide);
      const hidden: readonly unknown[] = [
        secret,
        { deep: [{ [secret]: secret }] },
        new Map([[secret, new Set([secret])]]),
        new Error(secret, { cause: new Error(secret) }),
        new URL(`https://a.b/?key=${secret}`),
        { toJSON: () => secret },
        {
          get broken(): never {
            throw new Error(secret);
          },
        },
        Symbol(secret),
        Object.assign(() => {}, { displayName: secret }),
      ];
      for (const value of hidden) {
        expect(capture.value(value, 'input', { traceName: 'trace', spanName: 'span', kind: 'LLM' }))
          .to.be.a('string')
          .and.not.include(secret);
      }
      expect(capture.text(`failed with ${secret}`, 'error', { traceName: 'trace' })).to.equal('failed with ***');
    });

    it('P27 masks before it cuts, so that a cut cannot split a secret', () => {
      const { capture } = withMask(hide, 300);
      for (let at = 0; at < 60; at += 1) {
        const text = capture.value('x'.repeat(150 + at) + secret + 'y'.repeat(400), 'input', { traceName: 't' });
        expect(text).to.not.include('canary');
      }
    });

    it('passes the place of the value to the mask', () => {
      const mask = sinon.spy((value: unknown) => value);
      const { capture } = withMask(mask);
      capture.value({ a: 1 }, 'output', { traceName: 'agent', spanName: 'call', kind: 'LLM' });
      capture.text('boom', 'error', { traceName: 'agent' });
      expect(mask.args).to.deep.equal([
        [{ a: 1 }, { field: 'output', traceName: 'agent', spanName: 'call', kind: 'LLM' }],
        ['boom', { field: 'error', traceName: 'agent', spanName: undefined, kind: undefined }],
      ]);
    });

    it('P13 gives the mask a copy it may change', () => {
      const { capture } = withMask((value) => {
        (value as { iban?: string }).iban = 'gone';
        return value;
      });
      const mine = Object.freeze({ iban: secret });
      expect(capture.value(mine, 'input', { traceName: 't' })).to.equal('{"iban":"gone"}');
      expect(mine.iban).to.equal(secret);
    });

    it('leaves a value out if the mask returns undefined', () => {
      const { capture } = withMask(() => undefined);
      expect(capture.value({ a: 1 }, 'input', { traceName: 't' })).to.equal(undefined);
      expect(capture.text('name', 'name', { traceName: 't' })).to.equal('[Masked]');
    });

    it('writes the mask’s result for a text as text', () => {
      expect(withMask(() => 7).capture.text('name', 'name', { traceName: 't' })).to.equal('7');
      expect(withMask(() => ({})).capture.text('name', 'name', { traceName: 't' })).to.equal('[Masked]');
      expect(withMask(() => 'a\0b').capture.text('name', 'name', { traceName: 't' })).to.equal('ab');
    });

    it('P27 replaces the value when the mask throws, and says so without the secret', () => {
      const { capture, log } = withMask((value) => {
        throw new Error(`cannot mask ${JSON.stringify(value)}`);
      });
      expect(capture.value({ secret }, 'metadata', { traceName: 't' })).to.equal('"[Masked: mask failed]"');
      expect(capture.text(secret, 'name', { traceName: 't' })).to.equal('[Masked: mask failed]');
      expect(log.warn.callCount).to.equal(2);
      expect(JSON.stringify(log.warn.args)).to.include('metadata').and.not.include(secret);
    });

    it('P11 replaces the value if the mask returns a promise or a function, and ignores a rejection', async () => {
      for (const result of [Promise.reject(new Error('async mask')), () => 1, Symbol('s'), JSON.parse]) {
        const { capture, log } = withMask(() => result);
        expect(capture.value([secret], 'input', { traceName: 't' })).to.equal('"[Masked: mask failed]"');
        expect(log.warn.callCount).to.equal(1);
      }
      await new Promise((resolve) => setImmediate(resolve));
    });

    it('P11 replaces the value if the mask’s result cannot be read', () => {
      const trap = new Proxy(
        {},
        {
          get() {
            throw new Error('no');
          },
        },
      );
      expect(withMask(() => trap).capture.value(1, 'input', { traceName: 't' })).to.equal('"[Masked: mask failed]"');
    });
  });
});
