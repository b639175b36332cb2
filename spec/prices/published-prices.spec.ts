import { expect } from 'chai';
import type { EstimateCost, EstimateFacts } from '../../lib/index.js';
import { genaiPrices } from '../../lib/prices/genai-prices.js';
import { at, openai, priced, startedAt, unpriced } from './published-rows.js';

describe('genaiPrices()', () => {
  let estimate: EstimateCost;
  let said: string[];
  const facts = (call: Partial<EstimateFacts> = {}): EstimateFacts => ({
    startedAt,
    ...call,
    debug: (line) => said.push(line),
  });
  beforeEach(() => {
    said = [];
    estimate = genaiPrices();
  });

  describe('counts what the provider’s page says', () => {
    for (const { title, model, call, usage, micros } of priced) {
      it(title, () => {
        const cost = estimate(model, usage, facts(call));
        expect(said).to.deep.equal([]);
        expect(cost).to.have.keys('total', 'input', 'output');
        expect((cost as { total: number }).total * 1e6).to.be.closeTo(micros, 1e-6);
      });
    }

    it('takes the prices of the day on which the call was made', () => {
      const usage = { prompt_tokens: 1000, completion_tokens: 100 };
      const before = estimate('o3', usage, { ...facts(openai), startedAt: Date.UTC(2025, 5, 1) });
      const after = estimate('o3', usage, { ...facts(openai), startedAt: Date.UTC(2025, 6, 1) });
      expect([before, after]).to.deep.equal([
        { total: 0.014, input: 0.01, output: 0.004 },
        { total: 0.0028, input: 0.002, output: 0.0008 },
      ]);
    });
  });

  describe('gives no cost and one reason', () => {
    for (const [title, model, call, usage, reason] of unpriced) {
      it(`for ${title}`, () => {
        const whole = { prompt_tokens: 1000, completion_tokens: 100, ...usage };
        for (let i = 0; i < 3; i += 1) expect(estimate(model, whole, facts(call))).to.equal(undefined);
        expect(said).to.have.length(1);
        expect(said[0]).to.match(reason);
      });
    }
  });

  it('takes the provider and the library of its options', async () => {
    const library = await import('@pydantic/genai-prices');
    const usage = { prompt_tokens: 1_000_000, completion_tokens: 0 };
    const own = genaiPrices({ provider: 'groq', library });
    expect(own('llama-3.3-70b-versatile', usage, facts())).to.include({ total: 0.59 });
    expect(own('llama-3.3-70b-versatile', usage, facts(at('http://proxy.internal/')))).to.include({ total: 0.59 });
  });
});
