// LangGraph: a graph of your own. One node looks something up, one asks a model; the thread is the session. With
// OPENAI_API_KEY it asks OpenAI, else a fake; the frameworks are installed by `npm run integrations`.
//
// LangGraph  21 tokens  session thread-1
// └─ LangGraph CHAIN
//    ├─ lookup AGENT
//    │  └─ geocode RETRIEVER
//    └─ answer AGENT
//       └─ ChatOpenAI LLM model-2026  21 tokens
import { MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { ChatOpenAI } from '@langchain/openai';
import { withSpan } from 'pandaprobe-ts';
import { LangGraphCallbackHandler } from 'pandaprobe-ts/integrations/langgraph';
import { startModel } from './fake/models.js';

const isOnline = process.env.OPENAI_API_KEY !== undefined;
const fake = isOnline ? {} : { apiKey: 'fake', configuration: { baseURL: await startModel() } };
const model = new ChatOpenAI({ model: 'gpt-5.4-mini', ...fake });

const graph = new StateGraph(MessagesAnnotation)
  .addNode('lookup', async () => {
    const { lat } = await withSpan('geocode', { kind: 'RETRIEVER', input: 'Lisbon' }, async () => ({ lat: 38.7 }));
    return { messages: [{ role: 'user', content: `It is 21 °C at ${lat}°, in Lisbon. How warm is it?` }] };
  })
  .addNode('answer', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
  .addEdge(START, 'lookup')
  .addEdge('lookup', 'answer')
  .compile();

const { messages } = await graph.invoke(
  { messages: [] },
  { callbacks: [new LangGraphCallbackHandler()], configurable: { thread_id: 'thread-1' } },
);
console.log(messages.at(-1)?.text);
