import { fileURLToPath } from 'node:url';
import type * as SDK from '@anthropic-ai/claude-agent-sdk';
import type { SpanView } from '../../../lib/client/sinks/trace-view.js';
import type { Options } from '../../../lib/config/options.js';
import { type FrameworkOptions, wrapClaudeAgentQuery } from '../../../lib/integrations/claude-agent-sdk.js';
import { type Recorded, record, stopRecording } from '../../support/recorded.js';
import { needFrameworks } from './installed.js';
import { statusTree } from './status-tree.js';

/** What a span holds is read as it comes. */
// biome-ignore lint/suspicious/noExplicitAny: messages are compared, not used
type Loose = SpanView & { readonly input?: any; readonly output?: any };

type Prompt = Parameters<typeof SDK.query>[0]['prompt'];

const program = new URL('./claude-cli.mjs', import.meta.url);

/** Options with which the fake of the agent's program is a process. Without them it runs in this process, which is quicker. */
export const asProcess: SDK.Options = { pathToClaudeCodeExecutable: fileURLToPath(program) };

/** A message of the user. */
export const userSays = (content: string): SDK.SDKUserMessage => ({
  ...{ type: 'user', parent_tool_use_id: null, session_id: '' },
  message: { role: 'user', content },
});

/** Sets up a suite with the SDK and a fake of its program: call it in `describe`, use what it gives in specs. */
export function claudeAgentScene() {
  let sdk: typeof SDK;
  let spawnCli: (options: SDK.SpawnOptions) => SDK.SpawnedProcess;
  let recorded: Recorded;

  before(async function () {
    needFrameworks(this);
    sdk = await import('@anthropic-ai/claude-agent-sdk');
    ({ spawnCli } = await import(program.href));
  });
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const wrapped = (options?: FrameworkOptions) => wrapClaudeAgentQuery(sdk.query, options);
  const settings = (more: SDK.Options = {}): SDK.Options => ({
    ...asProcess,
    ...(more !== asProcess && { spawnClaudeCodeProcess: spawnCli }),
    ...more,
  });
  const spans = () => recorded.spans as readonly Loose[];

  return {
    get sdk() {
      return sdk;
    },
    get recorded() {
      return recorded;
    },
    /** Records from here on with other options. */
    record(options: Options): void {
      recorded = record(options);
    },
    wrapped,
    settings,
    /** Runs a query. @returns the types of its messages */
    async run(prompt: Prompt, more?: SDK.Options, query = wrapped()): Promise<string[]> {
      const types: string[] = [];
      for await (const message of query({ prompt, options: settings(more) })) types.push(message.type);
      return types;
    },
    /** Runs the turns of one query, each after the end of the one before. */
    async runTurns(...turns: readonly string[]): Promise<void> {
      let next = (): void => {};
      const prompt = async function* () {
        for (const content of turns) {
          const ended = new Promise<void>((resolve) => {
            next = resolve;
          });
          yield userSays(content);
          await ended;
        }
      };
      const query = wrapped()({ prompt: prompt(), options: settings() });
      for await (const { type } of query) if (type === 'result') next();
    },
    tree: () => statusTree(recorded.traces),
    spans,
    /** The first span of this name. */
    named: (name: string) => spans().find((span) => span.name === name) as Loose,
  };
}
