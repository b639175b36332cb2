import type { Log } from '../../common/log.js';
import { proxyFor } from '../http/proxy.js';
import { tlsFacts } from '../http/tls-facts.js';
import type { LoadSender } from './inline-host.js';
import { Supervisor, type SupervisorEvents } from './supervisor.js';

/** Most requests at one time. */
const sockets = 4;
const defaultRequestTimeoutMs = 10_000;

/** Where the worker runs, and what it is to do. */
export interface WorkerOptions {
  /** Where the backend is, e.g. `https://api.pandaprobe.com`. */
  readonly endpoint: string;
  /** Never logged, never part of an error. */
  readonly apiKey: string;
  readonly projectName: string;
  /** `auto`: a thread, or inline where one cannot be started or `isServerless`. */
  readonly worker: 'auto' | 'thread' | 'inline';
  /** The platform freezes between invocations (Lambda and its like): a thread would freeze with requests half done. */
  readonly isServerless?: boolean;
  /** The whole request, from connecting to the answer. @defaultValue 10000 */
  readonly requestTimeoutMs?: number;
  /** Such as `pandaprobe-ts/1.0.0`. */
  readonly userAgent: string;
  /**
   * The thread's environment: proxy variables (`HTTPS_PROXY`, `NO_PROXY` and their like, both cases) and TLS ones
   * (`NODE_TLS_REJECT_UNAUTHORIZED`, `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`). @defaultValue nothing
   */
  readonly env?: Readonly<Record<string, string>>;
  /** Every request is a line of `log.debug`. @defaultValue false */
  readonly debug?: boolean;
  readonly log: Log;
}

/** The supervisor that a delivery's options ask for. Nothing is started yet. */
export function createSupervisor(
  options: WorkerOptions,
  maxBodyBytes: number,
  loadSender: LoadSender,
  events: SupervisorEvents,
): Supervisor {
  const { endpoint, apiKey, projectName, userAgent, env = {}, log, worker, isServerless = false } = options;
  const { requestTimeoutMs = defaultRequestTimeoutMs } = options;
  const prefersThread = worker === 'thread' || (worker === 'auto' && !isServerless);
  const sender = { endpoint, apiKey, projectName, userAgent, requestTimeoutMs, maxBodyBytes };
  const reportsRequests = options.debug === true;
  const proxy = proxyFor(endpoint, env);
  const usesTls = /^https:/i.test(endpoint) || (proxy?.kind === 'http' && proxy.isSecure);
  const settings = {
    ...{ ...sender, sockets, reportsRequests, unrefSockets: false, proxy },
    // Looked at when a sender starts, on the main thread: the application may set up its certificates until then.
    get tls() {
      return usesTls ? tlsFacts() : undefined;
    },
  };
  return new Supervisor({ prefersThread, settings, env, loadSender, log }, events);
}
