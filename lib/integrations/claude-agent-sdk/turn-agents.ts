import { type Fields, nonEmptyString } from '../../calls/read-unknown.js';
import { emptyFrame } from '../../engine/frame.js';
import { openGivenSpan } from '../../engine/integration/given-times.js';
import type { SpanNode } from '../../engine/span-node.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { openStep } from '../adapter/step.js';
import { StepRecord } from '../adapter/step-record.js';
import { AgentRun } from './agent.js';
import { subAgentOf, ToolUse } from './tool-use.js';

/** The names of the tool that starts a sub-agent, in different versions of the program. */
const agentTool = /^(?:Task|Agent)$/;

/**
 * The agents of a turn and their tool uses. A message names a sub-agent by the tool use that started it, a hook by an id of its own.
 *
 * ```
 *  main agent ── tool use t1 (Read)
 *             └─ tool use t2 (Task) ── sub-agent of t2, in hooks a7 ── tool use t3 (Grep)
 * ```
 */
export class TurnAgents {
  /** The main agent, with which the user talks. */
  readonly main: AgentRun;
  readonly #options: FrameworkOptions;
  readonly #tools = new Map<string, ToolUse>();
  /** Sub-agents, by the id of the tool use that started them. */
  readonly #subAgents = new Map<string, AgentRun>();
  /** The tool use that started a sub-agent, by the sub-agent's id in hooks. */
  readonly #toolOfAgent = new Map<string, string>();

  constructor(options: FrameworkOptions, main: AgentRun) {
    this.#options = options;
    this.main = main;
  }

  /** The main agent and its sub-agents. */
  get all(): readonly AgentRun[] {
    return [this.main, ...this.#subAgents.values()];
  }

  get subAgents(): Iterable<AgentRun> {
    return this.#subAgents.values();
  }

  /** Tool uses that have not ended. */
  get openTools(): readonly ToolUse[] {
    return [...this.#tools.values()].filter(({ isOver }) => !isOver);
  }

  /** The agent of a message. @param tool - the id of the tool use that started the agent; missing for the main agent */
  ofMessage(tool: unknown): AgentRun | undefined {
    if (typeof tool !== 'string') return this.main;
    const use = this.#tools.get(tool) ?? this.#openAsked(tool);
    return this.#subAgents.get(tool) ?? (use && this.#openAgent(use, undefined));
  }

  /** The agent of a hook; undefined if it is a sub-agent that this turn has not started. */
  ofHook(agentId: unknown): AgentRun | undefined {
    if (typeof agentId !== 'string') return this.main;
    const tool = this.#toolOfAgent.get(agentId);
    return tool === undefined ? undefined : this.ofMessage(tool);
  }

  /** The sub-agent that a tool use started. */
  startedBy(toolId: string): AgentRun | undefined {
    return this.#subAgents.get(toolId);
  }

  tool(id: string): ToolUse | undefined {
    return this.#tools.get(id);
  }

  /** The first running tool use for which `isIt` is true. */
  toolFor(isIt: (tool: ToolUse) => boolean): ToolUse | undefined {
    return this.openTools.find(isIt);
  }

  /**
   * Handles the start of a sub-agent, as reported by a hook. It belongs to the oldest tool use of its type that has no sub-agent
   * yet.
   */
  subAgentStarted({ agent_id, agent_type }: Fields): void {
    if (this.#toolOfAgent.has(`${agent_id}`)) return;
    const idle = this.openTools.filter(({ id }) => !this.#subAgents.has(id));
    const tool =
      idle.find(({ input }) => subAgentOf(input).name === agent_type) ?? idle.find(({ name }) => agentTool.test(name));
    if (tool === undefined) return;
    this.#toolOfAgent.set(`${agent_id}`, tool.id);
    this.#openAgent(tool, nonEmptyString(agent_type));
  }

  /** Handles the return of a tool use whose sub-agent goes on in the background. */
  wentToBackground(tool: ToolUse, agentId: string): void {
    this.#toolOfAgent.set(agentId, tool.id);
    const agent = this.#subAgents.get(tool.id) ?? this.#openAgent(tool, undefined);
    agent.isInBackground = true;
  }

  /** Handles the end of a sub-agent, as reported by a hook. Messages of it may be read later. */
  subAgentStopped({ agent_id, last_assistant_message: text }: Fields): void {
    const agent = this.ofHook(agent_id);
    if (agent === undefined) return;
    agent.hasStopped = true;
    if (nonEmptyString(text) !== undefined) agent.answered([{ type: 'text', text }]);
  }

  /**
   * Corrects the tool use of a sub-agent. Two sub-agents of one type may start in the other order than their tool uses; the message
   * that asks for a tool shows which of them calls it.
   */
  recognize(agentId: string, toolId: string): void {
    const known = this.#toolOfAgent.get(agentId);
    const right = [...this.#subAgents].find(([, agent]) => agent.asked(toolId) !== undefined)?.[0];
    if (right === undefined || right === known) return;
    for (const [other, tool] of this.#toolOfAgent)
      if (tool === right && known !== undefined) this.#toolOfAgent.set(other, known);
    this.#toolOfAgent.set(agentId, right);
  }

  /** The tool use with this id. If it is not known yet, its span is opened below the agent. */
  openTool(agent: AgentRun | undefined, id: string, { name, input }: Fields = {}): ToolUse | undefined {
    const known = this.#tools.get(id);
    const parent = agent?.step.span;
    if (known !== undefined || parent === undefined) return known;
    const step = openStep(nonEmptyString(name) ?? 'tool', 'TOOL', this.#options, emptyFrame, { parent });
    if (step === undefined) return undefined;
    const tool = new ToolUse(id, nonEmptyString(name) ?? 'tool', input, new StepRecord(step, this.#options));
    this.#tools.set(id, tool);
    return tool;
  }

  /** Opens the span of a tool use for which no hook was called, if a message of the model has asked for it. */
  #openAsked(id: string): ToolUse | undefined {
    const agent = this.all.find((each) => each.asked(id) !== undefined);
    return agent && this.openTool(agent, id, agent.asked(id));
  }

  #openAgent(tool: ToolUse, kind: string | undefined): AgentRun {
    const { name: named, prompt } = subAgentOf(tool.input);
    const history = prompt === undefined ? [] : [{ role: 'user', content: prompt }];
    const agent = openAgent(tool.span, kind ?? named ?? 'agent', this.#options, undefined, history);
    this.#subAgents.set(tool.id, agent);
    return agent;
  }
}

/** Opens the span of an agent. */
export function openAgent(
  parent: SpanNode,
  name: string,
  options: FrameworkOptions,
  system: unknown,
  history: unknown[],
): AgentRun {
  const { metadata } = options;
  const span = openGivenSpan({ trace: parent.trace, parent }, name, { kind: 'AGENT', metadata });
  return new AgentRun(new StepRecord({ span, trace: undefined }, options), options, system, history);
}
