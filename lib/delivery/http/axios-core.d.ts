// The class alone, without the adapters for browsers and for Node that `axios` itself brings along.
declare module 'axios/unsafe/core/Axios.js' {
  const Axios: typeof import('axios').Axios;
  // biome-ignore lint/style/noDefaultExport: theirs
  export default Axios;
}
