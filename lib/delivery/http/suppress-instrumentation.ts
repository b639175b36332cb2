/**
 * Requests made on the application's own thread pass through its instrumentations. These would report ours as the
 * application's, and put headers of its traces on them. OpenTelemetry and Sentry both have a way to ask for quiet, which
 * their own exporters use; where neither is loaded this costs two look-ups.
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

/** Runs `fn` so that OpenTelemetry and Sentry, where the application has them, leave the requests made in it alone. */
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

/** Another release of theirs may look otherwise: then `fn` runs all the same, once. */
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
    quiet(once as () => R); // what it gives back is not looked at
  } catch {
    // Theirs, not fn's.
  }
  if (run === undefined && fault === undefined) once();
  if (fault !== undefined) throw fault.error;
  return (run as unknown as { readonly result: R }).result; // once() has set one of the two
}
