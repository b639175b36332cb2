/** The parts of a span from which the code of a model call is made. */
interface Call {
  readonly model: string | null;
  readonly input: unknown;
  readonly model_parameters?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** A model call as code that repeats it, for each client. */
export declare const forms: readonly { readonly name: string; readonly text: (call: Call) => string }[];
