/** What a folder of a room may import from the others of that room. */
export interface Folder {
  /** Imports go to a lower floor only. */
  readonly floor: number;
  readonly uses: readonly string[];
}

/** What one folder directly under lib/ may import. Inside its own room every file may import every other, unless it has `folders`. */
export interface Room {
  /** Imports go to a lower floor only. */
  readonly floor: number;
  /** Rooms it may import anything from. */
  readonly uses: readonly string[];
  /** Rooms it may import types from, and nothing that exists at run time. */
  readonly usesTypesOf?: readonly string[];
  /** Packages it may load. Node's own modules are open to every room. */
  readonly packages: readonly string[];
  /** Whether it may import types from any package: a provider's or a framework's, which only its users have. */
  readonly describesForeignPackages?: boolean;
  /** All folders of the room. Files directly in it stand above them: they may import every one, and no folder may import them. */
  readonly folders?: Readonly<Record<string, Folder>>;
  /** Most files directly in the room. */
  readonly maxFiles?: number;
}

/** Delivery, from the ground up. The files directly in it put the folders together. */
const deliveryFolders: Readonly<Record<string, Folder>> = {
  queue: { floor: 0, uses: [] },
  http: { floor: 0, uses: [] },
  text: { floor: 0, uses: [] },
  wire: { floor: 1, uses: ['queue', 'http', 'text'] },
  pace: { floor: 1, uses: ['queue'] },
  report: { floor: 2, uses: ['queue', 'wire'] },
  pandaprobe: { floor: 2, uses: ['queue', 'http', 'text', 'wire'] },
  worker: { floor: 2, uses: ['http', 'wire'] },
  send: { floor: 2, uses: ['queue', 'http', 'text', 'wire'] },
  spool: { floor: 3, uses: ['queue', 'report'] },
  otlp: { floor: 3, uses: ['http', 'text', 'wire', 'pandaprobe'] },
  schedule: { floor: 4, uses: ['queue', 'wire', 'pace', 'report', 'worker', 'spool'] },
};

/** The client, from the ground up. The files above them are the client and what the process shares. */
const clientFolders: Readonly<Record<string, Folder>> = {
  lifecycle: { floor: 0, uses: [] },
  live: { floor: 0, uses: [] },
  loading: { floor: 1, uses: ['lifecycle', 'live'] },
  sinks: { floor: 2, uses: ['loading', 'live'] },
  recording: { floor: 3, uses: ['sinks', 'loading'] },
};

const outermost = {
  floor: 7,
  uses: ['client', 'engine', 'model', 'common'],
  packages: [],
} as const;

/**
 * The rooms of lib/, from the ground up. lib/index.ts stands above them all and only lists names.
 * engine/ and delivery/ share a floor and do not know each other, as do the rooms of every other floor.
 */
export const rooms: Readonly<Record<string, Room>> = {
  common: { floor: 0, uses: [], packages: ['uuid'] },
  model: { floor: 1, uses: ['common'], packages: [] },
  otel: { floor: 2, uses: ['model', 'common'], packages: [] },
  engine: { floor: 3, uses: ['model', 'common'], packages: [] },
  delivery: {
    ...{ floor: 3, uses: ['otel', 'model', 'common'], packages: ['axios'] },
    folders: deliveryFolders,
    maxFiles: 4,
  },
  config: { floor: 4, uses: ['model', 'common'], usesTypesOf: ['engine', 'delivery'], packages: [] },
  client: {
    ...{ floor: 5, uses: ['config', 'engine', 'delivery', 'model', 'common'], packages: [] },
    folders: clientFolders,
    maxFiles: 4,
  },
  calls: { floor: 6, uses: ['client', 'engine', 'model', 'common'], packages: [] },
  instrument: { ...outermost, packages: ['reflect-metadata'] },
  testing: outermost,
  propagation: outermost,
  wrappers: { ...outermost, uses: ['calls', ...outermost.uses], describesForeignPackages: true },
  prices: { floor: 6, uses: ['common'], usesTypesOf: ['config', 'engine'], packages: ['@pydantic/genai-prices'] },
  integrations: { ...outermost, uses: ['calls', ...outermost.uses], describesForeignPackages: true },
  auto: { floor: 8, uses: ['config', 'common'], packages: [] },
  edge: { floor: 6, uses: ['client', 'delivery', 'engine', 'model', 'common'], packages: [] },
  otlp: { floor: 6, uses: ['client', 'config', 'common'], packages: [] },
  opentelemetry: { ...outermost, uses: ['otel', ...outermost.uses] },
  platform: { floor: 5, uses: ['config', 'engine', 'model', 'common'], packages: [] },
  local: {
    ...{ floor: 6, uses: ['platform', 'config', 'otel', 'model', 'common'] },
    packages: ['libsql', '@modelcontextprotocol/server', '@modelcontextprotocol/sdk'],
  },
};

/** Things that have exactly one home: an import of the package, or a use of the name, anywhere else is a fault. */
export const homes = {
  /** One file, so that nothing of it gets out. */
  axios: /^lib\/delivery\/http\/[^/]+\.ts$/,
  asyncLocalStorage: /^lib\/(?:engine\/scope|edge\/scope-storage|edge\/builtins)\.ts$/,
  /** Timers and clocks: a fake of the application's must not reach those of this package. The local server is a program of its own. */
  time: /^lib\/(?:(?:common|edge)\/real-time\.ts$|local\/)/,
  /** The command line of the local server is a program of its own, with one reader of its own. */
  environment: /^lib\/(?:config\/|local\/environment\.ts$|edge\/globals\.ts$)/,
} as const;

/** Names that say nothing about what is inside. */
export const emptyNames = ['util', 'utils', 'helper', 'helpers', 'misc', 'base', 'manager'];

/** Longest file, in lines. */
export const maxLines = 400;
