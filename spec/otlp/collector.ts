import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Context } from 'mocha';

const run = promisify(execFile);
const version = '0.165.0';
const home = join(tmpdir(), 'pandaprobe-ts-trials', `collector-${version}`);

const built = `
dist: { name: otelcol, output_path: ./out, version: ${version} }
receivers: [{ gomod: go.opentelemetry.io/collector/receiver/otlpreceiver v${version} }]
processors: [{ gomod: go.opentelemetry.io/collector/processor/batchprocessor v${version} }]
exporters: [{ gomod: go.opentelemetry.io/collector/exporter/otlphttpexporter v${version} }]
`;

/** The path of a Collector, built once and kept; skips the suite, with a line that says so, where there is no Go. */
export async function builtCollector(context: Context): Promise<string> {
  const path = join(home, 'otelcol');
  if (existsSync(path)) return path;
  try {
    await run('go', ['version']);
  } catch {
    console.log('      left out: there is no Go to build a Collector with');
    return context.skip();
  }
  console.log('      building a Collector, which takes some minutes the first time');
  await mkdir(home, { recursive: true });
  const work = await mkdtemp(join(home, 'building-'));
  try {
    const env = { ...process.env, GOBIN: work };
    await run('go', ['install', `go.opentelemetry.io/collector/cmd/builder@v${version}`], { cwd: work, env });
    await writeFile(join(work, 'build.yaml'), built);
    const flags = ['--skip-strict-versioning', '--ldflags', '-s -w', '--config', 'build.yaml'];
    await run(join(work, 'builder'), flags, { cwd: work, env, maxBuffer: 1 << 26 });
    await rename(join(work, 'out/otelcol'), path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return path;
}

/** A Collector that passes on what it gets, and answers when that was taken. */
export interface Collector extends AsyncDisposable {
  kill(signal: NodeJS.Signals): Promise<void>;
}

export async function startCollector(path: string, port: number, to: string): Promise<Collector> {
  const folder = await mkdtemp(join(tmpdir(), 'collector-'));
  const config = `
receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:${port}' } } } }
exporters: { otlp_http: { traces_endpoint: '${to}', sending_queue: { enabled: false }, retry_on_failure: { enabled: false } } }
service:
  telemetry: { metrics: { level: none }, logs: { level: error } }
  pipelines: { traces: { receivers: [otlp], exporters: [otlp_http] } }
`;
  await writeFile(join(folder, 'c.yaml'), config);
  const child = spawn(path, ['--config', `file:${join(folder, 'c.yaml')}`], { stdio: 'ignore' });
  while (child.exitCode === null && !(await isOpen(port))) await setTimeout(50);
  return {
    kill: (signal) => killed(child, signal),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await killed(child, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function killed(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ends = signal === 'SIGKILL' ? once(child, 'exit') : undefined;
  child.kill(signal);
  await ends;
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
