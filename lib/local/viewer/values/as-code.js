// A model call as code that makes it again: for curl, and for the clients people use.

import { conversationOf } from './messages.js';

/** @import {Span} from '../shapes.js' */
/** @import {Message} from './messages.js' */

const https = 'https:';

/** @typedef {{name: string, text: (span: Span) => string}} Form */

/** @type {readonly Form[]} */
export const forms = [
  { name: 'curl', text: asCurl },
  { name: 'OpenAI', text: asOpenAi },
  { name: 'Anthropic', text: asAnthropic },
  { name: 'AI SDK', text: asAiSdk },
];

/** @param {Span} span */
function asCurl(span) {
  const isClaude = /claude/i.test(span.model ?? '');
  const [url, key, body] = isClaude
    ? [
        `${https}//api.anthropic.com/v1/messages`,
        '-H "x-api-key: $ANTHROPIC_API_KEY" -H "anthropic-version: 2023-06-01"',
        anthropicBody(span),
      ]
    : [`${https}//api.openai.com/v1/chat/completions`, '-H "Authorization: Bearer $OPENAI_API_KEY"', openAiBody(span)];
  // In single quotes a shell reads nothing but the quote itself.
  const data = JSON.stringify(body, null, 2).replaceAll("'", "'\\''");
  return `curl ${url} ${key} -H "Content-Type: application/json" -d '${data}'\n`;
}

/** @param {Span} span */
function asOpenAi(span) {
  return `import OpenAI from 'openai';\n\nconst client = new OpenAI();\nconst completion = await client.chat.completions.create(${json(openAiBody(span))});\nconsole.log(completion.choices[0].message);\n`;
}

/** @param {Span} span */
function asAnthropic(span) {
  return `import Anthropic from '@anthropic-ai/sdk';\n\nconst client = new Anthropic();\nconst message = await client.messages.create(${json(anthropicBody(span))});\nconsole.log(message.content);\n`;
}

/** @param {Span} span */
function asAiSdk(span) {
  const { system, messages } = parted(span);
  const isClaude = /claude/i.test(span.model ?? '');
  const [name, from] = isClaude ? ['anthropic', '@ai-sdk/anthropic'] : ['openai', '@ai-sdk/openai'];
  const { temperature, top_p: topP } = span.model_parameters ?? {};
  const options = { ...(system === '' ? {} : { system }), messages, temperature, topP };
  const body = json(options).replace('{', `{\n  "model": ${name}(${JSON.stringify(span.model ?? '')}),`);
  return `import { ${name} } from '${from}';\nimport { generateText } from 'ai';\n\nconst { text } = await generateText(${body});\nconsole.log(text);\n`;
}

/** As it was sent where it is in this form already. @param {Span} span */
function openAiBody(span) {
  const { input } = span;
  const given =
    isFields(input) && Array.isArray(input.messages) ? input.messages : Array.isArray(input) ? input : undefined;
  const messages =
    given ??
    conversation(span).map(({ role, parts }) => ({
      role: role === 'model' ? 'assistant' : role,
      content: textOf(parts),
    }));
  return { model: span.model ?? '', ...span.model_parameters, messages };
}

/** @param {Span} span */
function anthropicBody(span) {
  const { system, messages } = parted(span);
  return {
    model: span.model ?? '',
    max_tokens: 1024,
    ...span.model_parameters,
    ...(system === '' ? {} : { system }),
    messages,
  };
}

/** The instructions apart from what was said. @param {Span} span */
function parted(span) {
  const all = conversation(span);
  const isSystem = (/** @type {Message} */ { role }) => role === 'system' || role === 'developer';
  return {
    system: all
      .filter(isSystem)
      .map(({ parts }) => textOf(parts))
      .join('\n\n'),
    messages: all
      .filter((message) => !isSystem(message))
      .map(({ role, parts }) => ({
        role: /assistant|model|ai$/.test(role) ? 'assistant' : 'user',
        content: textOf(parts),
      })),
  };
}

/** @param {Span} span @returns {Message[]} */
function conversation({ input }) {
  const found = conversationOf(input)?.messages;
  if (found !== undefined) return found;
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  return [{ role: 'user', name: '', parts: [{ is: 'text', text }] }];
}

/** @param {Message['parts']} parts */
function textOf(parts) {
  return parts
    .map((part) =>
      part.is === 'text' || part.is === 'thinking' ? part.text : JSON.stringify('output' in part ? part.output : part),
    )
    .join('\n');
}

/** @param {unknown} value */
function json(value) {
  return JSON.stringify(value, null, 2);
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isFields(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
