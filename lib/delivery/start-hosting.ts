import type { DeliveryOptions } from './delivery-options.js';
import { Hosting, type HostingEvents } from './hosting.js';
import { proxyFor } from './proxy.js';
import { tlsFacts } from './tls-facts.js';

/** Most requests at one time. */
const sockets = 4;
const defaultRequestTimeoutMs = 10_000;

/** The hosting that a delivery's options ask for. Nothing is started yet. */
export function createHosting(options: DeliveryOptions, maxBodyBytes: number, events: HostingEvents): Hosting {
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
  return new Hosting({ prefersThread, settings, env, log }, events);
}
