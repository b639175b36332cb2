import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { typeErrors } from '../support/tsc.js';
import { root, userProject } from '../support/user-project.js';

const peers = [
  'openai',
  '@anthropic-ai/sdk',
  '@google/genai',
  '@mistralai/mistralai',
  '@aws-sdk/client-bedrock-runtime',
];

const source = `
import OpenAI, { AzureOpenAI } from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { Mistral } from '@mistralai/mistralai';
import { BedrockRuntime, BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { unwrap, type WrapOptions, wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';
import { wrapAnthropic } from 'pandaprobe-ts/wrappers/anthropic';
import { wrapGemini, wrapGoogleGenAI } from 'pandaprobe-ts/wrappers/gemini';
import { wrapMistral } from 'pandaprobe-ts/wrappers/mistral';
import { wrapBedrock } from 'pandaprobe-ts/wrappers/bedrock';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const expectType = <T>() => <U>(_value: U, ..._same: Same<T, U> extends true ? [] : [never]) => {};

expectType<OpenAI>()(wrapOpenAI(new OpenAI()));
expectType<AzureOpenAI>()(wrapOpenAI(new AzureOpenAI()));
expectType<OpenAI>()(unwrap(new OpenAI()));
expectType<Anthropic>()(wrapAnthropic(new Anthropic()));
expectType<GoogleGenAI>()(wrapGemini(new GoogleGenAI({})));
expectType<GoogleGenAI>()(wrapGoogleGenAI(new GoogleGenAI({})));
expectType<Mistral>()(wrapMistral(new Mistral()));
expectType<BedrockRuntime>()(wrapBedrock(new BedrockRuntime()));
expectType<BedrockRuntimeClient>()(wrapBedrock(new BedrockRuntimeClient()));
const options: WrapOptions = { sessionId: 's', userId: null, tags: ['t'], metadata: {}, captureInput: false, name: 'n', streamUsage: true };
wrapOpenAI(new OpenAI(), options);
// @ts-expect-error: no OpenAI client
wrapOpenAI({});
// @ts-expect-error: no such option
wrapOpenAI(new OpenAI(), { tag: 't' });
// @ts-expect-error: a client of another provider
wrapBedrock(new OpenAI());
`;

describe('The types of wrapped clients', () => {
  it('are those of the clients', async function () {
    this.timeout(120_000);
    const work = await userProject();
    try {
      for (const name of peers) {
        const link = join(work, 'node_modules', name);
        await mkdir(dirname(link), { recursive: true });
        await symlink(join(root, 'node_modules', name), link, 'junction');
      }
      const settings = {
        lib: ['ES2023', 'DOM', 'ESNext.Disposable'],
        skipLibCheck: true,
        typeRoots: [join(root, 'node_modules/@types')],
        types: ['node'],
      };
      expect(await typeErrors(work, { 'clients.ts': source }, settings)).to.deep.equal({});
      const wrong = source.replace('expectType<OpenAI>()(wrapOpenAI', 'expectType<Mistral>()(wrapOpenAI');
      expect(Object.keys(await typeErrors(work, { 'clients.ts': wrong }, settings))).to.have.length(1);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
});
