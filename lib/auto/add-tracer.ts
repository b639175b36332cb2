/** The tracer that records the AI SDK 5 and 6. Each call must get it as an option. */
export interface AddsTracer {
  pandaProbeTracer(): unknown;
}

type Callee = (...args: unknown[]) => unknown;

/** The global in which OpenTelemetry keeps the program's registered tracer. Source: `@opentelemetry/api` 1.x, global-utils. */
const registered = Symbol.for('opentelemetry.js.api.1');

/**
 * Adds a tracer to each call of a function of the AI SDK. Calls are left alone if they already have a tracer, are not to be
 * recorded, or report to the program's own tracer.
 */
export function addTracer<T extends Callee>(value: T, makeTracer: () => unknown): T {
  let tracer: unknown;
  return new Proxy(value, {
    apply(target, self, args: unknown[]) {
      let given = args;
      try {
        const options = args[0];
        if (isRecord(options) && isOurs(options.experimental_telemetry)) {
          tracer ??= makeTracer();
          const telemetry = { ...options.experimental_telemetry, isEnabled: true, tracer };
          given = [{ ...options, experimental_telemetry: telemetry }, ...args.slice(1)];
        }
      } catch {
        given = args;
      }
      return Reflect.apply(target, self, given);
    },
  });
}

function isOurs(telemetry: unknown): telemetry is Record<string, unknown> | undefined {
  if (telemetry === undefined || telemetry === null) return true;
  if (!isRecord(telemetry) || telemetry.isEnabled === false || telemetry.tracer !== undefined) return false;
  const shared = (globalThis as { [registered]?: { trace?: unknown } })[registered];
  return telemetry.isEnabled === undefined || shared?.trace === undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
