import { createTransport } from './http/transport.js';
import { createOtlpExchange } from './otlp/exchange.js';
import { pandaProbeExchange } from './pandaprobe/exchange.js';
import { Sender } from './send/sender.js';
import type { Report, SenderSettings, ToSender } from './wire/messages.js';

/**
 * Starts a sender over HTTP; takes its messages. This is where the worker's side is put together, in a thread or inline. The
 * build makes it a file of its own, because axios takes long to load.
 */
export function startSender(settings: SenderSettings, report: (report: Report) => void): (message: ToSender) => void {
  const { otlp } = settings;
  const exchange = otlp === undefined ? pandaProbeExchange : createOtlpExchange(otlp);
  const transport = createTransport(settings, exchange.headersFor(settings));
  const sender = new Sender(settings, exchange, transport, report);
  return sender.receive.bind(sender);
}
