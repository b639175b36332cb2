import { createTransport } from './http.js';
import type { Report, SenderSettings, ToSender } from './protocol.js';
import { Sender } from './sender.js';

/** Starts a sender over HTTP; takes its messages. In the build a file of its own, for axios takes long to load. */
export function startSender(settings: SenderSettings, report: (report: Report) => void): (message: ToSender) => void {
  const sender = new Sender(settings, createTransport(settings), report);
  return (message) => sender.receive(message);
}
