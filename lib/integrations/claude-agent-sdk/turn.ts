import { requestMessages } from '../../calls/anthropic/blocks.js';
import { count } from '../../calls/counts.js';
import { errorFacts, errorMessage } from '../../calls/error-facts.js';
import { asText, type Fields, fields, isFields, list, nonEmptyString } from '../../calls/read-unknown.js';
import type { Frame } from '../../engine/frame.js';
import { labelText } from '../../engine/normalize-text.js';
import type { SpanNode } from '../../engine/span-node.js';
import { lastAssistantMessage, lastUserMessage } from '../../model/messages.js';
import { costJson } from '../../model/usage.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { openStep } from '../adapter/step.js';
import { StepRecord } from '../adapter/step-record.js';
import { type AgentRun, promptOf } from './agent.js';
import type { ToolUse } from './tool-use.js';
import { openAgent, TurnAgents } from './turn-agents.js';

/** The name of traces and agents, the same as in the vendor's package. */
const name = 'ClaudeAgentSDK';

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
  readonly #chain: StepRecord;
  readonly agents: TurnAgents;
  /** Whether the turn was interrupted, as far as the program, or later the result, says so. */
  isInterrupted = false;

  private constructor(chain: StepRecord, agents: TurnAgents) {
    this.#chain = chain;
    this.agents = agents;
  }

  /** Undefined if nothing is recorded. */
  static start({ options, outside, system, history }: TurnStart): Turn | undefined {
    const step = openStep(name, 'CHAIN', options, outside);
    if (step === undefined) return undefined;
    const chain = new StepRecord(step, options);
    const messages = requestMessages(undefined, promptOf(history));
    if (messages.length > 0) chain.input({ messages }, lastUserMessage({ messages }));
    const main = openAgent(step.span, name, options, system, history);
    return new Turn(chain, new TurnAgents(options, main));
  }

  get span(): SpanNode {
    return this.agents.main.step.span;
  }

  /** The program has reported its session, tools and settings. */
  began({ session_id, tools, mcp_servers, claude_code_version, permissionMode }: Fields): void {
    this.agents.main.step.metadata({
      claude_code_version,
      permission_mode: permissionMode,
      tools: list(tools).length === 0 ? undefined : tools,
      mcp_servers: list(mcp_servers).flatMap((server) => nonEmptyString(fields(server).name) ?? []),
    });
    const { trace } = this.#chain.step;
    if (trace === undefined || trace.sessionId !== undefined || nonEmptyString(session_id) === undefined) return;
    trace.sessionId = labelText(trace.recorder, session_id, 'sessionId', trace);
  }

  onAssistantMessage({ message, parent_tool_use_id: parent, error, aborted }: Fields): void {
    this.agents.ofMessage(parent)?.onAssistantMessage(fields(message), error, aborted === true);
  }

  onStreamEvent({ event, parent_tool_use_id: parent }: Fields): void {
    this.agents.ofMessage(parent)?.onStreamEvent(fields(event));
  }

  /** Handles a message to the model: tool results, or a sub-agent's prompt, which is already known. */
  onUserMessage({ message, parent_tool_use_id: parent, tool_use_result }: Fields): void {
    const results = list(fields(message).content).filter((block) => fields(block).type === 'tool_result');
    if (results.length === 0 && typeof parent === 'string') return;
    const agent = this.agents.ofMessage(parent);
    agent?.onModelInput(message, results.length > 0);
    const output = results.length === 1 ? fields(tool_use_result) : {};
    for (const result of results) this.#resulted(agent, fields(result), output);
  }

  toolCalled({ tool_use_id, tool_name, tool_input, agent_id }: Fields): void {
    const id = `${tool_use_id}`;
    this.agents.recognize(`${agent_id}`, id);
    const agent = this.agents.ofHook(agent_id);
    agent?.toolCalled(id);
    this.agents.openTool(agent, id, { name: tool_name, input: tool_input });
  }

  toolEnded(event: Fields): void {
    const { tool_use_id, tool_response, error, is_interrupt, agent_id } = event;
    const tool = this.agents.tool(`${tool_use_id}`);
    this.agents.ofHook(agent_id)?.toolEnded();
    if (event.hook_event_name === 'PostToolUse') {
      tool?.answered(tool_response);
      this.#returned(tool, fields(tool_response));
    } else tool?.failed(error, is_interrupt === true);
  }

  /** A sub-agent in the background has ended, and all its messages were read. */
  taskEnded({ tool_use_id, task_id, status, summary }: Fields): void {
    const agent = this.agents.startedBy(`${tool_use_id}`) ?? this.agents.ofHook(task_id);
    if (agent?.isInBackground !== true) return;
    if (status === 'stopped') agent.breakOff({ aborted: true });
    if (status === 'failed') {
      agent.step.failWith({ text: errorMessage(nonEmptyString(summary) ?? 'the sub-agent failed'), metadata: {} });
    }
    endAgent(agent);
  }

  /** @param cost - of this turn; undefined if it cannot be separated from earlier turns */
  end(result: Fields, cost: number | undefined): void {
    const { main } = this.agents;
    main.finish();
    this.#addMissingTokens(result);
    const { deferred_tool_use: deferred, terminal_reason: reason } = result;
    if (isFields(deferred)) this.agents.tool(`${deferred.id}`)?.deferred();
    for (const tool of this.agents.openTools) tool.breakOff({});
    for (const agent of this.agents.subAgents) {
      if (agent.isInBackground && !agent.hasStopped && !agent.step.isOver) agent.breakOff({});
      endAgent(agent);
    }
    this.#onResult(result, cost);
    this.isInterrupted ||= reason === 'aborted_streaming' || reason === 'aborted_tools';
    const failure = this.isInterrupted ? undefined : failureOf(result);
    for (const step of [main.step, this.#chain]) {
      if (isFields(deferred)) step.interrupted();
      if (failure !== undefined) step.failWith({ text: failure, metadata: { error: { type: result.subtype } } });
      else if (this.isInterrupted) step.metadata({ aborted: true });
    }
    this.#close(answerOf(result, main.last));
  }

  /** The turn gets no more events. */
  breakOff(given: Fields): void {
    const metadata = this.isInterrupted ? { ...given, aborted: true } : given;
    for (const agent of this.agents.all) agent.breakOff(metadata);
    for (const tool of this.agents.openTools) tool.breakOff(metadata);
    for (const { step } of this.agents.subAgents) step.end();
    this.#chain.metadata({ stream_incomplete: true, ...metadata });
    this.#close();
  }

  failed(error: unknown): void {
    const facts = errorFacts(error);
    this.agents.main.step.failWith(facts);
    this.#chain.failWith(facts);
    this.breakOff({});
  }

  /** @param answer - the turn's answer, if it is not the last message of the model */
  #close(answer?: string): void {
    const output =
      answer === undefined ? this.agents.main.last : { messages: [{ role: 'assistant', content: answer }] };
    if (answer !== undefined) this.agents.main.step.output(output);
    this.#chain.output(output, lastAssistantMessage(output));
    this.agents.main.step.span.partial = undefined;
    this.agents.main.step.end();
    this.#chain.end();
  }

  #onResult(result: Fields, cost: number | undefined): void {
    const { step } = this.agents.main;
    const { num_turns, duration_api_ms, stop_reason, terminal_reason, permission_denials } = result;
    const denied = list(permission_denials).flatMap((denial) => nonEmptyString(fields(denial).tool_name) ?? []);
    step.metadata({
      num_turns,
      duration_api_ms,
      stop_reason,
      terminal_reason: terminal_reason === 'completed' ? undefined : terminal_reason,
      permission_denials: denied.length > 0 ? denied : undefined,
    });
    if (cost === undefined) return;
    const { span } = step;
    span.draft.cost = costJson({ total: cost }, span.recorder.log);
    for (const agent of this.agents.all) for (const call of agent.calls) call.paidAbove();
  }

  /**
   * Without partial messages, the program counts the output tokens of the whole turn only. The last call gets the tokens that no other
   * call has.
   */
  #addMissingTokens({ usage }: Fields): void {
    const { calls } = this.agents.main;
    const last = calls.findLast((call) => !call.isExact);
    const missing = (count(fields(usage).output_tokens) ?? 0) - calls.reduce((sum, call) => sum + call.counted, 0);
    if (last !== undefined && missing > 0) last.addOutput(missing);
  }

  /** Records a tool's result. If no hook has reported the tool, its span is opened now. */
  #resulted(agent: AgentRun | undefined, result: Fields, output: Fields): void {
    const id = `${result.tool_use_id}`;
    const tool = this.agents.tool(id) ?? this.agents.openTool(agent, id, agent?.asked(id));
    if (tool?.isOver === false) tool.resulted(result);
    this.#returned(tool, output);
    const sub = this.agents.startedBy(id);
    if (sub === undefined || sub.isInBackground) return;
    sub.answered(list(output.content));
    endAgent(sub);
  }

  /**
   * A tool's output may say that its sub-agent goes on in the background. Source: `@anthropic-ai/claude-agent-sdk` 0.3.332,
   * `AgentOutput` of its declarations.
   */
  #returned(tool: ToolUse | undefined, { status, agentId }: Fields): void {
    const id = nonEmptyString(agentId);
    if (tool !== undefined && id !== undefined && status === 'async_launched') this.agents.wentToBackground(tool, id);
  }
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
