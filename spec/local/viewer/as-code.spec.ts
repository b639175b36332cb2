import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Span } from '../../../lib/local/viewer/shapes.js';
import { root } from '../../support/local-server.js';

// A file of the page: types.spec.ts looks after its types.
const { forms } = (await import(`${root}/lib/local/viewer/values/as-code.js`)) as {
  readonly forms: readonly { readonly name: string; readonly text: (span: Span) => string }[];
};

type Fields = Record<string, unknown>;
interface Message {
  readonly role: string;
  readonly content: unknown;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly tool_call_id?: string;
}

/** What each form is recorded of, by hand: a question, a call of a tool, its result, another question. */
const inputs: Record<string, Fields> = {
  chat: {
    model: 'gpt-5.4',
    // As the wrapper records them: `response_format` is a name, `stream_options` and `tool_choice` need others beside them.
    model_parameters: {
      ...{ temperature: 0.5, max_completion_tokens: 99, stop: 'END', reasoning_effort: 'low' },
      ...{ response_format: 'json_schema:x', stream_options: { include_usage: true }, tool_choice: 'auto' },
    },
    input: {
      messages: [
        { role: 'system', content: "Be kind, it's late." },
        { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'cold' },
        { role: 'user', content: 'And "now"?\n$HOME `id`' },
      ],
    },
  },
  responses: {
    model: 'gpt-5.4',
    model_parameters: { max_output_tokens: 99, text: { verbosity: 'low' }, reasoning: { effort: 'low' } },
    input: {
      instructions: "Be kind, it's late.",
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
        { type: 'reasoning', summary: [] },
        { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Rome"}' },
        { type: 'function_call', call_id: 'c2', name: 'weather', arguments: '{"city":"Bonn"}' },
        { type: 'function_call_output', call_id: 'c1', output: 'cold' },
        { type: 'function_call_output', call_id: 'c2', output: 'warm' },
        { role: 'user', content: 'And "now"?\n$HOME `id`' },
      ],
    },
  },
  anthropic: {
    model: 'claude-sonnet-5',
    model_parameters: { max_tokens: 99, stop_sequences: ['END'], top_k: 5, tool_choice: { type: 'any' } },
    input: {
      system: [{ type: 'text', text: "Be kind, it's late." }],
      messages: [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Rome' } }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'c1', content: 'cold' },
            { type: 'text', text: 'And "now"?\n$HOME `id`' },
          ],
        },
      ],
    },
  },
  gemini: {
    model: 'gemini-3-pro',
    model_parameters: { maxOutputTokens: 99, topK: 5, stopSequences: ['END'] },
    input: {
      systemInstruction: { parts: [{ text: "Be kind, it's late." }] },
      contents: [
        { role: 'user', parts: [{ text: 'Weather?' }] },
        { role: 'model', parts: [{ functionCall: { name: 'weather', args: { city: 'Rome' } } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { state: 'cold' } } }] },
        { role: 'user', parts: [{ text: 'And "now"?\n$HOME `id`' }] },
      ],
    },
  },
};

const ofChat = new Set(
  'model messages temperature top_p max_tokens max_completion_tokens stop seed frequency_penalty presence_penalty n reasoning_effort tools tool_choice'.split(
    ' ',
  ),
);
const ofMessages = new Set(
  'model messages system max_tokens temperature top_p top_k stop_sequences thinking tools tool_choice'.split(' '),
);

/** What OpenAI refuses. */
function chatFaults(body: Fields): string[] {
  const faults = Object.keys(body).filter((key) => !ofChat.has(key));
  if ('tool_choice' in body && !('tools' in body)) faults.push('tool_choice without tools');
  let open = new Set<string>();
  for (const { role, content, tool_calls, tool_call_id } of body.messages as Message[]) {
    if (role === 'tool') {
      if (!open.delete(tool_call_id ?? '')) faults.push(`no call ${tool_call_id}`);
      continue;
    }
    if (open.size > 0) faults.push(`unanswered ${[...open]}`);
    open = new Set(tool_calls?.map(({ id }) => id));
    if (!['system', 'user', 'assistant'].includes(role)) faults.push(`role ${role}`);
    if (content === '' || (content === null && tool_calls === undefined)) faults.push('an empty message');
  }
  return faults;
}

/** What Anthropic refuses. */
function messagesFaults(body: Fields): string[] {
  const faults = Object.keys(body).filter((key) => !ofMessages.has(key));
  let open = new Set<string>();
  for (const [at, { role, content }] of (body.messages as Message[]).entries()) {
    const parts = typeof content === 'string' ? [] : (content as Fields[]);
    if (at === 0 && role !== 'user') faults.push('the first is not the user');
    for (const { type, tool_use_id: id } of parts)
      if (type === 'tool_result' && !open.delete(String(id))) faults.push(`no call ${id}`);
    if (open.size > 0) faults.push(`unanswered ${[...open]}`);
    open = new Set(parts.filter(({ type }) => type === 'tool_use').map(({ id }) => String(id)));
    if (content === '' || (typeof content !== 'string' && parts.length === 0)) faults.push('an empty message');
    if (!['user', 'assistant'].includes(role)) faults.push(`role ${role}`);
  }
  return faults;
}

describe('A model call copied as code', () => {
  let server: Server;
  let url = '';
  const asked: { readonly path: string; readonly body: Fields }[] = [];

  before(async () => {
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (data) => {
        text += data;
      });
      request.on('end', () => {
        asked.push({ path: request.url ?? '', body: JSON.parse(text) as Fields });
        response.setHeader('content-type', 'application/json');
        const message = { role: 'assistant', content: 'fine' };
        response.end(JSON.stringify({ choices: [{ message }], content: [{ type: 'text', text: 'fine' }] }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const codeOf = (form: string, fields: Fields) =>
    forms.find(({ name }) => name === form)?.text({ metadata: { tools: ['weather'] }, ...fields } as unknown as Span) ??
    '';

  it('runs with the real clients, and sends a valid request, whatever form it was recorded in', async () => {
    const codes = Object.values(inputs).flatMap((fields) => [codeOf('OpenAI', fields), codeOf('Anthropic', fields)]);
    // One process for all: their imports once, and the rest of each in a function of its own.
    const imports = new Set(codes.map((code) => code.slice(0, code.indexOf('\n'))));
    const bodies = codes.map((code) => `await (async () => {${code.slice(code.indexOf('\n'))}})();`);
    const main = [...imports, ...bodies].join('\n');
    const env = {
      ...process.env,
      ...{ OPENAI_BASE_URL: url, OPENAI_API_KEY: 'k', ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'k' },
    };
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', main], { env, cwd: root });
    expect(asked).to.have.lengthOf(codes.length);
    for (const [at, { path, body }] of asked.entries()) {
      const isChat = at % 2 === 0;
      const of = Object.keys(inputs)[Math.floor(at / 2)];
      expect(path).to.match(isChat ? /\/chat\/completions$/ : /\/messages$/);
      expect(isChat ? chatFaults(body) : messagesFaults(body), `${of}: ${JSON.stringify(body)}`).to.deep.equal([]);
      expect(body.max_completion_tokens ?? body.max_tokens).to.equal(99);
      expect(JSON.stringify(body)).to.include("Be kind, it's late.").and.include('And \\"now\\"?\\n$HOME `id`');
    }
    // What was sent in this form goes as it was.
    const { chat, anthropic } = inputs as Record<string, { input: Fields }>;
    expect(asked[0]?.body.messages).to.deep.equal(chat?.input.messages);
    expect(asked[5]?.body.messages).to.deep.equal(anthropic?.input.messages);
  });

  it('is one shell command, for the address of its model', async () => {
    const places: Record<string, string> = {
      chat: 'api.openai.com/v1/chat/completions',
      anthropic: 'api.anthropic.com/v1/messages',
      gemini: 'generativelanguage.googleapis.com/v1beta/openai/chat/completions',
    };
    for (const [of, place] of Object.entries(places)) {
      const code = codeOf('curl', inputs[of] ?? {});
      const { stdout } = await promisify(execFile)('bash', ['-c', `curl() { printf '%s\\0' "$@"; }\n${code}`]);
      const words = stdout.split('\0');
      expect(words[0]).to.equal(`https://${place}`);
      const body = JSON.parse(words[words.indexOf('-d') + 1] ?? '') as Fields;
      expect(of === 'anthropic' ? messagesFaults(body) : chatFaults(body)).to.deep.equal([]);
      expect(JSON.stringify(body)).to.include('$HOME `id`');
    }
  });

  it('names the model, tools and results of the AI SDK', () => {
    const code = codeOf('AI SDK', inputs.gemini ?? {});
    expect(code).to.include(`import { google } from '@ai-sdk/google';`).and.include('google("gemini-3-pro")');
    expect(code).to.include('"weather": { inputSchema: jsonSchema({ type: \'object\' }) }');
    expect(code).to.match(
      /"role": "tool",\s+"content": \[\s+\{\s+"type": "tool-result",\s+"toolCallId": "call_1",\s+"toolName": "weather"/,
    );
    expect(code).to.include('"maxOutputTokens": 99').and.include('"stopSequences": [');
  });
});
