import type { Options } from '../../../lib/config/options.js';
import {
  type AISDKInstrumentation,
  type FrameworkOptions,
  instrumentAISDK,
  pandaProbeTelemetry,
  pandaProbeTracer,
} from '../../../lib/integrations/vercel-ai.js';
import { type Recorded, record, stopRecording } from '../../support/recorded.js';
import { type FakeModels, type ModelScript, startModels } from './fake-models.js';
import { needFrameworks } from './installed.js';
import { statusTree } from './status-tree.js';

/** The packages of each version of the SDK; the programs are written for the newest. */
const packages = {
  7: () => Promise.all([import('ai'), import('@ai-sdk/openai')]),
  6: () => Promise.all([import('ai-6'), import('ai-sdk-openai-3')]),
  5: () => Promise.all([import('ai-5'), import('ai-sdk-openai-2')]),
} as const;

export type Version = keyof typeof packages;
export const versions: readonly Version[] = [7, 6, 5];

type AI = typeof import('ai');
type OpenAI = ReturnType<typeof import('@ai-sdk/openai').createOpenAI>;

/** One version of the SDK with a provider, in a suite. */
export interface Scene {
  readonly version: Version;
  readonly ai: AI;
  readonly z: typeof import('zod');
  readonly openai: OpenAI;
  readonly models: FakeModels;
  readonly recorded: Recorded;
  record(options: Options): void;
  tree(): string;
  /** What a call is given so that it is recorded, with a name of the user's. */
  traced(functionId?: string, options?: FrameworkOptions, telemetry?: object): object;
  /** A tool `w` that waits for what it is told to wait for. */
  tools(execute?: (input: { city: string }) => Promise<unknown>): import('ai').ToolSet;
  answer(script: ModelScript): void;
}

/** Sets a suite up for a version: call it in `describe`, use what it gives in specs. */
export function sdkScene(version: Version): Scene {
  let ai: AI;
  let openai: OpenAI;
  let z: typeof import('zod');
  let models: FakeModels;
  let recorded: Recorded;
  let instrumentation: AISDKInstrumentation | undefined;

  before(async function () {
    needFrameworks(this);
    (globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false;
    const [sdk, provider] = await packages[version]();
    ai = sdk as unknown as AI;
    z = await import('zod');
    models = await startModels();
    openai = provider.createOpenAI({ apiKey: 'k', baseURL: models.url }) as unknown as OpenAI;
  });
  after(() => models?.[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
    if (version === 7) instrumentation = instrumentAISDK();
  });
  afterEach(async () => {
    instrumentation?.uninstrument();
    await stopRecording();
  });

  return {
    version,
    get ai() {
      return ai;
    },
    get z() {
      return z;
    },
    get openai() {
      return openai;
    },
    get models() {
      return models;
    },
    get recorded() {
      return recorded;
    },
    record(options) {
      recorded = record(options);
    },
    tree: () => statusTree(recorded.traces),
    traced(functionId, options, telemetry) {
      const own = { functionId, ...telemetry };
      if (version !== 7) {
        return { experimental_telemetry: { isEnabled: true, ...own, tracer: pandaProbeTracer(options) } };
      }
      return { telemetry: options === undefined ? own : { ...own, integrations: pandaProbeTelemetry(options) } };
    },
    tools: (execute = async ({ city }) => `${city}: 21 °C`) => ({
      w: ai.tool({ description: 'Weather', inputSchema: z.object({ city: z.string() }), execute }),
    }),
    answer: (script) => models.answer(script),
  };
}

/** Two calls of the tool `w`, at once. */
export const two = [
  { id: 't1', name: 'w', args: { city: 'Rome' } },
  { id: 't2', name: 'w', args: { city: 'Oslo' } },
];

/** The tokens of all spans of what was recorded, as the server counts them. */
export function tokensOf({ spans }: Recorded): { prompt: number; completion: number } {
  const sum = (key: string) => spans.reduce((all, { tokenUsage }) => all + Number(tokenUsage?.[key] ?? 0), 0);
  return { prompt: sum('prompt_tokens'), completion: sum('completion_tokens') };
}

/** Reads a stream of text to its end, or as many pieces as are wanted. */
export async function read(stream: AsyncIterable<string>, max = Number.POSITIVE_INFINITY): Promise<string> {
  let text = '';
  let count = 0;
  for await (const piece of stream) {
    text += piece;
    count += 1;
    if (count >= max) break;
  }
  return text;
}
