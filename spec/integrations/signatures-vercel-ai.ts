// Compiled, not run: what is given fits the types of the SDK, in its three versions.
import { openai } from '@ai-sdk/openai';
import { type generateText, registerTelemetry, type Telemetry, ToolLoopAgent, wrapLanguageModel } from 'ai';
import { type generateText as generateText5, wrapLanguageModel as wrapLanguageModel5 } from 'ai-5';
import { type generateText as generateText6, wrapLanguageModel as wrapLanguageModel6 } from 'ai-6';
import { openai as openai5 } from 'ai-sdk-openai-2';
import { openai as openai6 } from 'ai-sdk-openai-3';
import {
  type AISDKTracer,
  type FrameworkOptions,
  instrumentAISDK,
  pandaProbeMiddleware,
  pandaProbeTelemetry,
  pandaProbeTracer,
} from '../../lib/integrations/vercel-ai.js';

const options: FrameworkOptions = { sessionId: 's', captureInput: false, showInternals: true };

export const telemetry: Telemetry = pandaProbeTelemetry(options);
registerTelemetry(pandaProbeTelemetry());
export const agent = new ToolLoopAgent({ model: openai('x'), telemetry: { integrations: [pandaProbeTelemetry()] } });
type Call = Parameters<typeof generateText>[0];
export const one: Pick<Call, 'telemetry'> = { telemetry: { functionId: 'a', integrations: pandaProbeTelemetry() } };

const tracer: AISDKTracer = pandaProbeTracer(options);
type Traced<F extends (call: never) => unknown> = Pick<Parameters<F>[0], 'experimental_telemetry'>;
export const six: Traced<typeof generateText6> = { experimental_telemetry: { isEnabled: true, tracer } };
export const five: Traced<typeof generateText5> = { experimental_telemetry: { isEnabled: true, tracer } };

const middleware = pandaProbeMiddleware(options);
export const models = [
  wrapLanguageModel({ model: openai('x'), middleware }),
  wrapLanguageModel6({ model: openai6('x'), middleware: [middleware] }),
  wrapLanguageModel5({ model: openai5('x'), middleware }),
];

const { isNew, uninstrument } = instrumentAISDK(options);
export const undo: () => void = isNew ? uninstrument : () => {};
// @ts-expect-error there is no such option
instrumentAISDK({ streamUsage: true });
// @ts-expect-error a tracer is no telemetry
registerTelemetry(pandaProbeTracer());
