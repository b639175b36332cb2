import { requestMessages } from '../../calls/anthropic/blocks.js';
import { count } from '../../calls/counts.js';
import { errorFacts, errorMessage } from '../../calls/error-facts.js';
import { asText, type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { emptyFrame, type Frame } from '../../engine/frame.js';
import { openGivenSpan } from '../../engine/integration/given-times.js';
import { labelText } from '../../engine/normalize-text.js';
import type { SpanNode } from '../../engine/span-node.js';
import { lastAssistantMessage, lastUserMessage } from '../../model/messages.js';
import { costJson } from '../../model/usage.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { openStep } from '../adapter/step.js';
import { StepRecord } from '../adapter/step-record.js';
import { AgentRun } from './agent.js';
import { subAgentOf, ToolUse } from './tool-use.js';

/** The name of traces and agents, the same as in the vendor's package. */
const name = 'ClaudeAgentSDK';

/** The names of the tool that starts a sub-agent, in different versions of the program. */
const agentTool = /^(?:Task|Agent)$/;

/** The start of a turn. */
interface TurnStart {
  readonly options: FrameworkOptions;
  readonly outside: Frame;
  readonly system: unknown;
  /** The messages so far, to which this turn adds. */
  readonly history: unknown[];
}

/** One turn of a query: from the user's message to the result. */
export class Turn {
  readonly #options: FrameworkOptions;
  readonly #chain: StepRecord;
  readonly #main: AgentRun;
  readonly #tools = new Map<string, ToolUse>();
  /** Sub-agents, by the id of the tool use that started them. */
  readonly #agents = new Map<string, AgentRun>();
  /** The tool use that started a sub-agent, by the sub-agent's id in hooks. */
  readonly #toolOfAgent = new Map<string, string>();
  /** Whether the program has interrupted the turn. */
  isInterrupted = false;

  private constructor(options: FrameworkOptions, chain: StepRecord, main: AgentRun) {
    this.#options = options;
    this.#chain = chain;
    this.#main = main;
  }

  /** Undefined if nothing is recorded. */
  static start({ options, outside, system, history }: TurnStart): Turn | undefined {
    const step = openStep(name, 'CHAIN', options, outside);
    if (step === undefined) return undefined;
    const chain = new StepRecord(step, options);
    const messages = requestMessages(undefined, history.slice(-1));
    chain.input({ messages }, lastUserMessage({ messages }));
    const main = agentBelow(step.span, name, options, system, history);
    return new Turn(options, chain, main);
  }

  get span(): SpanNode {
    return this.#main.step.span;
  }

  /** The program has reported its session, tools and settings. */
  began({ session_id, tools, mcp_servers, claude_code_version, permissionMode }: Fields): void {
    this.#main.step.metadata({
      claude_code_version,
      permission_mode: permissionMode,
      tools: list(tools).length === 0 ? undefined : tools,
      mcp_servers: list(mcp_servers).flatMap((server) => nonEmptyString(fields(server).name) ?? []),
    });
    const { trace } = this.#chain.step;
    if (trace === undefined || trace.sessionId !== undefined || nonEmptyString(session_id) === undefined) return;
    trace.sessionId = labelText(trace.recorder, session_id, 'sessionId', trace);
  }

  onAssistantMessage({ message, parent_tool_use_id: parent, error }: Fields): void {
    this.#agent(parent)?.onAssistantMessage(fields(message), error);
  }

  onStreamEvent({ event, parent_tool_use_id: parent }: Fields): void {
    this.#agent(parent)?.onStreamEvent(fields(event));
  }

  /** Handles a message to the model: tool results, or a sub-agent's prompt, which is already known. */
  onUserMessage({ message, parent_tool_use_id: parent }: Fields): void {
    const results = list(fields(message).content).filter((block) => fields(block).type === 'tool_result');
    if (results.length === 0 && typeof parent === 'string') return;
    const agent = this.#agent(parent);
    agent?.onModelInput(message, results.length > 0);
    for (const result of results) this.#resulted(agent, fields(result));
  }

  toolCalled({ tool_use_id, tool_name, tool_input, agent_id }: Fields): void {
    const id = `${tool_use_id}`;
    this.#recognize(`${agent_id}`, id);
    const agent = this.#agent(this.#toolOfAgent.get(`${agent_id}`));
    agent?.toolCalled(id);
    this.#openTool(agent, id, { name: tool_name, input: tool_input });
  }

  toolEnded(event: Fields): void {
    const { tool_use_id, tool_response, error, is_interrupt, agent_id } = event;
    const tool = this.#tools.get(`${tool_use_id}`);
    this.#agent(this.#toolOfAgent.get(`${agent_id}`))?.toolEnded();
    if (event.hook_event_name === 'PostToolUse') tool?.answered(tool_response);
    else tool?.failed(error, is_interrupt === true);
  }

  /**
   * Handles the start of a sub-agent, as reported by a hook. It belongs to the oldest tool use of its type that has no sub-agent
   * yet.
   */
  agentStarted({ agent_id, agent_type }: Fields): void {
    const idle = [...this.#tools.values()].filter(({ id, isOver }) => !isOver && !this.#agents.has(id));
    const tool =
      idle.find(({ input }) => subAgentOf(input).name === agent_type) ?? idle.find(({ name }) => agentTool.test(name));
    if (tool === undefined) return;
    this.#toolOfAgent.set(`${agent_id}`, tool.id);
    this.#openAgent(tool, nonEmptyString(agent_type));
  }

  /** Corrects which sub-agent is which, if two of one type have started in the other order: the message that asks shows it. */
  #recognize(agentId: string, toolId: string): void {
    const known = this.#toolOfAgent.get(agentId);
    const right = [...this.#agents].find(([, agent]) => agent.asked(toolId) !== undefined)?.[0];
    if (known === undefined || right === undefined || right === known) return;
    for (const [other, tool] of this.#toolOfAgent) if (tool === right) this.#toolOfAgent.set(other, known);
    this.#toolOfAgent.set(agentId, right);
  }

  /** The running tool use for which a handler in this process is called. */
  toolFor(isIt: (tool: ToolUse) => boolean): ToolUse | undefined {
    return [...this.#tools.values()].find((tool) => !tool.isOver && isIt(tool));
  }

  /** @param cost - of this turn; undefined if it cannot be separated from earlier turns */
  end(result: Fields, cost: number | undefined): void {
    const main = this.#main;
    main.finish();
    this.#addMissingTokens(result);
    for (const tool of this.#tools.values()) if (!tool.isOver) tool.breakOff({});
    for (const agent of this.#agents.values()) endAgent(agent);
    this.#onResult(result, cost);
    const failure = this.isInterrupted ? undefined : failureOf(result);
    for (const step of [main.step, this.#chain]) {
      if (failure !== undefined) step.failWith({ text: failure, metadata: { error: { type: result.subtype } } });
      else if (this.isInterrupted) step.metadata({ aborted: true });
    }
    this.#close(answerOf(result, main.last));
  }

  /** The turn gets no more events. */
  breakOff(metadata: Fields): void {
    for (const agent of [this.#main, ...this.#agents.values()]) agent.breakOff(metadata);
    for (const tool of this.#tools.values()) if (!tool.isOver) tool.breakOff(metadata);
    for (const { step } of this.#agents.values()) step.end();
    this.#chain.metadata({ stream_incomplete: true, ...metadata });
    this.#close();
  }

  failed(error: unknown): void {
    const facts = errorFacts(error);
    this.#main.step.failWith(facts);
    this.#chain.failWith(facts);
    this.breakOff({});
  }

  /** @param answer - if it is not the last message of the model */
  #close(answer?: string): void {
    const output = answer === undefined ? this.#main.last : { messages: [{ role: 'assistant', content: answer }] };
    if (answer !== undefined) this.#main.step.output(output);
    this.#chain.output(output, lastAssistantMessage(output));
    this.#main.step.span.partial = undefined;
    this.#main.step.end();
    this.#chain.end();
  }

  #onResult(result: Fields, cost: number | undefined): void {
    const { step } = this.#main;
    const { num_turns, duration_api_ms, stop_reason, permission_denials } = result;
    const denied = list(permission_denials).flatMap((denial) => nonEmptyString(fields(denial).tool_name) ?? []);
    step.metadata({
      num_turns,
      duration_api_ms,
      stop_reason,
      permission_denials: denied.length > 0 ? denied : undefined,
    });
    if (cost === undefined) return;
    const { span } = step;
    span.draft.cost = costJson({ total: cost }, span.recorder.log);
    for (const agent of [this.#main, ...this.#agents.values()]) for (const call of agent.calls) call.paidAbove();
  }

  /**
   * Without partial messages, output tokens are counted only for the whole turn. The last call gets those that no other call has.
   */
  #addMissingTokens({ usage }: Fields): void {
    const { calls } = this.#main;
    const last = calls.findLast((call) => !call.isExact);
    const missing = (count(fields(usage).output_tokens) ?? 0) - calls.reduce((sum, call) => sum + call.counted, 0);
    if (last !== undefined && missing > 0) last.addOutput(missing);
  }

  /** Records a tool's result. If no hook has reported the tool, its span is opened now. */
  #resulted(agent: AgentRun | undefined, result: Fields): void {
    const id = `${result.tool_use_id}`;
    const tool = this.#tools.get(id) ?? this.#openTool(agent, id, agent?.asked(id));
    if (tool?.isOver === false) tool.resulted(result);
    const sub = this.#agents.get(id);
    if (sub !== undefined) endAgent(sub);
  }

  #openTool(agent: AgentRun | undefined, id: string, { name, input }: Fields = {}): ToolUse | undefined {
    const known = this.#tools.get(id);
    const parent = agent?.step.span;
    if (known !== undefined || parent === undefined) return known;
    const step = openStep(nonEmptyString(name) ?? 'tool', 'TOOL', this.#options, emptyFrame, { parent });
    if (step === undefined) return undefined;
    const tool = new ToolUse(id, nonEmptyString(name) ?? 'tool', input, new StepRecord(step, this.#options));
    this.#tools.set(id, tool);
    return tool;
  }

  #agent(tool: unknown): AgentRun | undefined {
    if (typeof tool !== 'string') return this.#main;
    const use = this.#tools.get(tool) ?? this.#openAsked(tool);
    return this.#agents.get(tool) ?? (use && this.#openAgent(use, undefined));
  }

  /** Opens the span of a tool use for which no hook was called. It is known from the model's message that asks for it. */
  #openAsked(id: string): ToolUse | undefined {
    const agent = [this.#main, ...this.#agents.values()].find((each) => each.asked(id) !== undefined);
    return agent && this.#openTool(agent, id, agent.asked(id));
  }

  #openAgent(tool: ToolUse, kind: string | undefined): AgentRun {
    const { name: named, prompt } = subAgentOf(tool.input);
    const history = prompt === undefined ? [] : [{ role: 'user', content: prompt }];
    const agent = agentBelow(tool.span, kind ?? named ?? 'agent', this.#options, undefined, history);
    this.#agents.set(tool.id, agent);
    return agent;
  }
}

function agentBelow(
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

function endAgent(agent: AgentRun): void {
  agent.finish();
  agent.step.span.partial = undefined;
  agent.step.end();
}

/** The answer of a turn that no message has: in the form that the program asked for, or of a command such as `/cost`. */
function answerOf({ structured_output, result }: Fields, said: unknown): string | undefined {
  if (structured_output !== undefined && structured_output !== null) return asText(structured_output);
  return said === undefined ? nonEmptyString(result) : undefined;
}

/** Why a turn has failed; undefined if it has not. */
function failureOf({ subtype, is_error, errors, result }: Fields): string | undefined {
  if (subtype === 'success')
    return is_error === true ? errorMessage(nonEmptyString(result) ?? 'the turn failed') : undefined;
  const messages = list(errors).filter((error) => typeof error === 'string');
  return errorMessage([`${subtype}`, ...(messages.length > 0 ? [messages.join('; ')] : [])].join(': '));
}
