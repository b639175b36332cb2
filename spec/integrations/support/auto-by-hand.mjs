// Runs that are wrapped by hand, in a program that is recorded without code as well. Arguments: the address of a model, and the
// program that stands in for that of the Claude Agent SDK.
import { query as bare, startup } from '@anthropic-ai/claude-agent-sdk';
import { Mastra } from '@mastra/core';
import { Agent } from '@mastra/core/agent';
import { Observability } from '@mastra/observability';
import { unwrap, wrapClaudeAgentQuery } from '../../../dist/esm/integrations/claude-agent-sdk.js';
import { PandaProbeExporter } from '../../../dist/esm/integrations/mastra.js';

const [, , url, pathToClaudeCodeExecutable] = process.argv;
const sessionId = 'hand';
const query = wrapClaudeAgentQuery(bare, { sessionId });
const options = { pathToClaudeCodeExecutable };
for await (const { type } of query({ prompt: 'plain', options })) if (type === 'result') console.log(type);
console.log(unwrap(query) === bare, bare.name.length > 0, bare instanceof Function);

const warm = await startup({ options });
for await (const { type } of warm.query('plain')) if (type === 'result') console.log(type);

const model = { id: 'openai/gpt-x', apiKey: 'k', url };
const weather = new Agent({ id: 'weather', name: 'weather', instructions: 'Be short.', model });
const exporters = [new PandaProbeExporter({ sessionId })];
const observability = new Observability({ configs: { default: { serviceName: 's', exporters } } });
const mastra = new Mastra({ agents: { weather }, logger: false, observability });
console.log((await mastra.getAgent('weather').generate('How warm is it?')).text.length > 0);
