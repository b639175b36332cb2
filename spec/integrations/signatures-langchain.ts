// Compiled, not run: the handlers fit the frameworks' own types, and their own copies of the core.

import type { Callbacks } from '@langchain/core/callbacks/manager';
import * as manager from '@langchain/core/callbacks/manager';
import type { ChatOpenAI } from '@langchain/openai';
import type { Callbacks as OlderCallbacks } from 'langchain-core-0/callbacks/manager';
import * as olderManager from 'langchain-core-0/callbacks/manager';
import { DeepAgentsCallbackHandler } from '../../lib/integrations/deepagents.js';
import {
  type FrameworkOptions,
  instrumentLangChain,
  LangChainCallbackHandler,
  uninstrumentLangChain,
} from '../../lib/integrations/langchain.js';
import { LangGraphCallbackHandler } from '../../lib/integrations/langgraph.js';

const options: FrameworkOptions = { sessionId: 's', captureInput: false, showInternals: true };

export const callbacks: Callbacks = [
  new LangChainCallbackHandler(),
  new LangGraphCallbackHandler(options),
  new DeepAgentsCallbackHandler(),
];
export const older: OlderCallbacks = [new LangChainCallbackHandler(options)];
export const asked = (model: ChatOpenAI) => model.invoke('Hi', { callbacks: [new LangChainCallbackHandler()] });
export const did: boolean = instrumentLangChain(manager, options) && uninstrumentLangChain(manager);
export const olderDid: boolean = instrumentLangChain(olderManager);
// @ts-expect-error a handler is no module
instrumentLangChain(new LangChainCallbackHandler());
// @ts-expect-error there is no such option
new LangChainCallbackHandler({ streamUsage: true });
