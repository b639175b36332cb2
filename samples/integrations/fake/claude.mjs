// Stands in for the program that the Claude Agent SDK starts, so that the sample runs with no key and no network. It calls the
// tool forecast of its host once, then says what the sample waits for.
import { createInterface } from 'node:readline';

const head = { session_id: 'a-session', uuid: '00000000-0000-4000-8000-000000000000' };
const usage = { input_tokens: 12, output_tokens: 9 };
const input = { city: 'Lisbon' };
const answer = 'It is 21 °C in Lisbon.';
const waiting = new Map();
let hooks = {};
let asked = 0;

const write = (line) => process.stdout.write(`${JSON.stringify({ ...head, ...line })}\n`);

function ask(request) {
  const request_id = `r${++asked}`;
  write({ type: 'control_request', request_id, request });
  return new Promise((resolve) => waiting.set(request_id, resolve));
}

function says(id, block) {
  const message = { id, type: 'message', role: 'assistant', model: 'claude-2026', content: [block], usage };
  write({ type: 'assistant', message, parent_tool_use_id: null });
}

async function tell(hook_event_name, more) {
  const called = { tool_name: 'mcp__weather__forecast', tool_input: input, tool_use_id: 't1' };
  const event = { hook_event_name, transcript_path: '', cwd: '', ...head, ...called, ...more };
  for (const { hookCallbackIds } of hooks[hook_event_name] ?? []) {
    for (const callback_id of hookCallbackIds) {
      await ask({ subtype: 'hook_callback', callback_id, input: event, tool_use_id: 't1' });
    }
  }
}

async function turn() {
  write({ type: 'system', subtype: 'init', tools: ['mcp__weather__forecast'], mcp_servers: [], model: 'claude-2026' });
  says('m1', { type: 'tool_use', id: 't1', name: 'mcp__weather__forecast', input });
  await tell('PreToolUse', {});
  const params = { name: 'forecast', arguments: input, _meta: { 'claudecode/toolUseId': 't1' } };
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
  const { mcp_response } = await ask({ subtype: 'mcp_message', server_name: 'weather', message });
  const { content } = mcp_response.result;
  await tell('PostToolUse', { tool_response: content });
  const result = { type: 'tool_result', tool_use_id: 't1', content };
  write({ type: 'user', message: { role: 'user', content: [result] }, parent_tool_use_id: null });
  says('m2', { type: 'text', text: answer });
  const whole = { input_tokens: 24, output_tokens: 18 };
  write({ type: 'result', subtype: 'success', is_error: false, result: answer, total_cost_usd: 0.0003, usage: whole });
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { type, request_id, request, response } = JSON.parse(line);
    if (type === 'user') void turn();
    if (type === 'control_response') waiting.get(response.request_id)(response.response);
    if (type !== 'control_request') return;
    hooks = request.hooks ?? hooks;
    write({ type: 'control_response', response: { subtype: 'success', request_id, response: {} } });
  })
  .on('close', () => process.exit(0));
