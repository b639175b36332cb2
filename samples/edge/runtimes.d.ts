// The parts of the runtimes and their packages that the samples use, so that they compile without them.
// spec/packaging/edge-samples.trial.ts runs the samples with the real ones.

declare const Bun: {
  serve(options: { readonly hostname: string; readonly port: number; fetch(request: Request): Promise<Response> }): {
    readonly port: number;
    stop(): Promise<void>;
  };
};

declare const Deno: {
  serve(
    options: { readonly hostname: string; readonly port: number; onListen(): void },
    answer: (request: Request) => Promise<Response>,
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
};

interface DurableObjectState {
  readonly id: unknown;
}

interface DurableObjectNamespace {
  idFromName(name: string): unknown;
  get(id: unknown): { fetch(request: Request): Promise<Response> };
}

declare module 'cloudflare:workers' {
  export abstract class DurableObject<Env> {
    protected readonly env: Env;
    constructor(state: DurableObjectState, env: Env);
    fetch?(request: Request): Promise<Response>;
  }
}

declare module 'agents' {
  export class Agent<Env, State> {
    readonly name: string;
    readonly env: Env;
    readonly state: State;
    initialState: State;
    onStart(): void;
    onRequest(request: Request): Promise<Response>;
    setState(state: State): void;
    schedule(seconds: number, method: keyof this): Promise<unknown>;
  }
  export function routeAgentRequest(request: Request, env: object): Promise<Response | null>;
}

declare module 'hono' {
  interface Context<Env extends { readonly Bindings: object }> {
    readonly env: Env['Bindings'];
    readonly req: { param(): { readonly chat: string; readonly question: string } };
    text(text: string): Response;
  }
  export class Hono<Env extends { readonly Bindings: object }> {
    use(middleware: (context: Context<Env>, next: () => Promise<void>) => Promise<void>): void;
    get(path: string, answer: (context: Context<Env>) => Promise<Response>): void;
    readonly fetch: (request: Request, env: Env['Bindings']) => Promise<Response>;
  }
}
