import { bareKey } from '../common/bare.js';
import { soon } from '../common/real-time.js';
import { type AddsTracer, addTracer } from './add-tracer.js';

/*
 * For each known package, the files and names to which this package attaches itself, and how. To support another package, add a
 * row.
 */

/**
 * Loads a part of this package, such as `wrappers/openai`, when it is first needed.
 *
 * @param isLast - `false` if the caller will try again later, because settings may not be there yet
 * @throws if nothing is configured
 */
export type LoadPart = (part: string, isLast?: boolean) => Readonly<Record<string, unknown>>;

/** How to attach to one package, for some of its versions. */
export interface Attachment {
  /** The name that selects it in `PANDAPROBE_AUTO`. */
  readonly id: string;
  /** The name in its package.json. The folder may have another name. */
  readonly package: string;
  /** As in the table of known packages: `4 to 7`. */
  readonly versions: string;
  /** How the paths of the files end. */
  readonly files: readonly string[];
  /** Names of classes or functions that these files declare; not every file has all of them. */
  readonly names: readonly string[];
  /** Whether these are export names, while the declarations have other names inside the file. */
  readonly areExported?: boolean;
  /** Returns the replacement for one of them. It runs in the program, once for each, and may load parts later. */
  replace(value: object, load: LoadPart, name: string): object;
}

type Class = abstract new (...args: unknown[]) => object;
type Callee = (...args: unknown[]) => unknown;
/** The type of our wrappers, which change the object that they get. */
type WrapFunction = (object: unknown) => unknown;

/** Wraps each new object of a class with a function of a part. Statics, name, subclasses and `instanceof` still work. */
function whenCreated(part: string, wrap: string): Attachment['replace'] {
  return whenCreatedBy((load) => load(part)[wrap] as WrapFunction);
}

/** The constructors that run now, the innermost last, each with the class of the new object. */
const running: { readonly constructor: object; readonly created: object }[] = [];

/** Wraps each new object of a class with the function that `wrapper` loads. */
function whenCreatedBy(wrapper: (load: LoadPart) => WrapFunction): Attachment['replace'] {
  return (value, load) => {
    const replaced: object = new Proxy(value as Class, {
      construct(target, args, newTarget) {
        const created = newTarget === replaced ? target : newTarget;
        const outer = running.at(-1);
        // A subclass with a replacement of its own may still exchange parts of the object, and wraps it when it is complete.
        const isSuper = outer?.created === created && outer.constructor !== target;
        running.push({ constructor: target, created });
        let instance: object;
        try {
          instance = Reflect.construct(target, args, created);
        } finally {
          running.pop();
        }
        if (!isSuper) attempt(() => wrapper(load)(instance));
        return instance;
      },
    });
    redirectSelfReferences(value, replaced);
    return replaced;
  };
}

/** Makes properties that refer to the class itself refer to its replacement. */
function redirectSelfReferences(value: object, replaced: object): void {
  const { prototype } = value as { prototype?: object };
  for (const owner of [value, prototype ?? {}]) {
    for (const [name, { value: own, writable }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (own === value && writable === true) Reflect.set(owner, name, replaced);
    }
  }
}

/** Wraps a function when it is first called. */
function whenCalled(wrap: (load: LoadPart, value: object, name: string) => unknown): Attachment['replace'] {
  return (value, load, name) => {
    let wrapped: Callee | undefined;
    return new Proxy(value as Callee, {
      apply(target, self, args) {
        if (wrapped === undefined) attempt(() => (wrapped = wrap(load, target, name) as Callee));
        return Reflect.apply(wrapped ?? target, self, args);
      },
      get: (target, key, self) => (key === bareKey ? target : Reflect.get(target, key, self)),
    });
  };
}

/** Runs something before a method of a class is called for the first time, on any object. */
function beforeFirstCall(method: string, run: (load: LoadPart) => void): Attachment['replace'] {
  return (value, load) => {
    const { prototype } = value as { prototype: Record<string, unknown> };
    const original = prototype[method];
    if (typeof original !== 'function') return value;
    let isDone = false;
    const first = new Proxy(original as Callee, {
      apply(target, self, args) {
        if (!isDone) isDone = attempt(() => run(load));
        return Reflect.apply(target, self, args);
      },
    });
    Object.defineProperty(prototype, method, { ...Object.getOwnPropertyDescriptor(prototype, method), value: first });
    return value;
  };
}

/** Runs something when the file is loaded; if settings are missing, again in a moment. The exports stay unchanged. */
function whenLoaded(run: (load: LoadPart, value: object) => void): Attachment['replace'] {
  return (value, load) => {
    const isDone = attempt(() => run((part) => load(part, false), value));
    if (!isDone) soon(() => attempt(() => run(load, value)));
    return value;
  };
}

/** Runs something without throwing into the program. The part has logged its error, or could not be loaded. */
function attempt(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}

/** The part of a Mastra object that takes exporters. */
interface Exports {
  registerExporter(exporter: object): void;
}

const mcp = 'integrations/mcp';
const ai = 'integrations/vercel-ai';

export const attachments: readonly Attachment[] = [
  {
    ...{ id: 'openai', package: 'openai', versions: '4 to 7' },
    files: ['/client.js', '/client.mjs', '/index.js', '/index.mjs', '/bedrock.js', '/bedrock.mjs'],
    names: ['OpenAI', 'AzureOpenAI', 'BedrockOpenAI'],
    replace: whenCreated('wrappers/openai', 'wrapOpenAI'),
  },
  {
    ...{ id: 'anthropic', package: '@anthropic-ai/sdk', versions: '0.20 to 1' },
    files: ['/client.js', '/client.mjs', '/index.js', '/index.mjs'],
    names: ['Anthropic'],
    replace: whenCreated('wrappers/anthropic', 'wrapAnthropic'),
  },
  {
    ...{ id: 'gemini', package: '@google/genai', versions: '0.2 to 3' },
    files: ['/index.mjs', '/index.cjs', '/index.js'],
    names: ['GoogleGenAI'],
    replace: whenCreated('wrappers/gemini', 'wrapGemini'),
  },
  {
    ...{ id: 'mistral', package: '@mistralai/mistralai', versions: '1 and 2' },
    files: ['/sdk/sdk.js'],
    names: ['Mistral'],
    replace: whenCreated('wrappers/mistral', 'wrapMistral'),
  },
  {
    ...{ id: 'bedrock', package: '@aws-sdk/client-bedrock-runtime', versions: '3' },
    files: ['/dist-cjs/index.js', '/BedrockRuntimeClient.js', '/BedrockRuntime.js'],
    names: ['BedrockRuntimeClient', 'BedrockRuntime'],
    replace: whenCreated('wrappers/bedrock', 'wrapBedrock'),
  },
  {
    ...{ id: 'ai', package: 'ai', versions: '7' },
    files: ['/dist/index.js'],
    names: ['generateText'],
    replace: whenLoaded((load) => (load(ai).instrumentAISDK as () => void)()),
  },
  {
    ...{ id: 'ai', package: 'ai', versions: '5 and 6' },
    files: ['/dist/index.js', '/dist/index.mjs'],
    names: ['generateText', 'streamText', 'generateObject', 'streamObject', 'embed', 'embedMany', 'rerank'],
    replace: (value, load) => addTracer(value as Callee, () => (load(ai) as unknown as AddsTracer).pandaProbeTracer()),
  },
  {
    ...{ id: 'langchain', package: '@langchain/core', versions: '0.3 and 1.x' },
    files: ['/dist/callbacks/manager.js', '/dist/callbacks/manager.cjs'],
    names: ['CallbackManager'],
    replace: whenLoaded((load, CallbackManager) =>
      (load('integrations/langchain').instrumentLangChain as WrapFunction)({ CallbackManager }),
    ),
  },
  {
    ...{ id: 'openai-agents', package: '@openai/agents-core', versions: '0.20' },
    files: ['/tracing/provider.js', '/tracing/provider.mjs'],
    names: ['TraceProvider'],
    // Not earlier, because the framework resets its processors while it loads.
    replace: beforeFirstCall('createTrace', (load) => {
      const { OpenAIAgentsAdapter } = load('integrations/openai-agents') as {
        OpenAIAgentsAdapter: new () => { instrument(): Promise<boolean> };
      };
      void new OpenAIAgentsAdapter().instrument();
    }),
  },
  {
    ...{ id: 'claude-agent-sdk', package: '@anthropic-ai/claude-agent-sdk', versions: '0.3' },
    files: ['/sdk.mjs'],
    names: ['query', 'startup', 'prewarm'],
    areExported: true,
    replace: whenCalled((load, value, name) => {
      const { wrapClaudeAgentSDK } = load('integrations/claude-agent-sdk') as {
        wrapClaudeAgentSDK(sdk: object): Readonly<Record<string, unknown>>;
      };
      return wrapClaudeAgentSDK({ query: value, [name]: value })[name];
    }),
  },
  {
    ...{ id: 'mastra', package: '@mastra/observability', versions: '1.17' },
    files: ['/dist/index.js', '/dist/index.cjs'],
    names: ['DefaultObservabilityInstance'],
    replace: whenCreatedBy((load) => {
      const { PandaProbeExporter } = load('integrations/mastra') as { PandaProbeExporter: new () => object };
      return (instance) => (instance as Exports).registerExporter(new PandaProbeExporter());
    }),
  },
  {
    ...{ id: 'mcp', package: '@modelcontextprotocol/sdk', versions: '1.x' },
    files: ['/client/index.js'],
    names: ['Client'],
    replace: whenCreated(mcp, 'wrapMCPClient'),
  },
  {
    ...{ id: 'mcp', package: '@modelcontextprotocol/sdk', versions: '1.x' },
    files: ['/server/index.js'],
    names: ['Server'],
    replace: whenCreated(mcp, 'wrapMCPServer'),
  },
  {
    ...{ id: 'mcp', package: '@modelcontextprotocol/client', versions: '2.x' },
    files: ['.mjs', '.cjs'],
    names: ['Client'],
    replace: whenCreated(mcp, 'wrapMCPClient'),
  },
  {
    ...{ id: 'mcp', package: '@modelcontextprotocol/server', versions: '2.x' },
    files: ['.mjs', '.cjs'],
    names: ['Server'],
    replace: whenCreated(mcp, 'wrapMCPServer'),
  },
];
