import { type Fields, fields, nonEmptyString } from '../../calls/read-unknown.js';
import type { Frame } from '../../engine/frame.js';
import { toolFrame } from '../../engine/integration/tool-span.js';
import { AgentEntry } from './agent-entry.js';
import { GenerationEntry } from './generation-entry.js';
import { StepEntry } from './step-entry.js';

/** One call of a tool. Its result is the next message to the model that asked for it. */
export class ToolEntry extends StepEntry {
  override get frame(): Frame {
    return toolFrame(this.own, this.outside);
  }

  protected override started(span: Fields): void {
    const { attributes, metadata } = span;
    // A tool that runs outside of this process has its arguments in the metadata.
    this.record.input(span.input ?? fields(metadata).args);
    this.record.metadata({ tool_call_id: nonEmptyString(fields(attributes).toolCallId) });
    this.parent?.nearest(AgentEntry)?.toolStarted(this.parent, this.own.draft.startedAt);
  }

  override end(span: Fields): void {
    const { attributes, output, errorInfo } = span;
    this.nearest(GenerationEntry)?.toolGave(fields(attributes).toolCallId, output ?? fields(errorInfo).message);
    super.end(errorInfo === undefined && fields(attributes).success === false ? refused(span) : span);
  }
}

/** The error of a tool that got invalid arguments and did not run. It quotes them below the first line. */
function refused(span: Fields): Fields {
  const [message] = `${nonEmptyString(fields(span.output).message) ?? 'the tool gave no result'}`.split('\n');
  return { ...span, errorInfo: { message } };
}
