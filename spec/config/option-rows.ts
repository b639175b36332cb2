import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Options, Settings } from '../../lib/config/options.js';

/** What one option of the manual takes and refuses, as an option and as a variable. */
export interface Row {
  readonly option: keyof Options;
  /** What it settles to, where that has another name. */
  readonly setting?: keyof Settings;
  readonly variable?: string;
  readonly byDefault: unknown;
  /** Options as given → as settled. */
  readonly takes: readonly (readonly [given: unknown, settled: unknown])[];
  /** Variables as read → as settled. */
  readonly reads?: readonly (readonly [read: string, settled: unknown])[];
  readonly refuses: readonly unknown[];
  /** Variables that are ignored. */
  readonly passesOver?: readonly string[];
  /** Variables with which nothing is recorded. */
  readonly stopsFor?: readonly string[];
}

const mebibyte = 1024 * 1024;
/** Each of these was, or may once be, taken for something nobody wrote. */
const wrongEndpoints = [
  'ftp://host',
  '/',
  'localhost',
  'localhost:port',
  'localhost:80000',
  'backend:8000',
  '10.0.0.7:8000',
  '128.0.0.1:8000',
  'localhost.example.com:80',
  'localhost:8000@example.com',
  'api.pandaprobe.com',
  '//host',
  'https//host',
  'https:/host',
  'https:host',
  'http:///host',
  'http:\\\\host',
  'htps://host',
  'http://',
  'http://:8000',
  'http://host:65536',
  'http://host:0',
  'http://host:80:80',
  'http://8000',
  'http://https://host',
  'http://http:8000/x',
  'http://a,b',
  'http://a b',
  'http://{HOST}:8000',
  'http://<host>',
  'https://host?key=1',
  'https://host/#x',
  '"http://host"',
  "'http://host'",
  'http://host"',
  'undefined',
] as const;
const longest = 'é'.repeat(255);
const mask = (value: unknown) => value;
const estimateCost = () => 0.1;
const onError = () => {};
const truths = ['true', 'TRUE', '1', 'yes', 'Yes'].map((read) => [read, true] as const);
const untruths = ['false', '0', 'no', 'off', 'False'].map((read) => [read, false] as const);
const numberFaults = ['ten', '-1', 'NaN', '1,5', '1e400'];

/** Every option of the manual but `sinks`, with its variable and its default. */
export const rows: readonly Row[] = [
  {
    option: 'apiKey',
    variable: 'PANDAPROBE_API_KEY',
    byDefault: undefined,
    takes: [
      ['sk_pp_1', 'sk_pp_1'],
      [' sk_pp_1\n', 'sk_pp_1'],
    ],
    reads: [['sk_pp_2\n', 'sk_pp_2']],
    refuses: ['', 'sk pp', 'sk\u0000', 'schlüssel', 'sk_pp_…', '"sk_pp_1"', 12, {}],
    stopsFor: ['sk pp', 'sk_pp_1\r\nX-Other: 1', '"sk_pp_1"', "'sk_pp_1'", "sk_pp_1'", 'sk_pp_…', 'Bearer sk_pp_1'],
  },
  {
    option: 'projectName',
    variable: 'PANDAPROBE_PROJECT_NAME',
    byDefault: undefined,
    takes: [['My agent 2', 'My agent 2']],
    reads: [[' support ', 'support']],
    refuses: ['', '-a', 7],
    stopsFor: ['-a', 'a/b', 'support!', '"support"', 'a\nb'],
  },
  {
    option: 'endpoint',
    variable: 'PANDAPROBE_ENDPOINT',
    byDefault: 'https://api.pandaprobe.com',
    takes: [
      ['http://localhost:8000', 'http://localhost:8000'],
      ['http://localhost:8000/', 'http://localhost:8000'],
      ['https://host/probe//', 'https://host/probe'],
      ['localhost:8000', 'http://localhost:8000'],
      [' HTTPS://Host:8443/probe ', 'HTTPS://Host:8443/probe'],
      ['https://user:pass@host', 'https://user:pass@host'],
      ['https://bücher.example', 'https://bücher.example'],
    ],
    reads: [
      ['http://127.0.0.1:7263/', 'http://127.0.0.1:7263'],
      ['127.0.0.1:7263', 'http://127.0.0.1:7263'],
      ['127.255.0.9:80/probe/', 'http://127.255.0.9:80/probe'],
      ['[::1]:7263', 'http://[::1]:7263'],
      ['LocalHost:7263/', 'http://LocalHost:7263'],
      ['http://backend_1:8000', 'http://backend_1:8000'],
    ],
    refuses: ['', 'ftp://host', 'api.pandaprobe.com', 'http://host/?a=1', 8000],
    stopsFor: [...wrongEndpoints],
  },
  ...(['environment', 'release'] as const).map((option) => ({
    option,
    variable: `PANDAPROBE_${option.toUpperCase()}`,
    byDefault: undefined,
    takes: [
      ['production', 'production'],
      [longest, longest],
    ] as const,
    reads: [['staging', 'staging']] as const,
    refuses: ['', `${longest}é`, 1],
    passesOver: [`${longest}é`],
  })),
  {
    option: 'enabled',
    variable: 'PANDAPROBE_ENABLED',
    byDefault: true,
    takes: [
      [true, true],
      [false, false],
    ],
    reads: [...truths, ...untruths],
    refuses: ['true', 1, {}],
    stopsFor: ['on', 'enabled', 'ture', '2', '"true"'],
  },
  {
    option: 'batchSize',
    variable: 'PANDAPROBE_BATCH_SIZE',
    byDefault: 10,
    takes: [
      [1, 1],
      [1e6, 1e6],
    ],
    reads: [['250', 250]],
    refuses: [0, -1, 1.5, '10', Number.NaN, Number.POSITIVE_INFINITY, 1_000_001],
    passesOver: ['0', '1.5', ...numberFaults],
  },
  {
    option: 'flushIntervalMs',
    byDefault: 5000,
    takes: [
      [0, 0],
      [250, 250],
      [86_400_000, 86_400_000],
    ],
    refuses: [-1, 0.5, '5000', Number.NaN, 86_400_001],
  },
  {
    option: 'flushInterval',
    setting: 'flushIntervalMs',
    variable: 'PANDAPROBE_FLUSH_INTERVAL',
    byDefault: 5000,
    takes: [
      [2, 2000],
      [0.25, 250],
      [86_400, 86_400_000],
    ],
    reads: [
      ['1.5', 1500],
      ['0', 0],
    ],
    refuses: [-1, '5', Number.NaN, 86_400.5],
    passesOver: ['5s', '86401', ...numberFaults],
  },
  {
    option: 'maxQueueSize',
    variable: 'PANDAPROBE_MAX_QUEUE_SIZE',
    byDefault: 10_000,
    takes: [
      [1, 1],
      [1e9, 1e9],
    ],
    reads: [['1000', 1000]],
    refuses: [0, 2.5, '1000', 1_000_000_001],
    passesOver: ['0', ...numberFaults],
  },
  {
    option: 'maxQueueBytes',
    variable: 'PANDAPROBE_MAX_QUEUE_BYTES',
    byDefault: 24 * mebibyte,
    takes: [
      [1024, 1024],
      [2 ** 40, 2 ** 40],
    ],
    reads: [['1048576', mebibyte]],
    refuses: [1023, '1024', 2 ** 40 + 1],
    passesOver: ['1023', '64MB', ...numberFaults],
  },
  {
    option: 'spoolDir',
    variable: 'PANDAPROBE_SPOOL_DIR',
    byDefault: undefined,
    takes: [
      [join(tmpdir(), 'not', 'made', 'yet'), join(tmpdir(), 'not', 'made', 'yet')],
      ['spool', 'spool'],
    ],
    reads: [['./spool', './spool']],
    refuses: ['', ' ', 'a\0b', '~/spool', fileURLToPath(import.meta.url), true, 7],
    stopsFor: [
      'a\0b',
      '~/spool',
      '$HOME/spool',
      '/tmp/$USER/spool',
      '"/tmp/spool"',
      'file:///tmp/spool',
      fileURLToPath(import.meta.url),
      join(fileURLToPath(import.meta.url), 'below'),
      `/tmp/${'x'.repeat(300)}`,
    ],
  },
  {
    option: 'maxSpoolBytes',
    variable: 'PANDAPROBE_MAX_SPOOL_BYTES',
    byDefault: 512 * mebibyte,
    takes: [
      [mebibyte, mebibyte],
      [2 ** 40, 2 ** 40],
    ],
    reads: [['2097152', 2 * mebibyte]],
    refuses: [mebibyte - 1, '1048576', 2 ** 40 + 1],
    passesOver: ['1048575', '1GB', ...numberFaults],
  },
  {
    option: 'worker',
    variable: 'PANDAPROBE_WORKER',
    byDefault: 'auto',
    takes: [
      ['auto', 'auto'],
      ['thread', 'thread'],
      ['inline', 'inline'],
    ],
    reads: [['Inline', 'inline']],
    refuses: ['', 'process', 'Thread', true],
    passesOver: ['process'],
  },
  {
    option: 'live',
    variable: 'PANDAPROBE_LIVE',
    byDefault: 'auto',
    takes: [
      ['auto', 'auto'],
      [true, true],
      [false, false],
    ],
    reads: [
      ['Auto', 'auto'],
      ['1', true],
      ['off', false],
    ],
    refuses: ['', 'true', 'on', 1],
    passesOver: ['sometimes'],
  },
  {
    option: 'sampleRate',
    variable: 'PANDAPROBE_SAMPLE_RATE',
    byDefault: 1,
    takes: [
      [0, 0],
      [0.25, 0.25],
      [1, 1],
    ],
    reads: [['0.1', 0.1]],
    refuses: [-0.1, 1.1, Number.NaN, '0.5'],
    stopsFor: ['1.1', '10%', ...numberFaults],
  },
  ...(['alwaysKeepErrors', 'joinOtel'] as const).map((option) => ({
    option,
    byDefault: false,
    takes: [
      [true, true],
      [false, false],
    ] as const,
    refuses: ['true', 1],
  })),
  { option: 'mask', byDefault: undefined, takes: [[mask, mask]], refuses: ['secret', /secret/, {}] },
  { option: 'estimateCost', byDefault: undefined, takes: [[estimateCost, estimateCost]], refuses: [0.1, 'gpt', {}] },
  ...(['captureInput', 'captureOutput'] as const).map((option) => ({
    option,
    byDefault: true,
    takes: [
      [true, true],
      [false, false],
    ] as const,
    refuses: ['false', 0],
  })),
  {
    option: 'maxValueBytes',
    variable: 'PANDAPROBE_MAX_VALUE_BYTES',
    byDefault: mebibyte,
    takes: [
      [256, 256],
      [2 ** 30, 2 ** 30],
    ],
    reads: [['4096', 4096]],
    refuses: [255, 256.5, '4096', 2 ** 30 + 1],
    passesOver: ['255', '1MB', ...numberFaults],
  },
  {
    option: 'console',
    variable: 'PANDAPROBE_CONSOLE',
    byDefault: false,
    takes: [
      [true, true],
      [false, false],
    ],
    reads: [...truths, ...untruths],
    refuses: ['true', 1],
  },
  {
    option: 'exitTimeoutMs',
    variable: 'PANDAPROBE_EXIT_TIMEOUT',
    byDefault: 5000,
    takes: [
      [0, 0],
      [750, 750],
    ],
    reads: [
      ['0.5', 500],
      ['30', 30_000],
    ],
    refuses: [-1, 0.5, '5', 600_001],
    passesOver: ['601', '5s', ...numberFaults],
  },
  { option: 'requestTimeoutMs', byDefault: 10_000, takes: [[1, 1]], refuses: [0, 1.5, '10', 600_001] },
  { option: 'onError', byDefault: undefined, takes: [[onError, onError]], refuses: ['log', {}] },
  {
    option: 'debug',
    variable: 'PANDAPROBE_DEBUG',
    byDefault: false,
    takes: [
      [true, true],
      [false, false],
    ],
    reads: [...truths, ...untruths],
    refuses: ['true', 1],
  },
];
