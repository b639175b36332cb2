import type { Log } from '../../common/log.js';
import { maxSockets } from '../http/limits.js';
import { networkFacts } from '../http/network-facts.js';
import { proxyFor } from '../http/proxy.js';
import { tlsFacts } from '../http/tls-facts.js';
import type { OtlpSettings } from '../wire/otlp-settings.js';
import type { LoadSender } from './inline-host.js';
import { Supervisor, type SupervisorEvents } from './supervisor.js';

/** Options of a delivery that are about its worker. */
export interface WorkerOptions {
  /** Where the backend is, e.g. `https://api.pandaprobe.com`. */
  readonly endpoint: string;
  /** Never logged, never part of an error. */
  readonly apiKey: string;
  readonly projectName: string;
  /** Spans are sent over OTLP, and `endpoint` is the whole address. Undefined: PandaProbe's own calls. */
  readonly otlp?: OtlpSettings | undefined;
  /** `auto`: a thread, or inline where one cannot be started or `isServerless`. */
  readonly worker: 'auto' | 'thread' | 'inline';
  /** The platform freezes the process between invocations (such as Lambda), with requests of a thread half done. */
  readonly isServerless?: boolean;
  /** Time for a request, from connecting to the end of the response. */
  readonly requestTimeoutMs: number;
  /** Such as `pandaprobe-ts/1.0.0`. */
  readonly userAgent: string;
  /**
   * The thread's environment: proxy variables (`HTTPS_PROXY`, `NO_PROXY` and their like, both cases) and TLS ones
   * (`NODE_TLS_REJECT_UNAUTHORIZED`, `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`). @defaultValue nothing
   */
  readonly env?: Readonly<Record<string, string>>;
  /** Logs every request with `log.debug`. @defaultValue false */
  readonly debug?: boolean;
  readonly log: Log;
}

/** Makes the supervisor for a delivery. It starts no worker yet. */
export function createSupervisor(
  options: WorkerOptions,
  maxBodyBytes: number,
  loadSender: LoadSender,
  events: SupervisorEvents,
): Supervisor {
  const { endpoint, apiKey, projectName, userAgent, env = {}, log, worker, isServerless = false } = options;
  const { requestTimeoutMs } = options;
  const prefersThread = worker === 'thread' || (worker === 'auto' && !isServerless);
  const sender = { endpoint, apiKey, projectName, userAgent, requestTimeoutMs, maxBodyBytes, otlp: options.otlp };
  const reportsRequests = options.debug === true;
  const proxy = proxyFor(endpoint, env);
  const usesTls = /^https:/i.test(endpoint) || (proxy?.kind === 'http' && proxy.isSecure);
  const settings = {
    ...{ ...sender, sockets: maxSockets, reportsRequests, unrefSockets: false, proxy },
    // Getters, read on the main thread when the worker starts: until then the application may set this up.
    get network() {
      return networkFacts();
    },
    get tls() {
      return usesTls ? tlsFacts() : undefined;
    },
  };
  return new Supervisor({ prefersThread, settings, env, loadSender, log }, events);
}
