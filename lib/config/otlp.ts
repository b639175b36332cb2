import { SettingsError } from '../common/errors.js';
import { VERSION } from '../common/version.js';
import type { OtlpSettings } from '../delivery/wire/otlp-settings.js';
import type { Environment } from './environment.js';
import { address } from './places.js';
import { boolean, oneOf, type Rule } from './rules.js';

/** Where and how spans are sent over OTLP. Each option takes precedence over its variables. */
export interface OtlpOptions {
  /**
   * The complete URL for traces, such as `https://otlp.example.com/v1/traces`. Variables: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`
   * unchanged, else `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/traces` appended.
   * @defaultValue 'http://localhost:4318/v1/traces'
   */
  readonly endpoint?: string | undefined;
  /**
   * Headers of every request, such as a key; never logged. Variables: `OTEL_EXPORTER_OTLP_HEADERS` and
   * `OTEL_EXPORTER_OTLP_TRACES_HEADERS`, which takes precedence (`name=value,name=value`, percent-encoded). The option is merged
   * over both.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * The format of requests. Variables: `OTEL_EXPORTER_OTLP_TRACES_PROTOCOL`, `OTEL_EXPORTER_OTLP_PROTOCOL`.
   * @defaultValue 'http/protobuf'
   */
  readonly protocol?: 'http/protobuf' | 'http/json' | undefined;
  /**
   * Compression of requests. Variables: `OTEL_EXPORTER_OTLP_TRACES_COMPRESSION`, `OTEL_EXPORTER_OTLP_COMPRESSION`.
   * @defaultValue 'gzip'
   */
  readonly compression?: 'gzip' | 'none' | undefined;
  /**
   * The resource attribute `service.name`. Variables: `OTEL_SERVICE_NAME`, `service.name` in `OTEL_RESOURCE_ATTRIBUTES`.
   * @defaultValue 'unknown_service:node'
   */
  readonly serviceName?: string | undefined;
  /** Whether inputs and outputs are sent. @defaultValue true */
  readonly captureContent?: boolean | undefined;
}

/** OTLP options, variables and defaults combined. Contains keys: never log it. */
interface ResolvedOtlp extends OtlpSettings {
  readonly endpoint: string;
  readonly requestTimeoutMs: number | undefined;
}

/** The result of `readOtlp`, with the warnings to log once about wrong variables. */
interface ReadOtlp {
  readonly otlp: ResolvedOtlp;
  readonly warnings: readonly string[];
  /**
   * What is wrong with variables that must not be replaced by a default; then nothing may be sent. Undefined if they are valid.
   */
  readonly wrong: string | undefined;
}

/**
 * Joins options, variables and defaults. Source: OpenTelemetry specification, *OpenTelemetry Protocol Exporter*.
 * @throws SettingsError when an option is wrong
 */
export function readOtlp(options: OtlpOptions, environment: Environment): ReadOtlp {
  const warnings: string[] = [];
  const wrong: string[] = [];
  const variable = (name: string) => (environment[name] ?? '').trim();

  function setting<T>(option: keyof OtlpOptions, rule: Rule<T>, names: readonly string[], fallback: T): T {
    const given = options[option];
    if (given !== undefined) {
      const result = rule.check(given);
      if (result.ok) return result.value;
      throw new SettingsError(option, `${option}: expected ${rule.expected}, got something else`);
    }
    const name = names.find((each) => variable(each) !== '');
    if (name === undefined) return fallback;
    const result = rule.parse(variable(name));
    if (result.ok) return result.value;
    if (option === 'endpoint') wrong.push(`${name}: expected ${rule.expected}, got something else`);
    else warnings.push(`${name}: expected ${rule.expected}, got something else; it is ignored`);
    return fallback;
  }

  const traces = 'OTEL_EXPORTER_OTLP_TRACES_';
  const all = 'OTEL_EXPORTER_OTLP_';
  const url = setting('endpoint', address, [`${traces}ENDPOINT`, `${all}ENDPOINT`], 'http://localhost:4318');
  const isForTraces = options.endpoint !== undefined || variable(`${traces}ENDPOINT`) !== '';
  const protocol = setting(
    'protocol',
    oneOf('http/protobuf', 'http/json'),
    [`${traces}PROTOCOL`, `${all}PROTOCOL`],
    'http/protobuf',
  );
  const timeout = variable(`${traces}TIMEOUT`) || variable(`${all}TIMEOUT`);
  const otlp: ResolvedOtlp = {
    endpoint: isForTraces ? url : `${url.replace(/\/+$/, '')}/v1/traces`,
    requestTimeoutMs: /^[1-9]\d{0,5}$/.test(timeout) ? Number(timeout) : undefined,
    encoding: protocol === 'http/json' ? 'json' : 'protobuf',
    compression: setting('compression', oneOf('gzip', 'none'), [`${traces}COMPRESSION`, `${all}COMPRESSION`], 'gzip'),
    headers: {
      ...headersOf(pairs(variable(`${all}HEADERS`)), warnings),
      ...headersOf(pairs(variable(`${traces}HEADERS`)), warnings),
      ...checkedHeaders(options.headers),
    },
    resource: resourceOf(options.serviceName, variable),
    captureContent: setting('captureContent', boolean, [], true),
  };
  return { otlp, warnings, wrong: wrong.length === 0 ? undefined : wrong.join('; ') };
}

function resourceOf(serviceName: unknown, variable: (name: string) => string): Readonly<Record<string, string>> {
  if (serviceName !== undefined && (typeof serviceName !== 'string' || serviceName === ''))
    throw new SettingsError('serviceName', 'serviceName: expected a text, got something else');
  const given = pairs(variable('OTEL_RESOURCE_ATTRIBUTES'));
  const name = serviceName ?? (variable('OTEL_SERVICE_NAME') || given['service.name'] || 'unknown_service:node');
  return {
    'telemetry.sdk.name': 'pandaprobe-ts',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': VERSION,
    ...given,
    'service.name': name,
  };
}

/** `name=value,name=value`, where values are percent-encoded. Source: W3C Baggage, without its properties. */
function pairs(text: string): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=');
    if (at > 0) found[pair.slice(0, at).trim()] = decoded(pair.slice(at + 1).trim());
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not percent-encoded
  }
}

/** Source: RFC 9110, 5.1 and 5.5. */
const headerName = /^[!#$%&'*+.^_`|~\w-]+$/;
const headerValue = /^[\t\x20-\x7e]*$/;

function headersOf(given: Readonly<Record<string, string>>, warnings: string[]): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(given)) {
    if (headerName.test(name) && headerValue.test(value)) found[name.toLowerCase()] = value;
    else warnings.push('OTEL_EXPORTER_OTLP_HEADERS: expected name=value,name=value; other parts are ignored');
  }
  return found;
}

function checkedHeaders(given: unknown): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  if (given === undefined) return found;
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  for (const [name, value] of isObject ? Object.entries(given) : [['', '']]) {
    if (typeof value !== 'string' || !headerName.test(name ?? '') || !headerValue.test(value))
      throw new SettingsError('headers', 'headers: expected an object of header names and texts, got something else');
    found[(name ?? '').toLowerCase()] = value;
  }
  return found;
}
