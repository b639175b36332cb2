// Compiled, not run: what is wrapped keeps its type.
import * as sdk from '@anthropic-ai/claude-agent-sdk';
import {
  ClaudeAgentSDKAdapter,
  type FrameworkOptions,
  unwrap,
  wrapClaudeAgentQuery,
  wrapClaudeAgentSDK,
} from '../../lib/integrations/claude-agent-sdk.js';

const options: FrameworkOptions = { sessionId: 's', captureInput: false, showInternals: true };

export const query: typeof sdk.query = unwrap(wrapClaudeAgentQuery(sdk.query, options));
export const asked: sdk.Query = new ClaudeAgentSDKAdapter(options).wrapQuery(sdk.query)({ prompt: 'Hi' });
export const { startup, tool }: typeof sdk = wrapClaudeAgentSDK(sdk, options);
// @ts-expect-error a module is no query
wrapClaudeAgentQuery(sdk);
// @ts-expect-error there is no such option
wrapClaudeAgentSDK(sdk, { streamUsage: true });
