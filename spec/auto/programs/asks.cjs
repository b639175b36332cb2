// Asks models through clients that know nothing of tracing, and prints what comes back, and what of the classes a program may see.
// Arguments of `ask`: the provider, its module as it was imported or required, the address of a server that answers as it does.
const content = 'How warm is it in Lisbon?';
const messages = [{ role: 'user', content }];

const providers = {
  async openai({ default: byDefault, OpenAI = byDefault, AzureOpenAI, BedrockOpenAI }, url) {
    class Own extends OpenAI {
      own = true;
    }
    const options = { apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 };
    const clients = [new OpenAI(options), new Own(options)];
    if (clients[0].withOptions) clients.push(clients[0].withOptions({ timeout: 1000 }));
    if (AzureOpenAI) clients.push(new AzureOpenAI({ ...options, apiVersion: '2025-01-01' }));
    for (const client of clients) {
      const { choices } = await client.chat.completions.create({ model: 'plain', messages });
      console.log(client.constructor.name, client instanceof OpenAI, choices[0].message.content);
    }
    if (BedrockOpenAI) {
      const { output_text } = await new BedrockOpenAI(options).responses.create({ model: 'plain', input: content });
      console.log(output_text);
    }
    const stream = await clients[0].chat.completions.create({ model: 'plain', messages, stream: true });
    for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? '');
    console.log(OpenAI.name, OpenAI.length, clients[0].constructor === OpenAI, Object.keys(clients[1]).includes('own'));
    console.log(typeof OpenAI.APIError, Object.keys(OpenAI).join(), byDefault?.name);
    try {
      OpenAI(options);
    } catch ({ name, message }) {
      console.log(name, message);
    }
  },
  async likeOpenAI({ default: Client }, url) {
    const options = { apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0, warmTCPConnection: false };
    const client = new Client(options);
    const { choices } = await client.chat.completions.create({ model: 'plain', messages });
    console.log(client.constructor.name, client instanceof Client, choices[0].message.content);
    const stream = await client.chat.completions.create({ model: 'plain', messages, stream: true });
    for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? '');
    console.log(Client.name, client.constructor === Client, Object.keys(Client).join());
  },
  async anthropic({ default: byDefault, Anthropic = byDefault }, url) {
    const client = new Anthropic({ apiKey: 'k', baseURL: url, maxRetries: 0 });
    const { content: parts } = await client.messages.create({ model: 'plain', max_tokens: 10, messages });
    console.log(client.constructor.name, client instanceof Anthropic, parts, client.constructor === Anthropic);
    console.log(Anthropic.name, Object.keys(Anthropic).join(), new byDefault({ apiKey: 'k' }) instanceof Anthropic);
    if (client.withOptions) console.log(client.withOptions({ timeout: 5 }) instanceof Anthropic);
  },
  async gemini({ GoogleGenAI }, url) {
    const ai = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } });
    const { candidates } = await ai.models.generateContent({ model: 'plain', contents: content });
    console.log(ai.constructor.name, ai instanceof GoogleGenAI, candidates);
  },
  async mistral({ Mistral }, url) {
    const client = new Mistral({ apiKey: 'k', serverURL: url });
    const { choices } = await client.chat.complete({ model: 'plain', messages });
    console.log(client.constructor.name, client instanceof Mistral, choices);
  },
  async bedrock({ BedrockRuntimeClient, BedrockRuntime, ConverseCommand, InvokeModelCommand }, url) {
    const { NodeHttpHandler } = require('@smithy/node-http-handler'); // its newest speaks HTTP/2 by itself
    const requestHandler = new NodeHttpHandler();
    const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
    for (const Client of [BedrockRuntimeClient, BedrockRuntime]) {
      const client = new Client({ region: 'eu-west-1', endpoint: url, credentials, maxAttempts: 1, requestHandler });
      const body = JSON.stringify({ anthropic_version: 'x', max_tokens: 9, messages });
      const command = ConverseCommand
        ? new ConverseCommand({ modelId: 'plain', messages: [{ role: 'user', content: [{ text: content }] }] })
        : new InvokeModelCommand({ modelId: 'anthropic.plain', body, contentType: 'application/json' });
      const { output } = await client.send(command);
      console.log(client.constructor.name, client instanceof BedrockRuntimeClient, JSON.stringify(output));
    }
  },
};

/** Providers whose clients are built like OpenAI's. */
for (const name of ['groq', 'together', 'cerebras', 'perplexity']) providers[name] = providers.likeOpenAI;

exports.ask = (provider, module, url) => providers[provider](module, url);
