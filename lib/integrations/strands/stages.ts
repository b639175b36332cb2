import { CallRecord } from '../../calls/call-record.js';
import { errorFacts } from '../../calls/error-facts.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { suppressesProviderSpans } from '../../client/recording/suppression.js';
import type { Frame } from '../../engine/frame.js';
import { callbackFrame } from '../../engine/frames-of-node.js';
import { modelFrame } from '../../engine/integration/model-frame.js';
import { toolFrame } from '../../engine/integration/tool-span.js';
import { currentOwner } from '../../engine/session.js';
import { lastAssistantMessage, lastUserMessage } from '../../model/messages.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { openStep } from '../adapter/step.js';
import { StepRecord } from '../adapter/step-record.js';
import { askedMessages, replyMessage, resultValue } from './messages.js';
import { modelAdapter } from './model-call.js';

/** How one stage of an agent ends. */
export type StageEnd =
  | { readonly is: 'whole'; readonly value: unknown }
  | { readonly is: 'failed'; readonly error: unknown }
  | { readonly is: 'interrupted'; readonly asked: readonly unknown[] }
  | { readonly is: 'broken off' | 'aborted' };

/** One stage while it runs. */
export interface Stage {
  /** The frame in which it runs. */
  readonly frame: Frame;
  event?(event: unknown): void;
  end(ending: StageEnd): void;
}

/** Opens the step of a stage; undefined if it is not recorded. */
export type OpenStage = (context: unknown, outside: Frame, options: FrameworkOptions) => Stage | undefined;

/** What the framework calls agents that have got no name, or no id. */
const unnamed: ReadonlySet<unknown> = new Set(['Strands Agent', 'agent']);

/** An agent's name. Those of a graph or a swarm often have only an id. */
function nameOf({ name, id }: Fields): string {
  const given = [name, id].filter((each) => !unnamed.has(each)).map(nonEmptyString);
  return given.find((each) => each !== undefined) ?? nonEmptyString(name) ?? 'agent';
}

/** One run of an agent. */
export const agentStage: OpenStage = (context, outside, options) => {
  const { agent, args } = fields(context);
  const { sessionManager, sessionId } = agent as Readonly<Record<string, unknown>>;
  const own = sessionManager === undefined ? undefined : nonEmptyString(sessionId);
  const session = options.sessionId ?? currentOwner('sessionId', outside) ?? own;
  const step = openStep(nameOf(fields(agent)), 'AGENT', { ...options, sessionId: session }, outside);
  if (step === undefined) return undefined;
  const record = new StepRecord(step, options);
  const messages = askedMessages(args);
  if (messages.length > 0) record.input({ messages }, lastUserMessage({ messages }));
  /** The text so far of the last message of the model. */
  let begun = '';
  return {
    frame: callbackFrame(step.span, outside),
    event(event) {
      const { type, delta } = fields(fields(event).event);
      if (type === 'modelMessageStartEvent') begun = '';
      else if (type === 'modelContentBlockDeltaEvent') begun += nonEmptyString(fields(delta).text) ?? '';
    },
    end(ending) {
      const { lastMessage, stopReason, structuredOutput, interrupts } = fields(
        ending.is === 'whole' ? fields(ending.value).result : undefined,
      );
      const isWhole = fields(lastMessage).role === 'assistant' && !(stopReason === 'cancelled' && begun !== '');
      const message = isWhole ? replyMessage(lastMessage) : begun && { role: 'assistant', content: begun };
      const said = message ? { messages: [message] } : undefined;
      record.output(structuredOutput ?? said, structuredOutput ?? (said && lastAssistantMessage(said)));
      record.metadata({ stop_reason: nonEmptyString(stopReason) });
      const isAborted = ending.is === 'aborted' || stopReason === 'cancelled';
      const isInterrupted = stopReason === 'interrupt';
      if (isAborted) endStep(record, { is: 'aborted' });
      else endStep(record, isInterrupted ? { is: 'interrupted', asked: list(interrupts) } : ending);
    },
  };
};

/** One call of a model, after all middleware. */
export const modelStage: OpenStage = (context, outside, options) => {
  if (suppressesProviderSpans(outside)) return undefined;
  const { model } = fields(context);
  const name = nonEmptyString((model as { readonly modelId?: unknown } | undefined)?.modelId) ?? 'model';
  const step = openStep(name, 'LLM', options, outside);
  if (step === undefined) return undefined;
  const record = new CallRecord(step.span, step.trace, modelAdapter(name, model), options);
  record.request(fields(context));
  record.streaming(() => false);
  return {
    frame: modelFrame(step.span, outside),
    event: (event) => record.chunk(event),
    end(ending) {
      if (ending.is === 'whole') {
        record.replied(fields(ending.value).result);
        record.finished();
      } else if (ending.is === 'failed') record.failed(ending.error);
      else record.streamed(ending.is === 'aborted'); // no model call is interrupted
    },
  };
};

/** One use of a tool. */
export const toolStage: OpenStage = (context, outside, options) => {
  const { name, toolUseId, input } = fields(fields(context).toolUse);
  const step = openStep(nonEmptyString(name) ?? 'tool', 'TOOL', options, outside);
  if (step === undefined) return undefined;
  const record = new StepRecord(step, options);
  record.input(input);
  record.metadata({ tool_call_id: toolUseId });
  return {
    frame: toolFrame(step.span, outside),
    end(ending) {
      const { status, content, error } = fields(ending.is === 'whole' ? fields(ending.value).result : undefined);
      const output = resultValue(content);
      if (ending.is === 'whole') record.output(output);
      if (status !== 'error') endStep(record, ending);
      else
        endStep(record, { is: 'failed', error: error ?? new Error(typeof output === 'string' ? output : 'it failed') });
    },
  };
};

function endStep(record: StepRecord, ending: StageEnd): void {
  if (ending.is === 'failed') record.failWith(errorFacts(ending.error));
  else if (ending.is === 'aborted') record.metadata({ aborted: true });
  else if (ending.is === 'broken off') record.metadata({ incomplete: true });
  else if (ending.is === 'interrupted') {
    record.interrupted();
    if (ending.asked.length > 0) record.output({ interrupts: ending.asked });
  }
  record.end();
}
