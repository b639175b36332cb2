import { lastAssistantMessage, lastUserMessage } from '../../model/messages.js';
import type { StepRecord } from '../adapter/step-record.js';
import { plain } from './plain.js';

/** What goes into a chain; a trace of its own shows the last thing that the user says. */
export function recordInput(record: StepRecord, value: unknown): void {
  const copy = plain(value);
  record.input(copy, lastUserMessage(copy) ?? copy);
}

/** What comes out of a chain; a trace of its own shows the last thing that the model says. */
export function recordOutput(record: StepRecord, value: unknown): void {
  const copy = plain(value);
  record.output(copy, lastAssistantMessage(copy) ?? copy);
}
