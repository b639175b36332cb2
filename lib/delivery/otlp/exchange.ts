import { bytesOf } from '../wire/job-codec.js';
import type { OtlpSettings } from '../wire/otlp-settings.js';
import type { Exchange } from '../wire/protocol.js';
import { Requests } from './requests.js';
import { sendExport } from './send-export.js';
import { Unfinished } from './unfinished.js';

/**
 * Most bytes of the bodies in one request. It is the default limit of gRPC receivers, because many a Collector passes requests on
 * to one.
 */
const maxBytesTogether = 4 * 1_048_576;

/** OTLP over HTTP, in the worker: a request carries the spans of many items. Source: OpenTelemetry specification, OTLP/HTTP. */
export function createOtlpExchange(settings: OtlpSettings): Exchange {
  const receiver = { unfinished: new Unfinished(), requests: new Requests(settings) };
  return {
    routeOf: () => 'traces',
    headersFor: () => settings.headers,
    countTogether(waiting) {
      let bytes = 0;
      const end = waiting.findIndex((job) => {
        bytes += bytesOf(job);
        return bytes > maxBytesTogether;
      });
      return end < 0 ? waiting.length : Math.max(1, end);
    },
    send: (jobs, context) => sendExport(jobs, context, settings, receiver),
  };
}
