import { recordBody, type TracingApi } from './ours.js';
import { load, type Peer } from './peer.js';

let api: TracingApi;
const record = recordBody(() => api);

export const vendor: Peer = {
  title: 'pandaprobe 0.4.2 (vendor)',
  packages: ['pandaprobe@0.4.2'],
  entries: ['pandaprobe'],
  async start({ sinkUrl, isOff, isQueueLifted }) {
    api = await load<TracingApi>('pandaprobe');
    const queue = isQueueLifted ? { maxQueueSize: 1_000_000 } : {};
    api.init({ apiKey: 'sk_pp_bench', projectName: 'bench', endpoint: sinkUrl, enabled: !isOff, ...queue });
  },
  record,
  flush: () => api.flush(60), // seconds
  ways: {
    body: (name, _parent, body) =>
      api.getCurrentTrace() ? api.withSpan(name, {}, body) : api.withTrace(name, {}, body),
  },
  wrappers: { withTrace: record },
};
