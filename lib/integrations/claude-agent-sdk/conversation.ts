import { amount, type Fields, fields, nonEmptyString } from '../../calls/read-unknown.js';
import { emptyFrame, type Frame } from '../../engine/frame.js';
import { currentOwner } from '../../engine/session.js';
import { guarded } from '../adapter/guarded.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { ifOpen } from '../adapter/step.js';
import type { ToolUse } from './tool-use.js';
import { Totals } from './totals.js';
import { Turn } from './turn.js';

const framework = 'Claude Agent SDK';

/** The prompts and messages of one query, turn after turn. */
export class Conversation {
  readonly #options: FrameworkOptions;
  #outside: Frame = emptyFrame;
  readonly #system: unknown;
  readonly #totals: Totals;
  readonly #history: unknown[] = [];
  /** The user's messages that came while a turn was running. */
  readonly #waiting: unknown[] = [];
  #sessionId: string | undefined;
  #turn: Turn | undefined;

  /** @param query - the options of the query */
  constructor(options: FrameworkOptions, query: Fields) {
    this.#options = options;
    this.#system = systemOf(query.systemPrompt);
    this.#totals = new Totals(query);
  }

  /** Sets the frame in which the query was made. Its turns are below the current span of that frame. */
  begin(outside: Frame): void {
    this.#outside = outside;
  }

  /** Whether a turn is running. */
  get isOpen(): boolean {
    return this.#turn !== undefined;
  }

  /** The user's message begins a turn, or waits for the current one to end. */
  onPrompt(content: unknown): void {
    this.#guard('a message of the user', () => {
      if (this.#turn !== undefined) this.#waiting.push(content);
      else this.#start(content);
    });
  }

  /** A message from the agent's process. */
  onMessage(message: unknown): void {
    this.#guard('a message', () => {
      const received = fields(message);
      const isInner = typeof received.parent_tool_use_id === 'string';
      switch (received.type) {
        case 'system':
          if (received.subtype === 'init') this.#began(received);
          if (received.subtype === 'compact_boundary') this.#history.length = 0; // the model is sent a summary from here on
          if (received.subtype === 'task_notification') this.#turn?.taskEnded(received);
          return;
        case 'assistant':
          this.#running(!isInner)?.onAssistantMessage(received);
          return;
        case 'stream_event':
          this.#running(!isInner)?.onStreamEvent(received);
          return;
        case 'user':
          if (received.isReplay !== true) this.#turn?.onUserMessage(received);
          return;
        case 'conversation_reset': // `/clear`, and the like
          this.#history.length = 0;
          this.#totals.reset();
          return;
        case 'result':
          this.#ended(received);
      }
    });
  }

  /** A hook was called. */
  hooked(event: unknown): void {
    this.#guard('a hook', () => {
      const hook = fields(event);
      const turn = this.#turn;
      switch (hook.hook_event_name) {
        case 'PreToolUse':
          this.#running(hook.agent_id === undefined)?.toolCalled(hook);
          return;
        case 'PostToolUse':
        case 'PostToolUseFailure':
          turn?.toolEnded(hook);
          return;
        case 'SubagentStart':
          turn?.agents.subAgentStarted(hook);
          return;
        case 'SubagentStop':
          turn?.agents.subAgentStopped(hook);
      }
    });
  }

  /** The running tool use for which a handler in this process is called. */
  toolFor(isIt: (tool: ToolUse) => boolean): ToolUse | undefined {
    return this.#turn?.agents.toolFor(isIt);
  }

  /** The span of the running turn's main agent. */
  get agentSpan(): Turn['span'] | undefined {
    return this.#turn?.span;
  }

  interrupted(): void {
    if (this.#turn !== undefined) this.#turn.isInterrupted = true;
  }

  /** Ends the conversation: the query is over, or its reader has left it early. */
  over(metadata: Fields = {}): void {
    this.#close((turn) => turn.breakOff(metadata));
  }

  failed(error: unknown): void {
    this.#close((turn) => turn.failed(error));
  }

  #close(end: (turn: Turn) => void): void {
    this.#guard('the end of a turn', () => {
      const turn = this.#turn;
      this.#turn = undefined;
      if (turn !== undefined) end(turn);
    });
  }

  #start(content: unknown): Turn | undefined {
    if (content !== undefined) this.#history.push({ role: 'user', content });
    const outside = ifOpen(this.#outside);
    const sessionId = this.#options.sessionId ?? currentOwner('sessionId', outside) ?? this.#sessionId;
    const options = { ...this.#options, sessionId };
    this.#turn = Turn.start({ options, outside, system: this.#system, history: this.#history });
    return this.#turn;
  }

  /** The running turn. If none is running and `begins` is true, waiting messages of the user start one. */
  #running(begins: boolean): Turn | undefined {
    if (this.#turn === undefined && begins) return this.#start(this.#waiting.shift());
    return this.#turn;
  }

  #began(init: Fields): void {
    this.#sessionId = nonEmptyString(init.session_id);
    this.#totals.session(this.#sessionId);
    this.#running(this.#waiting.length > 0)?.began(init);
  }

  #ended(result: Fields): void {
    const cost = this.#totals.spent(amount(result.total_cost_usd));
    this.#close((turn) => turn.end(result, cost));
  }

  #guard(what: string, record: () => void): void {
    guarded(framework, what, record);
  }
}

/** The part of the system prompt that the program has written. */
function systemOf(prompt: unknown): unknown {
  if (typeof prompt === 'string') return prompt;
  if (Array.isArray(prompt)) return prompt.filter((text) => typeof text === 'string').join('\n');
  return fields(prompt).append;
}
