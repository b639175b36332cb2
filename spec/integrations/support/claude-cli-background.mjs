// Turns of the fake program of the Claude Agent SDK in which a sub-agent goes on after its tool use has returned. Of its messages, the
// program forwards only tool uses and results.

/** What the program can do in these turns is handed in. */
export function backgroundTurns({ ends, hears, hook, result, runTool, says, text, use, write }) {
  /** Starts a sub-agent in the background, and goes on. */
  async function launch() {
    const input = { description: 'd', prompt: 'find 1', subagent_type: 'researcher' };
    const launched = { status: 'async_launched', isAsync: true, agentId: 'ag1', ...input };
    says('m1', use('a1', 'Task', input));
    await runTool('a1', 'Task', input, { output: launched });
    hears([result('a1', 'Async agent launched')], null, { tool_use_result: launched });
    says('m2', text('It is at work'));
  }

  /** What a sub-agent in the background does. */
  async function inBackground(n, id, status) {
    const agent = { agent_id: `ag${n}`, agent_type: 'researcher' };
    await hook('SubagentStart', agent);
    const tool = use(`u${n}`, 'w', { city: `C${n}` });
    says(`s${n}a`, tool, id);
    await runTool(tool.id, tool.name, tool.input, { agent, output: '20' });
    hears([result(tool.id, '20')], id);
    await hook('SubagentStop', { ...agent, stop_hook_active: false, last_assistant_message: `found ${n}` });
    const ended = { task_id: agent.agent_id, tool_use_id: id, status, output_file: '/o', summary: `it ${status}` };
    write({ type: 'system', subtype: 'task_notification', ...ended });
  }

  return {
    async background() {
      await launch();
      await inBackground(1, 'a1', 'completed');
      says('m3', text('final'));
      ends();
    },
    async backgroundFailed() {
      await launch();
      await inBackground(1, 'a1', 'failed');
      says('m3', text('final'));
      ends();
    },
    async backgroundStopped() {
      await launch();
      says('s1a', text('I am lo'), 'a1');
      const ended = { task_id: 'ag1', status: 'stopped', output_file: '/o', summary: 'stopped' };
      write({ type: 'system', subtype: 'task_notification', ...ended });
      says('m3', text('final'));
      ends();
    },
    /** The program does not report the end of background tasks. */
    async backgroundUnreported() {
      await launch();
      await hook('SubagentStart', { agent_id: 'ag1', agent_type: 'researcher' });
      await hook('SubagentStop', { agent_id: 'ag1', agent_type: 'researcher', stop_hook_active: false });
      ends();
    },
    /** The one in the background starts after another was asked for. */
    async backgroundLate() {
      await launch();
      says('m3', use('a2', 'Task', { description: 'd', prompt: 'find 2', subagent_type: 'researcher' }));
      const body = async () => {
        await hook('SubagentStart', { agent_id: 'ag1', agent_type: 'researcher' });
        const agent = { agent_id: 'ag2', agent_type: 'researcher' };
        await hook('SubagentStart', agent);
        await runTool('u2', 'w', { city: 'C2' }, { agent, output: '20' });
        return { content: [text('found 2')] };
      };
      await runTool('a2', 'Task', { description: 'd', prompt: 'find 2', subagent_type: 'researcher' }, { body });
      hears([result('a2', [text('found 2')])]);
      await inBackground(1, 'a1', 'completed');
      ends();
    },
    async backgroundLeft() {
      await launch();
      await hook('SubagentStart', { agent_id: 'ag1', agent_type: 'researcher' });
      says('s1a', use('u1', 'w', { city: 'C1' }), 'a1');
      ends();
    },
    /** A turn that no message of the user begins. */
    async backgroundNotice() {
      await launch();
      ends();
      write({ type: 'system', subtype: 'task_notification', task_id: 'ag1', tool_use_id: 'a1', status: 'completed' });
      says('m3', text('It is done'));
      ends();
    },
    /** The sub-agent of the turn before is still at work. */
    async afterBackground() {
      says('m1', text('Hello'));
      await runTool('u2', 'w', { city: 'C2' }, { agent: { agent_id: 'ag1', agent_type: 'researcher' }, output: '20' });
      ends();
    },
  };
}
