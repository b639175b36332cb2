import { net } from '../../common/builtins.js';
import { percentDecoded } from '../../common/url-login.js';

/** The proxy that the environment names for the endpoint. Holds its password: never log it. */
export type EnvProxy =
  | {
      readonly kind: 'http';
      /** Whether the connection to the proxy itself uses TLS. */
      readonly isSecure: boolean;
      readonly host: string;
      readonly port: number;
      /** Value of `Proxy-Authorization`. */
      readonly authorization: string | undefined;
      /** Texts that must not be logged. */
      readonly secrets: readonly string[];
      /** For the log, such as `the proxy 10.0.0.1:3128 (HTTPS_PROXY)`. */
      readonly name: string;
    }
  /** A proxy that cannot be used. Nothing is sent without it. `reason`: what to do, for the log. */
  | { readonly kind: 'unusable'; readonly reason: string };

type ProxyVariables = Readonly<Record<string, string | undefined>>;

const ports: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * The proxy for an endpoint, as curl finds it: `http_proxy` or `https_proxy`, then `all_proxy`, lower case first, unless `no_proxy`
 * names the host; user and password percent-decoded. `HTTP_PROXY` does not count under CGI, where a caller's header sets it.
 *
 * A loopback endpoint is reached directly, unless the proxy is on this machine as well: a proxy elsewhere would connect to
 * itself, and data meant for this machine must not leave it. Source: curl(1), *Environment*; httpoxy.org.
 */
export function proxyFor(endpoint: string, environment: ProxyVariables): EnvProxy | undefined {
  const target = toUrl(endpoint);
  if (target === undefined) return undefined;
  const named = variableFor(target, environment);
  if (named === undefined) return undefined;
  const [variable, value] = named;
  const noProxy = environment.no_proxy || environment.NO_PROXY || '';
  if (isExcepted(target, noProxy)) return undefined;
  const url = toUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`);
  if (url === undefined || url.hostname === '') return unusable(`${variable} is not the address of a proxy`);
  const host = bare(url.hostname);
  if (isLoopback(bare(target.hostname)) && !isLoopback(host)) return undefined;
  const defaultPort = ports[url.protocol];
  if (defaultPort === undefined) {
    const what = `${variable} names a ${url.protocol.slice(0, -1)} proxy (${url.host})`;
    return unusable(`${what}, which is not supported: name an HTTP proxy in HTTPS_PROXY, or this host in NO_PROXY`);
  }
  const port = url.port === '' ? defaultPort : Number(url.port);
  const [user, password] = [percentDecoded(url.username), percentDecoded(url.password)];
  const isKnown = user !== '' || password !== '';
  return {
    kind: 'http',
    isSecure: url.protocol === 'https:',
    host,
    port,
    authorization: isKnown ? `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` : undefined,
    secrets: password === '' ? [] : [password],
    name: `the proxy ${url.hostname}:${port} (${variable})`,
  };
}

function variableFor(target: URL, environment: ProxyVariables): readonly [string, string] | undefined {
  const names =
    target.protocol === 'https:'
      ? ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY']
      : ['http_proxy', ...(environment.REQUEST_METHOD ? [] : ['HTTP_PROXY']), 'all_proxy', 'ALL_PROXY'];
  for (const name of names) {
    const value = environment[name]?.trim();
    if (value) return [name, value];
  }
  return undefined;
}

/** Whether `NO_PROXY` names the host: itself or a domain it is in, an address, a network, each with a port or without. */
function isExcepted(target: URL, noProxy: string): boolean {
  const host = bare(target.hostname).replace(/\.$/, '').toLowerCase();
  const port = target.port === '' ? ports[target.protocol] : Number(target.port);
  return noProxy.split(/[\s,]+/).some((entry) => {
    if (entry === '') return false;
    if (entry === '*') return true;
    const [, name = '', only] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (only !== undefined && Number(only) !== port) return false;
    return isNamed(
      host,
      bare(name)
        .replace(/^\*?\./, '')
        .replace(/\.$/, ''),
    );
  });
}

function isNamed(host: string, name: string): boolean {
  const [address = '', bits] = name.split('/');
  const version = net().isIP(address);
  if (version === 0) return name !== '' && (host === name || host.endsWith(`.${name}`));
  if (net().isIP(host) !== version) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const most = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > most) return false;
  const networks = new (net().BlockList)();
  networks.addSubnet(address, prefix, family);
  return networks.check(host, family);
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/i.test(host) || /\.localhost$/i.test(host);
}

/** Without the brackets of an IPv6 address. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function toUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function unusable(reason: string): EnvProxy {
  return { kind: 'unusable', reason };
}
