// Options and variables that have no effect where there is no Node. Prints the outcome of each.
import { Client, HttpSink, withTrace } from 'pandaprobe-ts';
import { OtlpSink } from 'pandaprobe-ts/otlp';

const given = { apiKey: 'sk_pp_key', projectName: 'page' };
const spool = { spoolDir: '/var/spool/agent', maxSpoolBytes: 2_000_000 };
const variables = {
  PANDAPROBE_API_KEY: 'sk_pp_key',
  PANDAPROBE_PROJECT_NAME: 'page',
  PANDAPROBE_SPOOL_DIR: 'spool',
  PANDAPROBE_WORKER: 'thread',
  PANDAPROBE_LIVE: 'true',
  PANDAPROBE_EXIT_TIMEOUT: '1',
  HTTPS_PROXY: 'http://proxy.invalid:3128',
};
const outcomes = [
  () => new Client({ ...given, ...spool }),
  () => new Client({ ...given, worker: 'thread', live: true, exitTimeoutMs: 100, console: true, debug: true }),
  () => new Client({}, variables),
  () => new HttpSink({ ...given, ...spool }),
  () => new HttpSink({}, variables),
  () => new OtlpSink(spool, variables),
  () => withTrace('answer', () => 'said'),
].map((make) => {
  try {
    const made = make();
    return typeof made === 'object' ? 'made' : made;
  } catch (error) {
    return String(error);
  }
});
console.log(JSON.stringify(outcomes));
