import { Module } from 'node:module';
import { join } from 'node:path';

/** The API that Yarn's Plug'n'Play adds to Node. Source: the PnP API, https://yarnpkg.com/advanced/pnpapi. */
interface PnpApi {
  getAllLocators(): readonly (object & { readonly name: string })[];
  getPackageInformation(locator: object): { readonly packageLocation: string } | null;
  /** The real folder of a virtual one: packages with peers have a virtual folder for each set of peers. */
  resolveVirtual?(path: string): string | null;
}

/**
 * The folders of these packages in a project that has no `node_modules` but Yarn's Plug'n'Play; undefined in any other. They may be
 * in archives, which only a process that Yarn has started can read.
 */
export function pnpFoldersOf(folder: string, names: ReadonlySet<string>): readonly string[] | undefined {
  const { findPnpApi } = Module as { findPnpApi?: (path: string) => PnpApi | null };
  const api = findPnpApi?.(join(folder, '/')) ?? undefined;
  return api
    ?.getAllLocators()
    .filter(({ name }) => names.has(name))
    .flatMap((locator) => {
      const path = api.getPackageInformation(locator)?.packageLocation;
      return path === undefined ? [] : [api.resolveVirtual?.(path) ?? path];
    });
}
