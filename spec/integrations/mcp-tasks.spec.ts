import type { Client as ClientClass } from '@modelcontextprotocol/sdk/client/index.js';
import type { McpServer as ServerClass } from '@modelcontextprotocol/sdk/server/mcp.js';
import { expect } from 'chai';
import { withSpan, withTrace } from '../../lib/index.js';
import { wrapMCPClient, wrapMCPServer } from '../../lib/integrations/mcp.js';
import { type Recorded, record, stopRecording } from '../support/recorded.js';
import { needFrameworks } from './support/installed.js';
import { statusTree } from './support/status-tree.js';

type Message = { readonly type: string };

describe('A tool call of MCP that is a task', () => {
  let sdk: Awaited<ReturnType<typeof load>>;
  let recorded: Recorded;
  let open: { close(): Promise<void> }[] = [];

  async function load() {
    const [{ Client }, { McpServer }, { InMemoryTransport }, tasks, { CallToolResultSchema }, { z }] =
      await Promise.all([
        import('@modelcontextprotocol/sdk/client/index.js'),
        import('@modelcontextprotocol/sdk/server/mcp.js'),
        import('@modelcontextprotocol/sdk/inMemory.js'),
        import('@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js'),
        import('@modelcontextprotocol/sdk/types.js'),
        import('zod'),
      ]);
    return { Client, McpServer, InMemoryTransport, ...tasks, CallToolResultSchema, z };
  }

  before(async function () {
    needFrameworks(this);
    sdk = await load();
  });
  beforeEach(() => {
    recorded = record();
  });
  afterEach(async () => {
    for (const each of open) await each.close();
    open = [];
    await stopRecording();
  });

  /** A client of a server whose tool `slow` answers in a task, and whose tool `plain` answers at once. */
  async function connected(isError = false): Promise<ClientClass> {
    const { McpServer, Client, InMemoryTransport, InMemoryTaskStore, InMemoryTaskMessageQueue, z } = sdk;
    const capabilities = { tools: {}, tasks: { requests: { tools: { call: {} } } } };
    const stores = { taskStore: new InMemoryTaskStore(), taskMessageQueue: new InMemoryTaskMessageQueue() };
    const server: ServerClass = wrapMCPServer(
      new McpServer({ name: 'tools', version: '1' }, { capabilities, ...stores }),
    );
    const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] });
    server.experimental.tasks.registerToolTask(
      'slow',
      { description: 'Slow', inputSchema: { n: z.number() } },
      {
        async createTask({ n }, { taskStore, taskRequestedTtl }) {
          const task = await taskStore.createTask({ ttl: taskRequestedTtl ?? null, pollInterval: 5 });
          void withSpan('work', async () => {
            await new Promise((resolve) => setTimeout(resolve, 10));
            await taskStore.storeTaskResult(task.taskId, 'completed', { ...text(`done ${n}`), isError });
          });
          return { task };
        },
        getTask: (_, { taskId, taskStore }) => taskStore.getTask(taskId),
        getTaskResult: async (_, { taskId, taskStore }) => (await taskStore.getTaskResult(taskId)) as never,
      },
    );
    server.registerTool('plain', { inputSchema: {} }, async () => text('at once'));
    const client = wrapMCPClient(new Client({ name: 'agent', version: '1' }, { capabilities: { tasks: {} } }));
    const [here, there] = InMemoryTransport.createLinkedPair();
    open.push(client, server);
    await server.connect(there);
    await client.connect(here);
    await client.listTools(); // says which tools answer in tasks
    return client;
  }

  const call = (client: ClientClass, name: string, n: number): AsyncIterable<Message> =>
    client.experimental.tasks.callToolStream({ name, arguments: { n } }, sdk.CallToolResultSchema);
  const types = async (messages: AsyncIterable<Message>) => {
    const read: string[] = [];
    for await (const { type } of messages) read.push(type);
    return read;
  };
  const tree = () => statusTree(recorded.traces);

  it('is one span from the request to the result, and the server works below it', async () => {
    const client = await connected();
    const read = await withTrace('mine', () => types(call(client, 'slow', 1)));
    expect([read[0], read.at(-1)]).to.deep.equal(['taskCreated', 'result']);
    expect(tree()).to.equal('mine COMPLETED\n  slow TOOL OK\n    slow TOOL OK\n      work OTHER OK');
    const [asked, , work] = recorded.spans;
    expect(asked).to.deep.include({ input: { n: 1 }, output: 'done 1' });
    expect(Number(asked?.endedAt)).to.be.at.least(Number(work?.endedAt));
  });

  it('is ERROR if its result says so', async () => {
    const client = await connected(true);
    await withTrace('mine', () => types(call(client, 'slow', 1)));
    expect(recorded.spans[0]).to.deep.include({ status: 'ERROR', error: 'done 1', output: 'done 1' });
  });

  it('is not an error if its reader leaves it early, and other calls go on meanwhile', async () => {
    const client = await connected();
    const left = async () => {
      for await (const { type } of call(client, 'slow', 2)) if (type === 'taskStatus') break;
    };
    await withTrace('mine', () =>
      Promise.all([types(call(client, 'slow', 1)), left(), types(call(client, 'slow', 3))]),
    );
    const own = recorded.spans.filter(({ parentSpanId }) => parentSpanId === undefined);
    expect(own.map(({ status, output, metadata }) => [status, output, metadata.incomplete])).to.deep.equal([
      ['OK', 'done 1', undefined],
      ['OK', undefined, true],
      ['OK', 'done 3', undefined],
    ]);
  });

  it('may also be called in this way if it is no task', async () => {
    const client = await connected();
    expect(await types(call(client, 'plain', 1))).to.deep.equal(['result']);
    expect(tree()).to.equal('plain COMPLETED\n  plain TOOL OK\n    plain TOOL OK');
    expect(recorded.spans[0]?.output).to.equal('at once');
  });
});
