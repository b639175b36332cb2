import { expect } from 'chai';
import type { EstimateFacts, RecordedTokenUsage } from '../../lib/index.js';
import { genaiPrices, type LibraryPrice, type PriceLibrary } from '../../lib/prices/genai-prices.js';
import { at, openai, startedAt } from './published-rows.js';

type Asked = Parameters<PriceLibrary['calcPrice']>;

/** A library that knows no price but those of `known`, and keeps what it is asked. */
function fakeLibrary(known: Readonly<Record<string, Partial<LibraryPrice>>> = {}) {
  const asked: Asked[] = [];
  const providers = ['openai', 'anthropic', 'groq', 'aws'];
  const library: PriceLibrary = {
    calcPrice(...asks) {
      asked.push(asks);
      const price = known[asks[1]];
      const whole = { input_price: 10, output_price: 20, total_price: 30, model_price: {}, provider: { id: 'openai' } };
      return price === undefined ? null : { ...whole, ...price };
    },
    findProvider({ providerId, providerApiUrl }) {
      const id = providerApiUrl === undefined ? providerId : /^https:\/\/api\.(\w+)\.com/.exec(providerApiUrl)?.[1];
      return providers.filter((each) => each === id).map((each) => ({ id: each }))[0];
    },
  };
  return { library, asked };
}

const counted = { prompt_tokens: 1000, completion_tokens: 100 };
const facts = (call: Partial<EstimateFacts>): EstimateFacts => ({ startedAt, debug() {}, ...call });

describe('What genaiPrices() asks the library for', () => {
  describe('to find the provider and the model', () => {
    const rows: readonly (readonly [
      title: string,
      model: string,
      call: Partial<EstimateFacts>,
      provider: string | undefined,
      names: readonly string[],
    ])[] = [
      ['an address that the library knows', 'm', at('https://api.groq.com/v1'), 'groq', ['m']],
      ['the client, without an address', 'm', { provider: 'acme' }, 'acme', ['m']],
      ['OpenAI in a region', 'm', at('https://eu.api.openai.com/v1'), 'openai', ['m']],
      ['a region of xAI', 'm', at('https://us-east-1.api.x.ai/v1'), 'x-ai', ['m']],
      ['Bedrock’s API like OpenAI’s', 'm', at('https://bedrock-mantle.us-east-1.api.aws/v1'), 'aws', ['m']],
      ['Bedrock with FIPS', 'm', at('https://bedrock-runtime-fips.us-east-1.amazonaws.com/'), 'aws', ['m']],
      ['Together', 'm', at('https://api.together.ai/v1'), 'together', ['m']],
      ['Gemini', 'm', at('https://generativelanguage.googleapis.com/v1beta/openai'), 'google', ['m']],
      ['Cloudflare’s gateway', 'm', at('https://gateway.ai.cloudflare.com/v1/a/b/groq/x'), 'groq', ['m']],
      ['a maker before a slash', 'anthropic/claude-x', {}, 'anthropic', ['claude-x']],
      ['a maker before a colon', 'openai:gpt-9', {}, 'openai', ['gpt-9']],
      ['a maker, through a proxy', 'anthropic/claude-x', at('http://proxy/'), 'anthropic', ['claude-x']],
      ['a prefix nobody knows', 'acme/gpt-9', {}, undefined, ['acme/gpt-9', 'gpt-9']],
      ['a prefix nobody knows, through a proxy', 'acme/gpt-9', at('http://proxy/'), undefined, ['gpt-9']],
      ['no prefix, through a proxy', 'gpt-9', at('http://proxy/'), undefined, ['gpt-9']],
      ['Amazon’s name by hand', 'eu.meta.llama-9', {}, 'aws', ['eu.meta.llama-9']],
      ['a fine-tuned model', 'ft:gpt-4o-2024-07-18:acme::id', openai, 'openai', ['gpt-4o-2024-07-18.ft-']],
      ['a route of OpenRouter', 'm:floor', { provider: 'openrouter' }, 'openrouter', ['m']],
      ['a day', 'p/m-2026-10-31', { provider: 'x' }, 'x', ['p/m-2026-10-31', 'm-2026-10-31', 'p/m', 'm']],
      ['another name asked for', 'm-001', { provider: 'x', requestedModel: 'n' }, 'x', ['m-001', 'm', 'n']],
      ['another name asked for at Amazon', 'm', { provider: 'aws', requestedModel: 'eu.n' }, 'aws', ['eu.n', 'm']],
    ];
    for (const [title, model, call, providerId, names] of rows)
      it(`knows ${title}`, () => {
        const { library, asked } = fakeLibrary();
        expect(genaiPrices({ library })(model, counted, facts(call))).to.equal(undefined);
        expect(asked.map(([, name]) => name)).to.deep.equal(names);
        for (const [, , options] of asked)
          expect(options).to.deep.equal({
            timestamp: new Date(startedAt),
            ...(providerId === undefined ? {} : { providerId }),
          });
      });

    it('asks nothing if the provider cannot be known', () => {
      const { library, asked } = fakeLibrary();
      const said: string[] = [];
      const estimate = genaiPrices({ library });
      const addresses = ['', '/v1', '/v1/account/gateway', '/v1/account/gateway/', '/v1/account/gateway/acme'];
      for (const path of addresses)
        estimate('llama', counted, {
          ...facts(at(`https://gateway.ai.cloudflare.com${path}`)),
          debug: (line) => said.push(line),
        });
      estimate('llama', counted, facts(at('http://proxy/v1/account/gateway/groq')));
      estimate('eu.meta.llama-9', counted, facts(at('http://proxy/')));
      expect(asked).to.deep.equal([]);
      expect(said).to.deep.equal(
        addresses.map((path) => `no cost: who serves llama at https://gateway.ai.cloudflare.com${path} is not known`),
      );
    });
  });

  describe('about quantities', () => {
    const rows: readonly (readonly [usage: RecordedTokenUsage, call: Partial<EstimateFacts>, asks: object])[] = [
      [{ prompt_tokens: 0, completion_tokens: 0 }, {}, { input_tokens: 0, output_tokens: 0 }],
      [
        { ...counted, cache_read_tokens: 400, cache_creation_tokens: 90, cache_creation_1h_tokens: 40 },
        {},
        { cache_read_tokens: 400, cache_write_tokens: 90, cache_write_1h_tokens: 40 },
      ],
      [{ ...counted, cache_creation_1h_tokens: 40 }, {}, { cache_write_tokens: 40, cache_write_1h_tokens: 40 }],
      [{ ...counted, prompt_audio_tokens: 5 }, {}, { input_audio_tokens: 5 }],
      [
        { ...counted, prompt_audio_tokens: 5, cache_read_tokens: 7 },
        {},
        { input_audio_tokens: 5, cache_read_tokens: 7, cache_audio_read_tokens: 0 },
      ],
      [
        { ...counted, prompt_audio_tokens: 5, cache_read_tokens: 7, cache_read_audio_tokens: 3 },
        {},
        { input_audio_tokens: 5, cache_read_tokens: 7, cache_audio_read_tokens: 3 },
      ],
      [{ ...counted, prompt_image_tokens: 5 }, {}, { input_image_tokens: 5 }],
      [
        { ...counted, prompt_image_tokens: 5, cache_read_tokens: 7 },
        {},
        { input_image_tokens: 5, cache_read_tokens: 7, cache_image_read_tokens: 0 },
      ],
      [{ ...counted, audio_tokens: 5, image_tokens: 6 }, {}, { output_audio_tokens: 5, output_image_tokens: 6 }],
      [{ ...counted, reasoning_tokens: 100 }, {}, { output_reasoning_tokens: 100 }],
      // Counted beside the output, not within it.
      [{ ...counted, reasoning_tokens: 101 }, {}, { output_reasoning_tokens: undefined }],
      [counted, { webSearches: 2, fileSearches: 3 }, { web_searches: 2, storage_searches: 3 }],
    ];
    for (const [usage, call, asks] of rows)
      it(`counts ${JSON.stringify({ ...usage, ...call })}`, () => {
        const { library, asked } = fakeLibrary();
        genaiPrices({ library })('m', usage, facts({ ...openai, ...call }));
        const { prompt_tokens: input_tokens, completion_tokens: output_tokens } = usage;
        const given = Object.entries(asked[0]?.[0] ?? {}).filter(([, count]) => count !== undefined);
        const reasoning = { output_reasoning_tokens: 0 };
        const expected = { input_tokens, output_tokens, ...reasoning, ...asks };
        const told = Object.entries(expected).filter(([, count]) => count !== undefined);
        expect(Object.fromEntries(given)).to.deep.equal(Object.fromEntries(told));
      });

    for (const name of ['prompt_tokens', 'completion_tokens'] as const)
      it(`asks nothing without ${name}`, () => {
        const { library, asked } = fakeLibrary();
        genaiPrices({ library })('m', { ...counted, [name]: undefined }, facts(openai));
        expect(asked).to.deep.equal([]);
      });
  });
});

describe('What genaiPrices() makes of the answer', () => {
  const cost = (model: string, call: Partial<EstimateFacts>, price: Partial<LibraryPrice> = {}, usage = {}) =>
    genaiPrices({ library: fakeLibrary({ [model]: price }).library })(
      model,
      { ...counted, ...usage },
      facts({ ...openai, ...call }),
    );
  const regional = at('https://eu.api.openai.com/v1');
  const anthropic = { provider: { id: 'anthropic' } };

  const shares: readonly (readonly [
    title: string,
    model: string,
    call: Partial<EstimateFacts>,
    price: object,
    percent: number,
  ])[] = [
    ['the standard price', 'gpt-5', {}, {}, 100],
    ['half of it in a batch', 'gpt-5', { serviceTier: 'batch' }, {}, 50],
    ['a tenth more in a region of OpenAI', 'gpt-5.4', regional, {}, 110],
    ['a tenth more for newer models there', 'gpt-6-mini', regional, {}, 110],
    ['no more for older models there', 'gpt-5.3', regional, {}, 100],
    ['no more at OpenAI’s usual address', 'gpt-5.4', {}, {}, 100],
    ['no more for what another provider charges', 'gpt-5.4', regional, { provider: { id: 'azure' } }, 100],
    ['a tenth more where Claude is tied to the US', 'claude', { region: 'us' }, anthropic, 110],
    ['no more where Claude runs anywhere', 'claude', { region: 'global' }, anthropic, 100],
    ['no more where the region is not Claude’s', 'gpt-5', { region: 'us' }, {}, 100],
  ];
  for (const [title, model, call, price, percent] of shares)
    it(`is ${title}`, () => {
      expect(cost(model, call, price)).to.deep.equal({
        total: (30 * percent) / 100,
        input: (10 * percent) / 100,
        output: (20 * percent) / 100,
      });
    });

  it('has the same price for searches in every tier', () => {
    expect(cost('gpt-5', { serviceTier: 'flex' }, { total_price: 35 })).to.deep.equal({
      total: 20,
      input: 5,
      output: 10,
    });
  });

  it('is without the error of binary fractions', () => {
    const price = { input_price: 0.1, output_price: 0.2, total_price: 0.1 + 0.2 };
    expect(cost('gpt-5', {}, price)).to.deep.equal({ total: 0.3, input: 0.1, output: 0.2 });
  });

  it('is undefined in a tier that the provider does not have', () => {
    expect(cost('m', { serviceTier: 'flex' }, { provider: { id: 'acme' } })).to.equal(undefined);
  });

  it('is undefined if audio has no price of its own at a provider that charges for it', () => {
    const sound = { audio_tokens: 1 };
    expect(cost('gpt-5', {}, {}, sound)).to.equal(undefined);
    expect(cost('gpt-5', {}, {}, { audio_tokens: 0 })).to.be.an('object');
    expect(cost('gpt-5', {}, { model_price: { output_audio_mtok: 1 } }, sound)).to.be.an('object');
    expect(cost('gpt-5', {}, { provider: { id: 'google' } }, sound)).to.be.an('object');
  });
});
