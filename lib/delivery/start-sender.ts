import { createTransport } from './http/transport.js';
import { Sender } from './send/sender.js';
import type { Report, SenderSettings, ToSender } from './wire/messages.js';

/** Starts a sender over HTTP; takes its messages. In the build a file of its own, for axios takes long to load. */
export function startSender(settings: SenderSettings, report: (report: Report) => void): (message: ToSender) => void {
  const sender = new Sender(settings, createTransport(settings), report);
  return (message) => sender.receive(message);
}
