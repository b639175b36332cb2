// Compiled, not run: the module of the framework is what the adapter takes.
import * as adk from '@google/adk';
import { type FrameworkOptions, GoogleADKAdapter } from '../../lib/integrations/google-adk.js';

const options: FrameworkOptions = { sessionId: 's', captureInput: false, showInternals: true };
const adapter = new GoogleADKAdapter(options);

export const isRecorded: boolean = adapter.instrument(adk) && adapter.uninstrument(adk);
// @ts-expect-error a class is no module
adapter.instrument(adk.Runner);
// @ts-expect-error there is no such option
new GoogleADKAdapter({ streamUsage: true });
