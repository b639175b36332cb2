import { DeliverySink, type HttpSinkOptions } from '../client/sinks/http-sink.js';
import { createLog } from '../common/log.js';
import { ownOnly } from '../common/own.js';
import { environmentOf } from '../config/environment.js';
import { type OtlpOptions, readOtlp } from '../config/otlp.js';
import { readSettings } from '../config/settings.js';

import { protocolFor } from './protocol.js';

export type { OtlpOptions } from '../config/otlp.js';

/** Options of the OTLP sink. */
export type OtlpSinkOptions = OtlpOptions & Omit<HttpSinkOptions, 'apiKey' | 'projectName' | 'endpoint' | 'live'>;

/**
 * Sends traces as OpenTelemetry spans, in the GenAI conventions, to any receiver of OTLP over HTTP: a Collector, Jaeger, Tempo,
 * Langfuse, Phoenix. It sends from a background thread, with many traces in one request, and with the same guarantees as the HTTP
 * sink. OTLP has no scores: they go to the other sinks of the client, and are dropped if there is none.
 *
 * @example
 * ```ts
 * import { HttpSink, init } from 'pandaprobe-ts';
 * import { OtlpSink } from 'pandaprobe-ts/otlp';
 *
 * init({ sinks: [new HttpSink(), new OtlpSink({ endpoint: 'http://localhost:4318/v1/traces' })] });
 * ```
 */
export class OtlpSink extends DeliverySink {
  override readonly name = 'otlp';

  /**
   * @param options - default to the `OTEL_…` variables; those of queue, spool and worker to the `PANDAPROBE_…` variables
   * @param env - the variables to read instead of `process.env`, such as the `env` of a Cloudflare Worker
   * @throws SettingsError `ERR_SETTINGS` when an option is wrong
   */
  constructor(options: OtlpSinkOptions = {}, env?: object) {
    const environment = environmentOf(env);
    const { endpoint, headers, protocol, compression, serviceName, captureContent, ...rest } = ownOnly(options);
    const own = { endpoint, headers, protocol, compression, serviceName, captureContent };
    const { otlp, warnings, wrong } = readOtlp(own, environment);
    // Variables of the HTTP sink (endpoint, key, project) do not apply here.
    const { settings } = readSettings({ ...rest, sinks: [] }, environment);
    const log = createLog({ debug: settings.debug });
    for (const warning of warnings) log.warn(warning, warning);
    super(
      {
        ...settings,
        ...{ endpoint: otlp.endpoint, otlp, protocol: protocolFor(otlp), wrong, live: false },
        // Separates the spool folders of different tenants, and keeps the headers out of the log.
        ...{ apiKey: Object.values(otlp.headers).join(' '), projectName: '' },
        requestTimeoutMs: rest.requestTimeoutMs ?? otlp.requestTimeoutMs ?? settings.requestTimeoutMs,
      },
      environment,
      log,
    );
    if (settings.onError !== undefined) this.reportTo(settings.onError);
  }
}
