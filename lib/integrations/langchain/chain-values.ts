import { lastAssistantMessage, lastUserMessage } from '../../model/messages.js';
import type { StepRecord } from '../adapter/step-record.js';
import { plain } from './plain.js';

/** Records a chain's input. The chain's own trace gets only the last user message. */
export function recordInput(record: StepRecord, value: unknown): void {
  if (!record.recordsInput) return;
  const copy = plain(value);
  record.input(copy, lastUserMessage(copy) ?? copy);
}

/** Records a chain's output. The chain's own trace gets only the model's last message. */
export function recordOutput(record: StepRecord, value: unknown): void {
  if (!record.recordsOutput) return;
  const copy = plain(value);
  record.output(copy, lastAssistantMessage(copy) ?? copy);
}
