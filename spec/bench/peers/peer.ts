/** One step of an agent: what is wrapped, recorded and measured. */
export type Step = (input: unknown) => Promise<string>;

/** A span that a way of recording has opened, handed to what nests in it. */
export type Opened = unknown;

/** Opens a span around `body`: below `parent`, or as the root of a trace. */
export type Way = (name: string, parent: Opened, body: (opened: Opened) => Promise<string>) => Promise<string>;

/** What makes the calls that are measured: a provider's client, or a framework that has one of its own. */
export type Provider = 'openai' | 'anthropic' | 'ai-sdk' | 'langchain';

/** The providers' clients that are wrapped, in the versions that are installed beside a peer. */
export const providerPackages: readonly string[] = ['openai@6.49.0', '@anthropic-ai/sdk@1.12.0'];

/** The same for the Vercel AI SDK. */
export const sdkPackages: readonly string[] = ['ai@7.0.173', '@ai-sdk/openai@4.0.118'];

/** The same for LangChain. */
export const langChainPackages: readonly string[] = ['@langchain/core@1.4.0', '@langchain/openai@1.5.8'];

/** How a peer is started. */
export interface PeerSettings {
  readonly sinkUrl: string;
  /** The peer's own switch for recording nothing. */
  readonly isOff: boolean;
  /** Lifts the bound of the peer's queue, where it has one: 120,000 spans come within seconds. */
  readonly isQueueLifted: boolean;
  /** Sends OTLP in this form; else what the peer sends by itself. */
  readonly otlp?: OtlpForm | undefined;
}

/** A form of OTLP over HTTP. */
export interface OtlpForm {
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly compression: 'gzip' | 'none';
}

/** One package under measurement, used as its documentation says. */
export interface Peer {
  /** What the table calls it. */
  readonly title: string;
  /** What is installed to measure it: package specifiers with a version. Empty for what needs none. */
  readonly packages: readonly string[];
  /** What an application imports to use it. */
  readonly entries: readonly string[];
  start(settings: PeerSettings): Promise<void>;
  /** `step`, recorded at every call with its input, its output, a model and token counts. */
  record(name: string, step: Step): Step;
  /** Settles when everything recorded has been sent. */
  flush(): Promise<unknown>;
  /** Every way of opening nested spans; empty where nothing is sent. */
  readonly ways: Readonly<Record<string, Way>>;
  /** A trace of one span, with so many entries added to its metadata one by one. */
  readonly annotate?: (entries: number) => Promise<string>;
  /** Its wrappers of providers' clients, by the provider; of one that is not here it has none. */
  readonly clients?: Readonly<Partial<Record<Provider, (client: object) => Promise<object>>>>;
  /** Wrappers whose cost is measured while the peer is off; none where there is nothing to switch off. */
  readonly wrappers: Readonly<Record<string, (name: string, step: Step) => Step>>;
}

/** What every recorded step is said to have used. */
export const model = 'gpt-5.4-mini';
export const tokens = { prompt: 412, completion: 128 } as const;

/** A package of the peer's folder. Its types are not installed here, so the caller names the part it uses. */
export async function load<T>(specifier: string): Promise<T> {
  return (await import(specifier)) as T; // see above
}
