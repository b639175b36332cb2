// Asks models through wrapped clients of one version of a provider's package: an answer and a call of a tool, each whole,
// streamed, and through a helper of the client. Prints what was recorded of each, and whether the caller got what a bare
// client gives. Arguments: the provider, the name its package is installed under, the address of the provider.
import { init, MemorySink, withTrace } from 'pandaprobe-ts';
import { wrapAnthropic } from 'pandaprobe-ts/wrappers/anthropic';
import { wrapBedrock } from 'pandaprobe-ts/wrappers/bedrock';
import { wrapGemini } from 'pandaprobe-ts/wrappers/gemini';
import { wrapMistral } from 'pandaprobe-ts/wrappers/mistral';
import { wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';

const [provider, name, url] = process.argv.slice(2);
const module = await import(name);

const content = 'How warm is it in Lisbon?';
const messages = [{ role: 'user', content }];
const parameters = { type: 'object', properties: { city: { type: 'string' } } };
const tools = [{ type: 'function', function: { name: 'weather', parameters } }];

/** Calls by their name, for each provider; a call that a version does not have is undefined. */
const providers = {
  openai(wrap = wrapOpenAI, Client = module.OpenAI, options = {}) {
    const { chat, beta } = wrap(new Client({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0, ...options }));
    const request = { messages, tools };
    const counted = { ...request, stream: true, stream_options: { include_usage: true } };
    const helper = chat.completions.stream ? chat.completions : beta?.chat?.completions; // it was in beta before
    return {
      whole: (model) => chat.completions.create({ ...request, model }),
      streamed: (model) => chat.completions.create({ ...counted, model }),
      helped: helper?.stream && ((model) => helper.stream({ ...counted, model }).finalChatCompletion()),
    };
  },
  groq: (wrap) => providers.openai(wrap, module.default),
  together: (wrap) => providers.openai(wrap, module.default),
  cerebras: (wrap) => providers.openai(wrap, module.default, { warmTCPConnection: false }),
  perplexity: (wrap) => providers.openai(wrap, module.default),
  anthropic(wrap = wrapAnthropic) {
    const client = wrap(new module.Anthropic({ apiKey: 'k', baseURL: url, maxRetries: 0 }));
    const request = { messages, max_tokens: 100, tools: [{ name: 'weather', input_schema: parameters }] };
    const { messages: beta, promptCaching, tools: betaTools } = client.beta ?? {};
    const earlier = promptCaching?.messages ?? betaTools?.messages; // before 0.33
    return {
      whole: (model) => client.messages.create({ ...request, model }),
      streamed: (model) => client.messages.create({ ...request, model, stream: true }),
      helped: (model) => client.messages.stream({ ...request, model }).finalMessage(),
      beta: beta && ((model) => beta.create({ ...request, model })),
      'earlier beta': earlier && ((model) => earlier.create({ ...request, model })),
    };
  },
  gemini(wrap = wrapGemini) {
    const { models, chats } = wrap(new module.GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } }));
    const city = { type: 'OBJECT', properties: { city: { type: 'STRING' } } };
    const config = { tools: [{ functionDeclarations: [{ name: 'weather', parameters: city }] }] };
    return {
      whole: (model) => models.generateContent({ model, contents: content, config }),
      streamed: (model) => models.generateContentStream({ model, contents: content, config }),
      helped: (model) => chats.create({ model, config }).sendMessage({ message: content }),
    };
  },
  mistral(wrap = wrapMistral) {
    const retryConfig = { strategy: 'none' };
    const { chat } = wrap(new module.Mistral({ apiKey: 'k', serverURL: url, retryConfig }));
    return {
      whole: (model) => chat.complete({ model, messages, tools }),
      streamed: (model) => chat.stream({ model, messages, tools }),
    };
  },
  async bedrock(wrap = wrapBedrock) {
    const credentials = { accessKeyId: 'k', secretAccessKey: 's' };
    // Newer clients speak HTTP/2 unless told otherwise, and the server does not.
    const { NodeHttpHandler } = await import('@smithy/node-http-handler');
    const {
      BedrockRuntimeClient: Client,
      ConverseCommand: Converse,
      ConverseStreamCommand,
      InvokeModelCommand,
    } = module;
    const client = wrap(
      new Client({
        endpoint: url,
        region: 'eu-west-1',
        credentials,
        maxAttempts: 1,
        requestHandler: new NodeHttpHandler(),
      }),
    );
    const request = { messages: [{ role: 'user', content: [{ text: content }] }] };
    const body = JSON.stringify({ messages, max_tokens: 100 });
    const ask = { modelId: 'anthropic.claude-v1', contentType: 'application/json', body };
    return {
      whole: Converse && ((modelId) => client.send(new Converse({ ...request, modelId }))),
      streamed:
        Converse && (async (modelId) => (await client.send(new ConverseStreamCommand({ ...request, modelId }))).stream),
      invoked: () => client.send(new InvokeModelCommand(ask)),
    };
  },
};

const memory = new MemorySink();
init({ sinks: [memory] });
const bare = await providers[provider]((client) => client);
const wrapped = await providers[provider]();
for (const [call, ask] of Object.entries(wrapped)) {
  if (ask === undefined) continue;
  for (const model of ['plain', 'tools']) {
    const expected = await textOf(bare[call](model));
    const got = await withTrace(`${call} ${model}`, () => textOf(ask(model)));
    console.log(`${lineOf(memory.traces.at(-1))}${got === expected ? '' : `\nexpected ${expected}\ngot ${got}`}`);
  }
}

/** A reply as JSON, read to its end. */
async function textOf(promise) {
  const reply = await promise;
  if (reply[Symbol.asyncIterator] === undefined) return JSON.stringify(reply);
  const chunks = [];
  for await (const chunk of reply) chunks.push(JSON.stringify(chunk));
  return chunks.join('\n');
}

function lineOf({ name, spans }) {
  const found = spans.map(({ name, kind, status, model, tokenUsage = {}, output }) => {
    const [{ content, tool_calls: calls = [] } = {}] = output?.messages ?? [];
    const said = [content, ...calls.map((call) => `${call.function.name}(${call.function.arguments})`)];
    const { prompt_tokens: sent, completion_tokens: made } = tokenUsage;
    return `${name} ${kind} ${status} ${model} ${sent}+${made} ${said.filter((text) => text).join(' ')}`;
  });
  return [name, ...found].join(' > ');
}
