// A model call as code that repeats it: for curl, and for common clients.

import { aiSdkOptions, anthropicBody, openAiBody, toolsOf } from './call-body.js';

/** @import {Span} from '../shapes.js' */

const https = 'https:';

/** The provider for a model's name: the first match. The last one stands for all others. */
const providers = [
  {
    model: /claude/i,
    name: 'anthropic',
    from: '@ai-sdk/anthropic',
    key: 'ANTHROPIC_API_KEY',
    path: '//api.anthropic.com/v1/messages',
  },
  {
    model: /gemini/i,
    name: 'google',
    from: '@ai-sdk/google',
    key: 'GEMINI_API_KEY',
    path: '//generativelanguage.googleapis.com/v1beta/openai/chat/completions',
  },
  {
    model: /^(open-)?(mistral|ministral|magistral|codestral|devstral|pixtral)/i,
    name: 'mistral',
    from: '@ai-sdk/mistral',
    key: 'MISTRAL_API_KEY',
    path: '//api.mistral.ai/v1/chat/completions',
  },
  {
    model: /(?:)/,
    name: 'openai',
    from: '@ai-sdk/openai',
    key: 'OPENAI_API_KEY',
    path: '//api.openai.com/v1/chat/completions',
  },
];

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
  const { name, key, path } = providerOf(span);
  const [header, body] =
    name === 'anthropic'
      ? [`-H "x-api-key: $${key}" -H "anthropic-version: 2023-06-01"`, anthropicBody(span)]
      : [`-H "Authorization: Bearer $${key}"`, openAiBody(span)];
  // Within single quotes only the quote itself is special to a shell.
  const data = json(body).replaceAll("'", "'\\''");
  return `${remark(span, '#')}curl ${https}${path} ${header} -H "Content-Type: application/json" -d '${data}'\n`;
}

/** @param {Span} span */
function asOpenAi(span) {
  return `import OpenAI from 'openai';\n\n${remark(span, '//')}const client = new OpenAI();\nconst completion = await client.chat.completions.create(${json(openAiBody(span))});\nconsole.log(completion.choices[0].message);\n`;
}

/** @param {Span} span */
function asAnthropic(span) {
  return `import Anthropic from '@anthropic-ai/sdk';\n\n${remark(span, '//')}const client = new Anthropic();\nconst message = await client.messages.create(${json(anthropicBody(span))});\nconsole.log(message.content);\n`;
}

/** @param {Span} span */
function asAiSdk(span) {
  const { name, from } = providerOf(span);
  const tools = toolsOf(span).map(
    (tool) => `    ${JSON.stringify(tool)}: { inputSchema: jsonSchema({ type: 'object' }) },\n`,
  );
  const head = [`  "model": ${name}(${JSON.stringify(span.model ?? '')}),`];
  if (tools.length > 0) head.push(`  "tools": {\n${tools.join('')}  },`);
  const options = json(aiSdkOptions(span)).replace('{', () => ['{', ...head].join('\n'));
  const imports = tools.length > 0 ? 'generateText, jsonSchema' : 'generateText';
  return `import { ${name} } from '${from}';\nimport { ${imports} } from 'ai';\n\n${remark(span, '//')}const { text } = await generateText(${options});\nconsole.log(text);\n`;
}

/** @param {Span} span @param {string} sign of a comment */
function remark(span, sign) {
  return toolsOf(span).length === 0 ? '' : `${sign} Of the tools only the names were recorded: put their schemas in.\n`;
}

/** @param {Span} span */
function providerOf({ model }) {
  const found = providers.find((each) => each.model.test(model ?? ''));
  if (found === undefined) throw new Error('The last one fits every model.');
  return found;
}

/** @param {unknown} value */
function json(value) {
  return JSON.stringify(value, null, 2);
}
