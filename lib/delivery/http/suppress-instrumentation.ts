/**
 * Requests on the application's thread pass through its instrumentations, which would record them as the application's own and
 * add trace headers. OpenTelemetry and Sentry can be switched off for a request, as their own exporters do. If neither is
 * loaded, this costs two property look-ups.
 */

/** Source: `@opentelemetry/api` 1.x, internal/global-utils, and `@opentelemetry/core`, trace/suppress-tracing. */
const otelApi = Symbol.for('opentelemetry.js.api.1');
const otelSuppression = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
/** Source: `@sentry/core` 8 to 11, carrier and tracing/constants. */
const sentrySuppression = '__SENTRY_SUPPRESS_TRACING__';

interface OtelContext {
  setValue(key: symbol, value: unknown): OtelContext;
}

interface OtelContextManager {
  active(): OtelContext;
  with<R>(context: OtelContext, fn: () => R): R;
}

interface SentryScopes {
  suppressTracing?<R>(fn: () => R): R;
  withScope?<R>(fn: (scope: { setSDKProcessingMetadata(metadata: object): unknown }) => R): R;
}

interface Others {
  readonly [otelApi]?: { readonly context?: OtelContextManager };
  readonly __SENTRY__?: { readonly version?: string } & Readonly<Record<string, { readonly acs?: SentryScopes }>>;
}

/** Runs `fn`; OpenTelemetry and Sentry, if the application has them, do not record the requests it makes. */
export function suppressInstrumentation<R>(fn: () => R): R {
  return guarded(inQuietOtel, () => guarded(inQuietSentry, fn));
}

function inQuietOtel<R>(fn: () => R): R {
  const manager = (globalThis as Others)[otelApi]?.context;
  return manager === undefined ? fn() : manager.with(manager.active().setValue(otelSuppression, true), fn);
}

function inQuietSentry<R>(fn: () => R): R {
  const carrier = (globalThis as Others).__SENTRY__;
  const scopes = carrier?.version === undefined ? undefined : carrier[carrier.version]?.acs;
  if (scopes?.suppressTracing !== undefined) return scopes.suppressTracing(fn);
  if (scopes?.withScope === undefined) return fn();
  return scopes.withScope((scope) => {
    scope.setSDKProcessingMetadata({ [sentrySuppression]: true });
    return fn();
  });
}

/** Runs `fn` through `quiet`. Should another release of OpenTelemetry or Sentry fail there, `fn` still runs, once. */
function guarded<R>(quiet: (fn: () => R) => R, fn: () => R): R {
  let run: { readonly result: R } | undefined;
  let fault: { readonly error: unknown } | undefined;
  const once = () => {
    try {
      run = { result: fn() };
    } catch (error) {
      fault = { error };
    }
  };
  try {
    quiet(once as () => R); // its return value is not used
  } catch {
    // A fault of `quiet`, not of `fn`.
  }
  if (run === undefined && fault === undefined) once();
  if (fault !== undefined) throw fault.error;
  return (run as unknown as { readonly result: R }).result; // once() has set `run` or `fault`
}
