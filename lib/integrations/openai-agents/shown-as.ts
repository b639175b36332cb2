import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import type { SpanKind } from '../../model/kinds.js';

/** How one span of the framework is recorded. */
interface Shown {
  readonly name: string;
  readonly kind: SpanKind;
  /** Whether it is a model call of the framework, in which wrapped clients record nothing. */
  readonly isModelCall: boolean;
}

/**
 * How a span is recorded; undefined for one that is merged: its children go to the span above it. The framework makes a `task`
 * for each run and a `turn` for each round. They contain nothing that agents and model calls do not have, so they are merged.
 */
export function shownAs(data: Fields, isRoot: boolean, showInternals: boolean): Shown | undefined {
  const name = nonEmptyString(data.name);
  const step = (kind: SpanKind, otherwise: string): Shown => ({ name: name ?? otherwise, kind, isModelCall: false });
  const isShown = isRoot || showInternals;
  switch (data.type) {
    case 'task':
      return isShown ? step('CHAIN', 'Agent workflow') : undefined;
    case 'turn':
      return isShown ? { ...step('CHAIN', ''), name: `turn ${data.turn}` } : undefined;
    case 'mcp_tools':
      return isShown ? step('OTHER', 'mcp_tools') : undefined;
    case 'agent':
      return step('AGENT', 'agent');
    case 'function':
      return step('TOOL', 'function');
    case 'generation':
    case 'response':
    case 'transcription':
    case 'speech':
      return { name: nonEmptyString(data.model) ?? `${data.type}`, kind: 'LLM', isModelCall: true };
    default:
      return step('OTHER', nonEmptyString(data.type) ?? 'span');
  }
}

/** A span's fields besides input and output. */
export function detailsOf(data: Fields): Fields {
  switch (data.type) {
    case 'agent':
      return { tools: someOf(data.tools), handoffs: someOf(data.handoffs), output_type: data.output_type };
    case 'handoff':
      return { from: data.from_agent, to: data.to_agent };
    case 'guardrail':
      return { triggered: data.triggered };
    case 'mcp_tools':
      return { server: data.server, tools: data.result };
    case 'custom':
      return { data: data.data };
    case 'turn':
    case 'task':
      return { usage: fields(data.usage).input_tokens === undefined ? undefined : data.usage };
    default:
      return {};
  }
}

function someOf(names: unknown): readonly unknown[] | undefined {
  return list(names).length === 0 ? undefined : list(names);
}
