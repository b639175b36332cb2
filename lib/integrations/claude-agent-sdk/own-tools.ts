import { type Method, Patches } from '../../calls/patch.js';
import { asText, fields, nonEmptyString } from '../../calls/read-unknown.js';
import type { Frame } from '../../engine/frame.js';
import { callbackFrame } from '../../engine/frames-of-node.js';
import { toolFrame } from '../../engine/integration/tool-span.js';
import { currentFrame, within } from '../../engine/scope.js';
import { guarded } from '../adapter/guarded.js';
import type { Conversation } from './conversation.js';
import type { ToolUse } from './tool-use.js';

/*
 * Tools made by createSdkMcpServer() run in this process, in an MCP server. The SDK's program calls a hook before it uses the
 * tool, and the hook opens the span. The tool's handler then runs in that span.
 */

/** The conversations that use a server; usually one after the other. */
const servers = new WeakMap<object, Set<Conversation>>();

/** Makes the tools of these servers run in the spans of their uses. */
export function serveIn(conversation: Conversation, mcpServers: unknown): void {
  for (const [name, config] of Object.entries(fields(mcpServers))) {
    const { type, instance } = fields(config);
    const { server } = fields(instance);
    if (type !== 'sdk' || typeof server !== 'object' || server === null) continue;
    guarded('Claude Agent SDK', 'a server of tools', () => {
      const known = servers.get(server);
      const users = known ?? new Set();
      for (const user of users) if (!user.isOpen) users.delete(user);
      users.add(conversation);
      if (known !== undefined) return;
      servers.set(server, users);
      patchTools(server, name, users);
    });
  }
}

function patchTools(server: object, name: string, users: ReadonlySet<Conversation>): void {
  // The map in which the server looks up the handler of a request.
  new Patches().method(Reflect.get(server, '_requestHandlers'), 'get', (original) => {
    return function get(...args) {
      const handler = original.apply(this, args);
      if (args[0] !== 'tools/call' || typeof handler !== 'function') return handler;
      return handled(handler as Method, name, users);
    };
  });
}

function handled(handler: Method, server: string, users: ReadonlySet<Conversation>): Method {
  return function handle(...args) {
    const frame = guarded('Claude Agent SDK', 'a tool', () => frameFor(args[0], server, users));
    return frame === undefined ? handler.apply(this, args) : within(frame, () => handler.apply(this, args));
  };
}

function frameFor(request: unknown, server: string, users: ReadonlySet<Conversation>): Frame | undefined {
  const { name, arguments: input, _meta } = fields(fields(request).params);
  const id = nonEmptyString(fields(_meta)['claudecode/toolUseId']);
  const called = `mcp__${server}__${name}`;
  const sent = asText(input);
  const isIt = (tool: ToolUse) =>
    id === undefined ? !tool.isTaken && tool.name === called && asText(tool.input) === sent : tool.id === id;
  for (const user of users) {
    const tool = user.toolFor(isIt);
    if (tool === undefined) continue;
    tool.isTaken = true;
    return toolFrame(tool.span, currentFrame());
  }
  const [only, ...others] = users;
  const span = others.length === 0 ? only?.agentSpan : undefined;
  return span && callbackFrame(span, currentFrame());
}
