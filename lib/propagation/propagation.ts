export type { RemoteContext } from '../engine/remote-origin.js';
export { type Carrier, extract } from './carrier.js';
export { type InjectOptions, inject, injectEnv } from './inject.js';
export { withRemoteParent } from './remote-parent.js';
export { type AxiosLike, type Fetch, injectingFetch, injectWithAxios, type RequestOptions } from './requests.js';
export { expressMiddleware, fastifyHook, honoMiddleware } from './servers.js';
