// Stands in for the command-line program that the Claude Agent SDK starts: it reads and writes the same lines. What the user
// says picks what happens. Each message counts 10 tokens, 100 of the cache and 20 that are put there; a turn makes 30.
// As a program of its own, or in this process: `spawnCli`.
import { EventEmitter } from 'node:events';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { backgroundTurns } from './claude-cli-background.mjs';

const head = { session_id: 'sess-1', uuid: '00000000-0000-4000-8000-000000000000' };
const usage = {
  input_tokens: 10,
  output_tokens: 1,
  cache_read_input_tokens: 100,
  cache_creation_input_tokens: 20,
};

/** @param args - of the command line */
export function serve(input, output, exit, args = []) {
  let hooks = {};
  let asked = 0;
  // A session that goes on starts with its earlier total: here that of one turn.
  let cost = args.some((arg) => /^--(?:resume|continue)\b/.test(arg)) ? 0.0123 : 0;
  const waiting = new Map();

  const write = (line) => output.write(`${JSON.stringify(line)}\n`);
  const pause = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms));

  function ask(request) {
    const request_id = `r${++asked}`;
    write({ type: 'control_request', request_id, request });
    return new Promise((resolve) => waiting.set(request_id, resolve));
  }

  async function hook(name, input, tool_use_id) {
    const event = { hook_event_name: name, session_id: head.session_id, transcript_path: '/t', cwd: '/', ...input };
    const ids = (hooks[name] ?? []).flatMap(({ hookCallbackIds }) => hookCallbackIds);
    await Promise.all(
      ids.map((callback_id) => ask({ subtype: 'hook_callback', callback_id, input: event, tool_use_id })),
    );
  }

  function says(id, block, parent = null, rest = {}) {
    const message = { id, type: 'message', role: 'assistant', model: 'claude-x', content: [block], usage };
    write({
      ...{ type: 'assistant', parent_tool_use_id: parent, ...head, ...rest },
      message: { ...message, stop_reason: null, stop_sequence: null, ...rest.message },
    });
  }

  function hears(content, parent = null, rest = {}) {
    write({ type: 'user', message: { role: 'user', content }, parent_tool_use_id: parent, ...head, ...rest });
  }

  const text = (said) => ({ type: 'text', text: said });
  const use = (id, name, input) => ({ type: 'tool_use', id, name, input });
  const result = (id, content, rest = {}) => ({ type: 'tool_result', tool_use_id: id, content, ...rest });
  const event = (of, parent = null) => write({ type: 'stream_event', event: of, parent_tool_use_id: parent, ...head });

  async function runTool(id, name, input, { agent, body = pause, output, error } = {}) {
    const called = { tool_name: name, tool_input: input, tool_use_id: id, ...agent };
    await hook('PreToolUse', called, id);
    const given = (await body()) ?? output;
    if (error === undefined) await hook('PostToolUse', { ...called, tool_response: given, duration_ms: 5 }, id);
    else await hook('PostToolUseFailure', { ...called, error }, id);
  }

  function ends(rest = {}) {
    cost += 0.0123;
    const sent = { input_tokens: 20, cache_read_input_tokens: 200, cache_creation_input_tokens: 40 };
    write({
      ...{ type: 'result', subtype: 'success', is_error: false, duration_ms: 50, duration_api_ms: 40, num_turns: 2 },
      ...{ result: 'Hello', stop_reason: 'end_turn', total_cost_usd: cost, modelUsage: {}, permission_denials: [] },
      ...{ usage: { ...sent, output_tokens: 30 }, ...head, ...rest },
    });
  }

  /** A sub-agent that calls w and answers. */
  async function subAgent(id, n) {
    const agent = { agent_id: `ag${n}`, agent_type: 'researcher' };
    const input = { description: 'd', prompt: `find ${n}`, subagent_type: 'researcher' };
    const body = async () => {
      await hook('SubagentStart', agent);
      hears([text(input.prompt)], id);
      says(`s${n}a`, use(`u${n}`, 'w', { city: `C${n}` }), id);
      await runTool(`u${n}`, 'w', { city: `C${n}` }, { agent, output: '20' });
      hears([result(`u${n}`, '20')], id);
      says(`s${n}b`, text(`found ${n}`), id);
      await hook('SubagentStop', { ...agent, stop_hook_active: false });
      return { content: [text(`found ${n}`)] };
    };
    await runTool(id, 'Task', input, { body });
    hears([result(id, [text(`found ${n}`)])]);
  }

  /** Calls a tool of the program that has started this one, by its server. */
  async function ownTool(id, city, isNamed) {
    await runTool(
      id,
      'mcp__srv__w',
      { city },
      {
        body: async () => {
          const _meta = isNamed ? { 'claudecode/toolUseId': id } : {};
          const params = { name: 'w', arguments: { city }, _meta };
          const message = { jsonrpc: '2.0', id: `m${id}`, method: 'tools/call', params };
          const { mcp_response } = await ask({ subtype: 'mcp_message', server_name: 'srv', message });
          return mcp_response?.result;
        },
      },
    );
  }

  const turns = {
    ...backgroundTurns({
      ends,
      hears,
      hook,
      result,
      runTool,
      says,
      text,
      use,
      write: (line) => write({ ...line, ...head }),
    }),
    async plain() {
      says('m1', { type: 'thinking', thinking: 'hmm', signature: 'x' });
      says('m1', text('let me see'));
      says('m1', use('t1', 'w', { city: 'A' }));
      says('m1', use('t2', 'w', { city: 'B' }));
      await Promise.all(['A', 'B'].map((city, i) => runTool(`t${i + 1}`, 'w', { city }, { output: `20 ${city}` })));
      hears([result('t1', '20 A')]);
      hears([result('t2', '20 B')]);
      says('m2', text('Hello'));
      ends();
    },
    async sub() {
      const input = (n) => ({ description: 'd', prompt: `find ${n}`, subagent_type: 'researcher' });
      says('m1', use('a1', 'Task', input(1)));
      says('m1', use('a2', 'Task', input(2)));
      await Promise.all([subAgent('a1', 1), pause(1).then(() => subAgent('a2', 2))]);
      says('m2', text('final'));
      ends();
    },
    /** The sub-agent's messages are forwarded only as far as they are tool uses and results. */
    async terseSub() {
      const input = { description: 'd', prompt: 'find 1', subagent_type: 'researcher' };
      says('m1', use('a1', 'Task', input));
      says('s1', use('u1', 'w', { city: 'C1' }), 'a1');
      hears([result('u1', '20')], 'a1');
      const tool_use_result = { status: 'completed', agentId: 'ag1', content: [text('found 1')] };
      hears([result('a1', [text('found 1'), text('agentId: ag1')])], null, { tool_use_result });
      says('m2', text('final'));
      ends();
    },
    async unhookedSub() {
      const input = { description: 'd', prompt: 'find 1', subagent_type: 'researcher' };
      says('m1', use('a1', 'Task', input));
      hears([text(input.prompt)], 'a1');
      says('s1', use('u1', 'w', { city: 'C1' }), 'a1');
      hears([result('u1', '20')], 'a1');
      says('s2', text('found 1'), 'a1');
      hears([result('a1', [text('found 1')])]);
      says('m2', text('final'));
      ends();
    },
    async swapped() {
      const input = (n) => ({ description: 'd', prompt: `find ${n}`, subagent_type: 'researcher' });
      const agent = (n) => ({ agent_id: `ag${n}`, agent_type: 'researcher' });
      for (const n of [1, 2]) says('m1', use(`a${n}`, 'Task', input(n)));
      const body = (n, started) => async () => {
        await started();
        says(`s${n}a`, use(`u${n}`, 'w', { city: `C${n}` }), `a${n}`);
        await pause(5);
        await runTool(`u${n}`, 'w', { city: `C${n}` }, { agent: agent(n), output: '20' });
        hears([result(`u${n}`, '20')], `a${n}`);
        says(`s${n}b`, text(`found ${n}`), `a${n}`);
        return { content: [text(`found ${n}`)] };
      };
      const second = async () => {
        await hook('SubagentStart', agent(2));
        await hook('SubagentStart', agent(1));
      };
      await Promise.all([
        runTool('a1', 'Task', input(1), { body: body(1, () => pause(30)) }),
        pause(5).then(() => runTool('a2', 'Task', input(2), { body: body(2, second) })),
      ]);
      for (const n of [1, 2]) hears([result(`a${n}`, [text(`found ${n}`)])]);
      says('m2', text('final'));
      ends();
    },
    async clear() {
      write({ type: 'conversation_reset', new_conversation_id: head.uuid, trigger: 'clear', ...head });
      cost = 0;
      says('m1', text('Hello'));
      ends();
    },
    async structured() {
      says('m1', use('t1', 'StructuredOutput', { degrees: 21 }));
      hears([result('t1', 'Structured output provided successfully')]);
      ends({ result: '', structured_output: { degrees: 21 } });
    },
    async command() {
      ends({ result: 'It has cost $1', num_turns: 0 });
    },
    async partial() {
      event({ type: 'message_start', message: { id: 'm1', model: 'claude-x', content: [], usage } });
      event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
      event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hel' } });
      await pause(20);
      event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'lo' } });
      says('m1', text('Hello'));
      event({ type: 'content_block_stop', index: 0 });
      event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } });
      event({ type: 'message_stop' });
      ends({ usage: { ...usage, output_tokens: 9 } });
    },
    /** Two streamed calls, each with its own count. */
    async partialTwice() {
      const streamed = (id, block, output_tokens) => {
        event({ type: 'message_start', message: { id, model: 'claude-x', content: [], usage } });
        event({ type: 'content_block_start', index: 0, content_block: block });
        says(id, block);
        event({ type: 'content_block_stop', index: 0 });
        event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens } });
      };
      streamed('m1', use('t1', 'w', { city: 'A' }), 9);
      await runTool('t1', 'w', { city: 'A' }, { output: '20' });
      hears([result('t1', '20')]);
      streamed('m2', text('Hello'), 5);
      ends({ usage: { ...usage, output_tokens: 14 } });
    },
    /** The history is too long for the model: from here on it is sent a summary. */
    async compact() {
      write({
        type: 'system',
        subtype: 'compact_boundary',
        compact_metadata: { trigger: 'auto', pre_tokens: 9 },
        ...head,
      });
      says('m1', text('Hello'));
      ends();
    },
    async toolError() {
      says('m1', use('t1', 'w', { city: 'A' }));
      await runTool('t1', 'w', { city: 'A' }, { error: 'tool broke' });
      hears([result('t1', 'tool broke', { is_error: true })]);
      says('m2', text('sorry'));
      ends();
    },
    async denied() {
      says('m1', use('t1', 'w', { city: 'A' }));
      await hook('PreToolUse', { tool_name: 'w', tool_input: { city: 'A' }, tool_use_id: 't1' }, 't1');
      hears([result('t1', [text('not allowed')], { is_error: true })]);
      says('m2', text('sorry'));
      ends({ permission_denials: [{ tool_name: 'w', tool_use_id: 't1', tool_input: {} }] });
    },
    /** One tool is interrupted, another never returns. */
    async stopped() {
      says('m1', use('t1', 'w', { city: 'A' }));
      says('m1', use('t2', 'v', { city: 'B' }));
      const called = (id, name) => ({ tool_name: name, tool_input: {}, tool_use_id: id });
      for (const [id, name] of Object.entries({ t1: 'w', t2: 'v' })) await hook('PreToolUse', called(id, name), id);
      await hook('PostToolUseFailure', { ...called('t1', 'w'), error: 'stopped', is_interrupt: true }, 't1');
      ends();
    },
    async deferred() {
      const input = { city: 'A' };
      says('m1', use('t1', 'w', input));
      await hook('PreToolUse', { tool_name: 'w', tool_input: input, tool_use_id: 't1' }, 't1');
      const deferred_tool_use = { id: 't1', name: 'w', input };
      ends({ result: '', stop_reason: 'tool_deferred', terminal_reason: 'tool_deferred', deferred_tool_use });
    },
    async cut() {
      says('m1', text('It is'), null, { aborted: true });
      ends({ subtype: 'error_during_execution', is_error: true, errors: [], terminal_reason: 'aborted_streaming' });
    },
    async unhooked() {
      says('m1', use('t1', 'w', { city: 'A' }));
      hears([result('t1', '20')]);
      says('m2', text('Hello'));
      ends();
    },
    async error() {
      const none = { input_tokens: 0, output_tokens: 0 };
      says('e1', text('API Error: 400'), null, {
        ...{ error: 'invalid_request', message: { model: '<synthetic>', usage: none } },
      });
      ends({ is_error: true, result: 'API Error: 400', usage: none, total_cost_usd: 0 });
    },
    async maxTurns() {
      says('m1', use('t1', 'w', { city: 'A' }));
      await runTool('t1', 'w', { city: 'A' }, { output: '20' });
      hears([result('t1', '20')]);
      ends({ subtype: 'error_max_turns', is_error: true, errors: ['too many'], usage: { ...usage, output_tokens: 5 } });
    },
    async hang() {
      says('m1', text('partial'));
    },
    async exit() {
      says('m1', text('partial'));
      await pause();
      exit(3);
    },
    async own() {
      says('m1', use('t1', 'mcp__srv__w', { city: 'A' }));
      says('m1', use('t2', 'mcp__srv__w', { city: 'B' }));
      await ask({
        ...{ subtype: 'mcp_message', server_name: 'srv' },
        message: {
          ...{ jsonrpc: '2.0', id: 'i', method: 'initialize' },
          params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
        },
      });
      // Once as the program names the use of a tool, and once as one does that names none.
      await Promise.all([ownTool('t1', 'A', true), ownTool('t2', 'B', false)]);
      hears([result('t1', '20'), result('t2', '20')]);
      says('m2', text('Hello'));
      ends();
    },
  };

  function turn(said) {
    const init = { tools: ['w', 'Task'], mcp_servers: [], model: 'claude-x', permissionMode: 'default' };
    const more = {
      cwd: '/',
      slash_commands: [],
      apiKeySource: 'S3CRET',
      output_style: 'default',
      skills: [],
      plugins: [],
    };
    write({ type: 'system', subtype: 'init', claude_code_version: '2', ...init, ...more, ...head });
    const run = turns[/^\w+/.exec(said)?.[0]] ?? turns.plain;
    void run();
  }

  createInterface({ input: input })
    .on('line', (line) => {
      const message = JSON.parse(line);
      if (message.type === 'control_request') {
        const { request_id, request } = message;
        if (request.subtype === 'initialize') hooks = request.hooks ?? {};
        const response = {
          commands: [],
          models: [],
          account: {},
          output_style: 'default',
          available_output_styles: [],
        };
        write({ type: 'control_response', response: { subtype: 'success', request_id, response } });
        if (request.subtype === 'interrupt') ends({ subtype: 'error_during_execution', is_error: true, errors: [] });
      } else if (message.type === 'control_response') {
        waiting.get(message.response.request_id)?.(message.response.response);
      } else if (message.type === 'user') {
        const { content } = message.message;
        turn(typeof content === 'string' ? content : content[0].text);
      }
    })
    .on('close', () => exit(0));
}

/** The program as the SDK's `spawnClaudeCodeProcess` gives it, in this process. */
export function spawnCli({ args }) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const program = Object.assign(new EventEmitter(), { stdin, stdout, killed: false, exitCode: null });
  const exit = (code) => {
    if (program.exitCode !== null) return;
    program.exitCode = code;
    stdout.end();
    setImmediate(() => program.emit('exit', code, null));
  };
  serve(stdin, stdout, exit, args);
  return Object.assign(program, {
    kill() {
      program.killed = true;
      exit(0);
      return true;
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  serve(process.stdin, process.stdout, process.exit, process.argv);
