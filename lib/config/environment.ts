import { SettingsError } from '../common/errors.js';

/** The variables this package reads. An empty one counts as not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The only reader of `process.env`. A variable without permission to read it counts as not set: Deno has a permission for each
 * variable.
 */
export function readEnvironment(): Environment {
  return variablesOf(() => process.env);
}

/**
 * The variables that settings are read from: those of `given`, such as the bindings of a Cloudflare Worker (own properties that are
 * strings); if it is undefined, those of the process.
 *
 * @throws SettingsError `ERR_SETTINGS` when it is no object
 */
export function environmentOf(given: object | undefined): Environment {
  if (given === undefined) return readEnvironment();
  if (typeof given === 'object' && given !== null) return variablesOf(() => given);
  throw new SettingsError('env', `env: expected an object of variables, got ${given === null ? 'null' : typeof given}`);
}

function variablesOf(holder: () => object): Environment {
  return new Proxy<Environment>({}, { get: (_, name) => ownVariable(holder, name) });
}

function ownVariable(holder: () => object, name: string | symbol): string | undefined {
  try {
    const own: unknown = Object.getOwnPropertyDescriptor(holder(), name)?.value;
    return typeof own === 'string' ? own : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the platform stops or freezes the process between requests. Source: the documentation of AWS Lambda, Vercel, Netlify,
 * Azure Functions and Google Cloud Functions.
 */
export function isServerless(environment: Environment): boolean {
  const names = ['AWS_LAMBDA_FUNCTION_NAME', 'VERCEL', 'NETLIFY', 'FUNCTIONS_WORKER_RUNTIME', 'FUNCTION_TARGET'];
  return names.some((name) => (environment[name] ?? '') !== '');
}

/** Variables about proxies and certificates. Those about proxies are read in upper and lower case. */
const transportNames = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'],
  ...['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'],
  'REQUEST_METHOD', // set under CGI, where HTTP_PROXY comes from a header of the request
  ...['NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
];

/** The variables for proxies and certificates. They may contain a proxy's password, so they are not part of the settings. */
export function transportEnvironment(environment: Environment): Readonly<Record<string, string>> {
  const found: Record<string, string> = Object.create(null);
  for (const name of transportNames) {
    const value = environment[name];
    if (value !== undefined && value !== '') found[name] = value;
  }
  return found;
}
