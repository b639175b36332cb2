import { createRequire } from 'node:module';
import Anthropic from '@anthropic-ai/sdk';
import * as runtime from '@aws-sdk/client-bedrock-runtime';
import { Mistral } from '@mistralai/mistralai';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { expect } from 'chai';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { wrapGemini } from '../../lib/wrappers/gemini.js';
import { wrapMistral } from '../../lib/wrappers/mistral.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { isNewNode } from '../support/node-versions.js';
import { startProvider } from '../support/provider.js';
import { record, stopRecording } from '../support/recorded.js';
import { callsOf, leftOut, privateNames } from './support/client-calls.js';
import { googleClients, openAIClients } from './support/versions.js';

/* Every call of a client is recorded or named in the documentation, with the reason. */

interface Family {
  readonly family: string;
  readonly client: string;
  /** Its calls, by whether they are recorded. */
  readonly calls: ReadonlyMap<string, boolean>;
  /** Some that must be recorded. */
  readonly some: readonly string[];
}

const isStainless = (value: object) => '_client' in value;
const isSpeakeasy = (value: object) => '_baseURL' in value;

/** A Google client's resources are of classes, all its own; what its types call private is no call. */
const require = createRequire(import.meta.url);
const internal = privateNames(require.resolve('@google/genai').replace(/dist.*/, 'dist/genai.d.ts'));
const isGoogle = (value: object) => !/^(?:Object|Array|Map|Set|URL|Headers)$/.test(value.constructor?.name ?? 'Object');
const isPublic = (call: string) =>
  !call.split('.').some((name) => internal.has(name) || /Internal$|^getClient$|^apiClient$/.test(name));

const families: readonly Family[] = [
  ...(await openAIClients()).map(([client, OpenAI]) => ({
    family: 'OpenAI',
    client,
    calls: callsOf(new OpenAI({ apiKey: 'k' }), isStainless, wrapOpenAI),
    some: ['chat.completions.create', 'responses.create', 'images.generate', 'audio.speech.create'],
  })),
  {
    family: 'Anthropic',
    client: 'anthropic 1',
    calls: callsOf(new Anthropic({ apiKey: 'k' }), isStainless, wrapAnthropic),
    some: ['messages.create', 'beta.messages.create', 'messages.batches.create'],
  },
  {
    family: 'Mistral',
    client: 'mistral 2',
    calls: callsOf(new Mistral({ apiKey: 'k' }), isSpeakeasy, wrapMistral),
    some: ['chat.stream', 'beta.conversations.appendStream', 'ocr.process', 'audio.transcriptions.stream'],
  },
  ...(await googleClients()).map(([client, GoogleGenAI]) => ({
    family: 'Gemini',
    client,
    calls: new Map(
      [...quietly(() => callsOf(new GoogleGenAI({ apiKey: 'k' }), isGoogle, wrapGemini))].filter(([call]) =>
        isPublic(call),
      ),
    ),
    some: ['models.generateContent', 'models.generateImages', 'interactions.create', 'batches.create'],
  })),
];

/** The client says of some resources that they are experimental when it is asked for them. */
function quietly<T>(run: () => T): T {
  const { warn } = console;
  console.warn = () => {};
  try {
    return run();
  } finally {
    console.warn = warn;
  }
}

for (const { family, client, calls, some } of families) {
  describe(`The calls of ${client}`, () => {
    it('are each recorded, or named as not recorded', () => {
      expect(calls.size).to.be.greaterThan(50);
      const patterns = leftOut(family);
      const unknown = [...calls].filter(
        ([call, isRecorded]) => !isRecorded && !patterns.some((each) => each.test(call)),
      );
      expect(unknown.map(([call]) => call)).to.deep.equal([]);
    });

    it('are recorded if they reach a model', () => {
      expect(some.filter((call) => calls.get(call) !== true)).to.deep.equal([]);
    });
  });
}

/** Whole bodies by the name of the command: what the client needs for an address is there, the server refuses all. */
const command = { modelId: 'm', guardrailIdentifier: 'g', guardrailVersion: '1', invocationArn: 'a', messages: [] };

describe('The commands of Bedrock', () => {
  const commands = Object.entries(runtime).filter(([name]) => /^[A-Z]\w+Command$/.test(name));
  const recorded = new Map<string, boolean>();
  before(async () => {
    const provider = await startProvider(() => ({ kind: 'json', status: 400, body: { message: 'nope' } }));
    const client = wrapBedrock(
      new runtime.BedrockRuntimeClient({
        endpoint: provider.url,
        region: 'eu-west-1',
        credentials: { accessKeyId: 'k', secretAccessKey: 's' },
        requestHandler: new NodeHttpHandler(),
        maxAttempts: 1,
        logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      }),
    );
    for (const [name, Command] of commands) {
      if (typeof Command !== 'function') continue;
      const memory = record();
      const body = name.includes('Bidirectional') ? (async function* () {})() : '{}';
      const made: runtime.ConverseCommand = Reflect.construct(Command, [{ ...command, body }]); // or another of its kind
      await client.send(made).catch(() => {});
      recorded.set(name, memory.spans.length > 0);
      await stopRecording();
    }
    await provider[Symbol.asyncDispose]();
  });

  it('are each recorded, or named as not recorded', () => {
    const patterns = leftOut('Bedrock');
    const unknown = [...recorded].filter(([name, is]) => !is && !patterns.some((each) => each.test(name)));
    expect(unknown).to.deep.equal([]);
    expect(commands.length).to.be.greaterThan(8);
    expect(recorded.get('ConverseCommand')).to.equal(true);
  });

  it('are not named as not recorded if they are recorded', () => {
    const patterns = leftOut('Bedrock');
    expect([...recorded].filter(([name, is]) => is && patterns.some((each) => each.test(name)))).to.deep.equal([]);
    expect(patterns.filter((pattern) => !commands.some(([name]) => pattern.test(name)))).to.deep.equal([]);
  });
});

/** Those of which every generation is loaded: the table names calls that only the newest has. */
const wholeFamilies = isNewNode ? ['OpenAI', 'Anthropic', 'Mistral', 'Gemini'] : ['Anthropic', 'Mistral'];

describe('The table of what is not recorded', () => {
  for (const name of wholeFamilies) {
    it(`names only calls that a client of ${name} has`, () => {
      const calls = families.filter(({ family }) => family === name).flatMap((each) => [...each.calls.keys()]);
      const idle = leftOut(name).filter((pattern) => !calls.some((call) => pattern.test(call)));
      expect(idle.map(String)).to.deep.equal([]);
    });
  }
});
