import { expect } from 'chai';
import { readAuto } from '../../lib/config/auto.js';
import type { Environment } from '../../lib/config/environment.js';

/** The key of the process-wide client, which reports missing settings itself. */
const client = Symbol.for('pandaprobe.client.v1');

describe('The settings of attaching without code', () => {
  let held: PropertyDescriptor | undefined;
  before(() => {
    held = Object.getOwnPropertyDescriptor(globalThis, client);
  });
  beforeEach(() => Reflect.deleteProperty(globalThis, client));
  after(() => {
    Reflect.deleteProperty(globalThis, client);
    if (held !== undefined) Object.defineProperty(globalThis, client, held);
  });

  const key = { PANDAPROBE_API_KEY: 'sk_pp_key' };
  const project = { PANDAPROBE_PROJECT_NAME: 'specs' };

  it('attach to everything by default', () => {
    const { isOn, debug, names } = readAuto({});
    expect({ isOn, debug, names }).to.deep.equal({ isOn: true, debug: false, names: undefined });
  });

  const isOn: readonly (readonly [enabled: string, isOn: boolean])[] = [
    ['false', false],
    [' No ', false],
    ['yes', true],
    ['', true],
    ['ture', true], // the client records nothing with it, and says why
  ];
  for (const [PANDAPROBE_ENABLED, expected] of isOn)
    it(`are ${expected ? 'on' : 'off'} with PANDAPROBE_ENABLED=${PANDAPROBE_ENABLED}`, () => {
      expect(readAuto({ PANDAPROBE_ENABLED }).isOn).to.equal(expected);
    });

  it('read PANDAPROBE_DEBUG', () => {
    expect(['1', 'true', '0', 'no'].map((PANDAPROBE_DEBUG) => readAuto({ PANDAPROBE_DEBUG }).debug)).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
  });

  const lists: readonly (readonly [list: string, names: readonly string[] | undefined])[] = [
    ['openai', ['openai']],
    [' OpenAI,anthropic ', ['openai', 'anthropic']],
    ['openai, anthropic\tgemini', ['openai', 'anthropic', 'gemini']],
    [',openai,', ['openai']],
    [' , ', undefined],
    ['', undefined],
  ];
  for (const [PANDAPROBE_AUTO, names] of lists)
    it(`take ${JSON.stringify(PANDAPROBE_AUTO)} for ${names?.join(' and ') ?? 'all packages'}`, () => {
      expect(readAuto({ PANDAPROBE_AUTO }).names).to.deep.equal(names);
    });

  const lacks: readonly (readonly [what: string, environment: Environment, missing: string | undefined])[] = [
    ['nothing is set', {}, 'no API key and no project name'],
    ['the key is white space', { ...project, PANDAPROBE_API_KEY: ' ' }, 'no API key'],
    ['only the key is set', key, 'no project name'],
    ['both are set', { ...key, ...project }, undefined],
    ['traces go to the console', { PANDAPROBE_CONSOLE: 'true' }, undefined],
    ['traces do not go to the console', { ...key, PANDAPROBE_CONSOLE: 'false' }, 'no project name'],
  ];
  for (const [what, environment, missing] of lacks)
    it(`miss ${missing?.replaceAll('no ', 'the ') ?? 'nothing'} where ${what}`, () => {
      expect(readAuto(environment).missing()).to.equal(missing);
    });

  it('leave it to the client, if there is one, to say what is missing', () => {
    const read = readAuto({});
    Object.defineProperty(globalThis, client, { value: {}, configurable: true });
    expect(read.missing()).to.equal(undefined);
  });

  it('look for what is missing when they are asked, because a program may read its variables from a file first', () => {
    const environment: Record<string, string> = { ...project };
    const read = readAuto(environment);
    Object.assign(environment, key);
    expect(read.missing()).to.equal(undefined);
  });
});
