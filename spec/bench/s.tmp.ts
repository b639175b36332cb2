import { encodeTrace, fits } from '../../lib/delivery/encode.js';
import { traceRecord, chainOf, json } from '../delivery/records.js';
const n = 100;
  const input = json({ messages: [{ role: 'user', content: 'x'.repeat(500) }] });
  const t = traceRecord({ spans: chainOf(n).map((s) => ({ ...s, input, output: input, model: 'gpt', tokenUsage: json({ prompt_tokens: 1 }) })) });
  const lim = { maxSpans: 500, maxBytes: 4e6 };
  function time(what: string, f: () => unknown) { for (let i = 0; i < 300; i++) f(); const a = performance.now(); const k = 500; for (let i = 0; i < k; i++) f(); console.log(what, ((performance.now() - a) * 1000 / k).toFixed(1), 'us'); }
  time('encode', () => encodeTrace(t, lim));
  time('encode + flatten by Number()', () => Number(encodeTrace(t, lim)[0]));
  time('encode + charCodeAt', () => encodeTrace(t, lim)[0]!.charCodeAt(5000));
  time('encode + byteLength', () => Buffer.byteLength(encodeTrace(t, lim)[0]!));
  const flat = encodeTrace(t, lim)[0]!; Number(flat);
  time('byteLength flat', () => Buffer.byteLength(flat));
  time('JSON.stringify equiv', () => JSON.stringify(JSON.parse(flat)));
  time('join', () => { const parts: string[] = []; for (let i = 0; i < 100; i++) parts.push(input, input, 'abc'); return parts.join('').charCodeAt(4); });
