// Runs that know nothing of tracing, each of a framework. `load` imports or requires, `url` answers as OpenAI does, with a call of
// the tool `w` to the first request of a run, and a text to the second.
const tool = { description: 'the weather', run: async ({ city }) => `21 in ${city}` };

const frameworks = {
  async ai(load, url, name, providerName) {
    const { generateText, tool: make, stepCountIs, isStepCount = stepCountIs } = await load(name);
    const { createOpenAI } = await load(providerName);
    const { z } = await load('zod');
    const model = createOpenAI({ apiKey: 'k', baseURL: url }).chat('gpt-x');
    const inputSchema = z.object({ city: z.string() });
    const tools = { w: make({ description: tool.description, inputSchema, execute: tool.run }) };
    const { text, steps } = await generateText({ model, tools, prompt: 'How warm is it?', stopWhen: isStepCount(3) });
    console.log(text, steps.length);
  },
  async langchain(load, url) {
    const { createAgent, tool: make } = await load('langchain');
    const { ChatOpenAI } = await load('@langchain/openai');
    const { z } = await load('zod');
    const schema = z.object({ city: z.string() });
    const model = new ChatOpenAI({ model: 'gpt-x', apiKey: 'k', maxRetries: 0, configuration: { baseURL: url } });
    const tools = [make(tool.run, { name: 'w', description: tool.description, schema })];
    const { messages } = await createAgent({ model, tools, name: 'weather' }).invoke({ messages: 'How warm is it?' });
    console.log(messages.at(-1).content, messages.length);
  },
  async agents(load, url) {
    const {
      Agent,
      run,
      setDefaultOpenAIClient,
      setOpenAIAPI,
      setTraceProcessors,
      tool: make,
    } = await load('@openai/agents');
    const { OpenAI } = await load('openai');
    const { z } = await load('zod');
    setDefaultOpenAIClient(new OpenAI({ apiKey: 'k', baseURL: url, maxRetries: 0 }));
    setOpenAIAPI('chat_completions');
    const parameters = z.object({ city: z.string() });
    const tools = [make({ name: 'w', description: tool.description, parameters, execute: tool.run })];
    const { finalOutput } = await run(
      new Agent({ name: 'weather', instructions: 'Be short.', tools }),
      'How warm is it?',
    );
    console.log(finalOutput, typeof setTraceProcessors);
  },
  async claude(load, _, cli) {
    const { query } = await load('@anthropic-ai/claude-agent-sdk');
    const types = [];
    const options = { pathToClaudeCodeExecutable: cli };
    for await (const { type } of query({ prompt: 'plain', options })) types.push(type);
    console.log(types.join());
  },
  async mastra(load, url) {
    const { Mastra } = await load('@mastra/core');
    const { Agent } = await load('@mastra/core/agent');
    const { createTool } = await load('@mastra/core/tools');
    const { Observability } = await load('@mastra/observability');
    const { z } = await load('zod');
    const inputSchema = z.object({ city: z.string() });
    const w = createTool({ id: 'w', description: tool.description, inputSchema, execute: tool.run });
    const model = { id: 'openai/gpt-x', apiKey: 'k', url };
    const weather = new Agent({ id: 'weather', name: 'weather', instructions: 'Be short.', model, tools: { w } });
    const heard = new Set();
    const exporter = {
      name: 'own',
      exportTracingEvent: async ({ exportedSpan }) => heard.add(exportedSpan.type),
      flush: async () => {},
      shutdown: async () => {},
    };
    const observability = new Observability({ configs: { default: { serviceName: 's', exporters: [exporter] } } });
    const mastra = new Mastra({ agents: { weather }, logger: false, observability });
    const { text } = await mastra.getAgent('weather').generate('How warm is it?');
    console.log(text, [...heard].join());
  },
  async mcp(load, _, clientName, serverName, transportName) {
    const { Client } = await load(clientName);
    const { McpServer } = await load(serverName);
    const { InMemoryTransport } = await load(transportName);
    const { z } = await load('zod');
    const server = new McpServer({ name: 'weather', version: '1.0.0' });
    const run = async ({ city }) => ({ content: [{ type: 'text', text: `21 in ${city}` }] });
    server.registerTool('w', { inputSchema: z.object({ city: z.string() }) }, run);
    const client = new Client({ name: 'agent', version: '1.0.0' });
    const [near, far] = InMemoryTransport.createLinkedPair();
    await Promise.all([server.connect(far), client.connect(near)]);
    console.log(JSON.stringify(await client.callTool({ name: 'w', arguments: { city: 'Oslo' } })));
    await client.close();
  },
};

exports.run = (framework, load, url, names) => frameworks[framework](load, url, ...names);
