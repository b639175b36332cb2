import { expect } from 'chai';
import { saysQuota } from '../../../lib/delivery/pandaprobe/quota.js';
import { excerptOf, shown } from '../../../lib/delivery/text/excerpt.js';
import { createRedact } from '../../../lib/delivery/text/redact.js';

describe('Text of a server', () => {
  const redact = createRedact(['sk_pp_Zq7vK3mT9xW2bLr8Yc4']);
  const readings: Readonly<Record<string, () => unknown>> = {
    'a field of 30,000 backslashes': () => shown('\\'.repeat(30_000), 300, redact),
    'a message of 30,000 backslashes': () => excerptOf(JSON.stringify({ detail: '\\'.repeat(30_000) }), redact),
    'a quota that says the same 10,000 times': () => saysQuota(JSON.stringify({ detail: 'reached '.repeat(10_000) })),
    'a page of 30,000 tags': () => excerptOf('<script '.repeat(30_000), redact),
  };
  for (const [what, read] of Object.entries(readings)) {
    it(`is read within moments: ${what}`, () => {
      const startedAt = performance.now();
      read();
      expect(performance.now() - startedAt).to.be.below(500);
    });
  }
});
