import { expect } from 'chai';
import { type Log, silentLog } from '../../lib/common/log.js';
import { costJson, summedUsageJson, tokenUsageJson } from '../../lib/model/usage.js';

describe('tokenUsageJson', () => {
  const lines: string[] = [];
  const warnings: string[] = [];
  const log: Log = {
    ...silentLog,
    debug: (message) => lines.push(message),
    warn: (_, message) => warnings.push(message),
  };
  beforeEach(() => {
    lines.length = 0;
    warnings.length = 0;
  });

  it('writes snake_case keys and keeps unknown ones', () => {
    const usage = {
      promptTokens: 150,
      completion_tokens: 80,
      cacheReadTokens: 64,
      audioHTTPTokens: 1,
      'my-own': 2,
      Top: 3,
    };
    expect(tokenUsageJson(usage, log)).to.equal(
      '{"prompt_tokens":150,"completion_tokens":80,"cache_read_tokens":64,"audio_http_tokens":1,"my-own":2,"Top":3}',
    );
    expect(lines).to.deep.equal([]);
  });

  it('adds no key of its own', () => {
    expect(tokenUsageJson({ completionTokens: 2 }, log)).to.equal('{"completion_tokens":2}');
  });

  it('leaves out values that the backend cannot add up, numbers with a warning, others with a debug line', () => {
    const bad = { a: Number.NaN, b: -1, c: 1.5, d: '12', e: 2_147_483_648, f: 3n, g: {}, h: Number.POSITIVE_INFINITY };
    expect(tokenUsageJson({ ...bad, ok: 2_147_483_647 }, log)).to.equal('{"ok":2147483647}');
    expect(warnings).to.have.lengthOf(5);
    expect(lines).to.have.lengthOf(3);
    expect(lines.join()).to.not.include('12');
  });

  it('ignores null and undefined without a line', () => {
    expect(tokenUsageJson({ promptTokens: null, total: undefined }, log)).to.equal(undefined);
    expect(tokenUsageJson(null, log)).to.equal(undefined);
    expect(tokenUsageJson({}, log)).to.equal(undefined);
    expect(lines).to.deep.equal([]);
  });

  it('survives hostile values', () => {
    const broken = {
      get promptTokens(): number {
        throw new Error('no');
      },
      completionTokens: 3,
    };
    const unlisted = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('no');
        },
      },
    );
    expect(tokenUsageJson(broken, log)).to.equal('{"completion_tokens":3}');
    expect(tokenUsageJson(unlisted, log)).to.equal(undefined);
    expect(tokenUsageJson('many', log)).to.equal(undefined);
    expect(tokenUsageJson(JSON.parse('{"__proto__":5,"a\\u0000b":6}'), log)).to.equal('{"__proto__":5,"ab":6}');
    expect(lines).to.have.lengthOf(3);
  });

  it('uses the later of two spellings of a name', () => {
    const twice = { promptTokens: 1, total_tokens: 2, prompt_tokens: 5 };
    expect(tokenUsageJson(twice, log)).to.equal('{"prompt_tokens":5,"total_tokens":2}');
  });

  it('leaves out an empty name and cuts a long one', () => {
    expect(tokenUsageJson({ '': 1, ['n'.repeat(200)]: 2 }, log)).to.equal(`{"${'n'.repeat(128)}":2}`);
    expect(warnings).to.have.lengthOf(1);
  });

  it('caps the sum of the two counts that the platform adds up, and says so', () => {
    const json = (prompt: number, completion: number) =>
      tokenUsageJson({ completion_tokens: completion, promptTokens: prompt }, log);
    expect(json(2_147_483_647, 0)).to.equal('{"completion_tokens":0,"prompt_tokens":2147483647}');
    expect(json(2_147_483_646, 1)).to.equal('{"completion_tokens":1,"prompt_tokens":2147483646}');
    expect(warnings).to.deep.equal([]);
    expect(json(2_147_483_646, 2)).to.equal('{"completion_tokens":1,"prompt_tokens":2147483646}');
    expect(json(2_147_483_647, 2_147_483_647)).to.equal('{"completion_tokens":0,"prompt_tokens":2147483647}');
    expect(warnings).to.have.lengthOf(2);
  });
});

describe('summedUsageJson', () => {
  it('leaves out a count with an invalid value: it is unknown, not 0', () => {
    const json = (usage: unknown) => summedUsageJson(usage, silentLog);
    expect(json({ promptTokens: Number.NaN, completionTokens: 5 })).to.equal('{"completion_tokens":5}');
    expect(json({ promptTokens: -1, completionTokens: 'many' })).to.equal(undefined);
    expect(json({ promptTokens: undefined, completionTokens: null })).to.equal(undefined);
    expect(json({ promptTokens: 5, completionTokens: undefined })).to.equal('{"prompt_tokens":5}');
    expect(json({ promptTokens: 5, completionTokens: 2, cacheReadTokens: undefined })).to.equal(
      '{"prompt_tokens":5,"completion_tokens":2}',
    );
    expect(json({ promptTokens: 1.5, prompt_tokens: 2 })).to.equal('{"completion_tokens":0,"prompt_tokens":2}');
    expect(json({ prompt_tokens: 2, promptTokens: 1.5 })).to.equal('{"prompt_tokens":2,"completion_tokens":0}');
    expect(json({ reasoningTokens: 'x' })).to.equal('{"prompt_tokens":0,"completion_tokens":0}');
  });

  it('has the two counts that are added up first', () => {
    const json = (usage: unknown) => summedUsageJson(usage, silentLog);
    expect(json({ totalTokens: 9, completionTokens: 2 })).to.equal(
      '{"prompt_tokens":0,"completion_tokens":2,"total_tokens":9}',
    );
    expect(json({})).to.equal('{"prompt_tokens":0,"completion_tokens":0}');
    for (const nothing of [undefined, null, 'many', 7]) expect(json(nothing)).to.equal(undefined);
  });
});

describe('costJson', () => {
  it('keeps finite amounts from 0 up', () => {
    const warnings: string[] = [];
    const lines: string[] = [];
    const log: Log = {
      ...silentLog,
      debug: (message) => lines.push(message),
      warn: (_, message) => warnings.push(message),
    };
    const amounts = { total: 0.002, inputCost: 0, bad: -1, worse: Number.NaN, text: '1', zero: -0 };
    expect(costJson(amounts, log)).to.equal('{"total":0.002,"input_cost":0,"zero":0}');
    expect([warnings.length, lines.length]).to.deep.equal([2, 1]);
    expect(costJson({ total: 1e308, input: 1e12 }, log)).to.equal('{"total":1000000000000,"input":1000000000000}');
    expect(warnings).to.have.lengthOf(3);
  });
});
