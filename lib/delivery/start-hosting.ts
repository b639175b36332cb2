import type { DeliveryOptions } from './delivery-options.js';
import { Hosting, type HostingEvents } from './hosting.js';

/** Most requests at one time. */
const sockets = 4;
const defaultRequestTimeoutMs = 10_000;

/** The hosting that a delivery's options ask for. Nothing is started yet. */
export function createHosting(options: DeliveryOptions, maxBodyBytes: number, events: HostingEvents): Hosting {
  const { endpoint, apiKey, projectName, userAgent, env = {}, log, worker, isServerless = false } = options;
  const { requestTimeoutMs = defaultRequestTimeoutMs } = options;
  const prefersThread = worker === 'thread' || (worker === 'auto' && !isServerless);
  const sender = { endpoint, apiKey, projectName, userAgent, requestTimeoutMs, maxBodyBytes };
  const settings = { ...sender, sockets, unrefSockets: false, usesProxy: hasProxy(env) };
  return new Hosting({ prefersThread, settings, env, log }, events);
}

function hasProxy(env: Readonly<Record<string, string>>): boolean {
  return ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].some((name) => env[name] || env[name.toLowerCase()]);
}
