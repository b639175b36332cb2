import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer, Seen } from '../../support/provider.js';
import { root } from '../../support/user-project.js';
import { anthropic } from '../../wrappers/support/anthropic-wire.js';
import { bedrock } from '../../wrappers/support/bedrock-wire.js';
import { gemini } from '../../wrappers/support/gemini-wire.js';
import { mistral } from '../../wrappers/support/mistral-wire.js';
import { openAI } from '../../wrappers/support/openai-wire.js';

/** A provider whose clients are tried: how it answers, and what `program.mjs` prints where all is right. */
export interface KnownProvider {
  readonly package: string;
  /** Oldest and newest of every major, and those in between that many people have. */
  readonly versions: readonly string[];
  answer(seen: Seen): Answer;
  /** The lines of a version, in the order of the program's calls. */
  lines(version: string): readonly string[];
}

/** A call's two lines: an answer, and a call of a tool. */
function linesOf(call: string, said: string, plain: string, tools = 'weather({"city":"Lisbon"})'): string[] {
  return [`${call} plain > ${said} ${plain}`, `${call} tools > ${said} ${tools}`];
}

const isBefore = (version: string, limit: string) => version.localeCompare(limit, 'en', { numeric: true }) < 0;

const openAISaid = 'openai-chat LLM OK gpt-x-2026 12+7';
const openAILines = [...linesOf('whole', openAISaid, 'Hello'), ...linesOf('streamed', openAISaid, 'It is 21 °C')];

/** A client of another provider, made by the same generator as OpenAI's. */
const likeOpenAI = (name: string, versions: readonly string[]): KnownProvider => ({
  package: name,
  versions,
  answer: openAI,
  lines: () => openAILines,
});

export const known: Readonly<Record<string, KnownProvider>> = {
  openai: {
    package: 'openai',
    versions: ['4.0.0', '4.104.0', '5.0.0', '5.23.2', '6.0.0', '6.49.0', '7.0.0', '7.59.0'],
    answer: openAI,
    lines(version) {
      const helped = isBefore(version, '4.1.0') ? [] : linesOf('helped', openAISaid, 'It is 21 °C');
      return [...openAILines, ...helped];
    },
  },
  groq: likeOpenAI('groq-sdk', ['0.2.0', '0.37.0', '1.6.0']),
  together: {
    ...likeOpenAI('together-ai', ['0.9.0', '0.52.0']),
    lines: () => [...openAILines, ...linesOf('helped', openAISaid, 'It is 21 °C')],
  },
  cerebras: likeOpenAI('@cerebras/cerebras_cloud_sdk', ['1.3.0', '1.91.0']),
  perplexity: likeOpenAI('@perplexity-ai/perplexity_ai', ['0.11.0', '0.38.5']),
  anthropic: {
    package: '@anthropic-ai/sdk',
    versions: ['0.20.0', '0.27.0', '0.30.1', '0.36.3', '0.99.0', '0.137.0', '1.0.0', '1.14.0'],
    answer: anthropic,
    lines(version) {
      const said = 'anthropic-messages LLM OK claude-x-2026 15+9';
      const calls = ['whole', 'streamed', 'helped'];
      if (!isBefore(version, '0.30.0')) calls.push('beta');
      if (isBefore(version, '0.33.0')) calls.push('earlier beta');
      return calls.flatMap((call) => linesOf(call, said, 'Hello'));
    },
  },
  gemini: {
    package: '@google/genai',
    versions: ['0.2.0', '0.15.0', '1.0.0', '1.52.0', '2.0.0', '2.32.0', '3.1.0', '3.3.0'],
    answer: gemini,
    lines: () =>
      ['whole', 'streamed', 'helped'].flatMap((call) =>
        linesOf(call, 'gemini-generate LLM OK gemini-x-001 12+7', 'Hello'),
      ),
  },
  mistral: {
    package: '@mistralai/mistralai',
    // Those before lose the end of a stream by themselves now and then, so two runs do not compare.
    versions: ['1.10.0', '1.15.1', '2.0.0', '2.7.0'],
    answer: mistral,
    lines: () =>
      ['whole', 'streamed'].flatMap((call) => linesOf(call, 'mistral-chat LLM OK mistral-x-2026 12+7', 'Hello')),
  },
  bedrock: {
    package: '@aws-sdk/client-bedrock-runtime',
    versions: ['3.422.0', '3.600.0', '3.1164.0'],
    answer: bedrock,
    lines(version) {
      const conversed = ['whole', 'streamed'].flatMap((call) =>
        ['plain', 'tools'].map((model) => {
          const tools = model === 'tools' ? ' weather({"city":"Lisbon"})' : '';
          return `${call} ${model} > bedrock-converse LLM OK ${model} 10+2 Hello${tools}`;
        }),
      );
      const invoked = linesOf('invoked', 'bedrock-invoke-model LLM OK claude-x-2026 15+9', 'Hello', 'Hello');
      return isBefore(version, '3.590.0') ? invoked : [...conversed, ...invoked];
    },
  },
};

/** What asks a model through a wrapped client and prints what was recorded. */
export const program = readFileSync(join(root, 'spec/packaging/versions/program.mjs'), 'utf8');
