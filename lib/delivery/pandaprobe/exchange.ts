import type { Exchange } from '../wire/protocol.js';
import { itemRules } from './encoder.js';
import { sendJob } from './send-job.js';

/** PandaProbe's calls, in the worker: a request carries one body of one item. Source: backend-contract.md, *Calls*. */
export const pandaProbeExchange: Exchange = {
  routeOf: itemRules.routeOf,
  headersFor: ({ apiKey, projectName }) => ({
    'X-API-Key': apiKey,
    'X-Project-Name': projectName,
    Accept: 'application/json',
  }),
  countTogether: () => 1,
  send: (jobs, context) => Promise.all(jobs.map((job) => sendJob(job, context))),
};
