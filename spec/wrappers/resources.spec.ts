import { readFileSync } from 'node:fs';
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { isNewNode, openAIClients } from './support/versions.js';

/* Every call of a client is recorded or named in the documentation, with the reason. */

/** Each resource of a client that Stainless generates, by its path. */
function resourcesOf(client: object): ReadonlyMap<string, object> {
  const found = new Map<string, object>();
  const walk = (parent: object, path: string) => {
    for (const [name, value] of Object.entries(parent)) {
      const isResource = typeof value === 'object' && value !== null && '_client' in value && !name.startsWith('_');
      if (!isResource || [...found.values()].includes(value)) continue;
      found.set(path + name, value);
      walk(value, `${path}${name}.`);
    }
  };
  walk(client, '');
  return found;
}

function methodsOf(resource: object): readonly string[] {
  const { prototype } = resource.constructor as { prototype: object };
  return Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor' && !name.startsWith('_'));
}

/** The patterns of a client in the table of what is not recorded. */
function leftOut(client: string): readonly RegExp[] {
  const page = readFileSync(new URL('../../docs/wrappers.md', import.meta.url), 'utf8');
  const section = page.split('## What is not recorded')[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith(`| ${client} |`));
  return rows
    .flatMap((row) => [...row.matchAll(/`([\w.*]+)`/g)])
    .map(([, pattern = '']) => new RegExp(`^${pattern.replaceAll('.', '\\.').replace(/\*$/, '.+')}$`));
}

const generations = await openAIClients();
const clients: readonly (readonly [name: string, family: string, make: () => object])[] = [
  ...generations.map(([name, OpenAI]) => [name, 'OpenAI', () => wrapOpenAI(new OpenAI({ apiKey: 'k' }))] as const),
  ['anthropic 1', 'Anthropic', () => wrapAnthropic(new Anthropic({ apiKey: 'k' }))],
];

interface Call {
  readonly call: string;
  readonly isRecorded: boolean;
}

function callsOf(client: object): readonly Call[] {
  return [...resourcesOf(client)].flatMap(([path, resource]) =>
    methodsOf(resource).map((method) => ({ call: `${path}.${method}`, isRecorded: Object.hasOwn(resource, method) })),
  );
}

for (const [name, family, make] of clients) {
  describe(`The calls of ${name}`, () => {
    const calls = callsOf(make());
    const patterns = leftOut(family);

    it('are each recorded, or named as not recorded', () => {
      expect(calls.length).to.be.greaterThan(50);
      const unknown = calls.filter(({ call, isRecorded }) => !isRecorded && !patterns.some((each) => each.test(call)));
      expect(unknown.map(({ call }) => call)).to.deep.equal([]);
    });

    it('are recorded where they reach a model', () => {
      const recorded = calls.filter(({ isRecorded }) => isRecorded).map(({ call }) => call);
      const expected = family === 'OpenAI' ? ['chat.completions.create', 'images.generate'] : ['messages.create'];
      expect(recorded).to.include.members(expected);
    });
  });
}

/** Those of which every generation is loaded: the table names calls that only the newest has. */
const wholeFamilies = isNewNode ? ['OpenAI', 'Anthropic'] : ['Anthropic'];

describe('The table of what is not recorded', () => {
  for (const family of wholeFamilies) {
    it(`names only calls that a client of ${family} has`, () => {
      const calls = clients.filter(([, each]) => each === family).flatMap(([, , make]) => callsOf(make()));
      const idle = leftOut(family).filter((pattern) => !calls.some(({ call }) => pattern.test(call)));
      expect(idle.map(String)).to.deep.equal([]);
    });
  }
});
