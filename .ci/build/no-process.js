/* What stands for Node in a page or in a workflow of Temporal: enough to load, and to run what is traced. */
// biome-ignore lint/correctness/noUnusedVariables: the build puts this in front of code that uses it.
const process = /* @__PURE__ */ (() => {
  class AsyncLocalStorage {
    getStore() {}
    run(_, fn, ...args) {
      return fn(...args);
    }
    exit(fn, ...args) {
      return fn(...args);
    }
    enterWith() {}
  }
  const timer = (start, stop) => ({
    start(...args) {
      const id = start(...args);
      const self = { ref: () => self, unref: () => self, stop: () => stop(id) };
      return self;
    },
  });
  const once = timer(
    (...args) => globalThis.setTimeout(...args),
    (id) => globalThis.clearTimeout(id),
  );
  const often = timer(
    (...args) => globalThis.setInterval(...args),
    (id) => globalThis.clearInterval(id),
  );
  const stop = (timer) => timer?.stop();
  const modules = {
    'node:async_hooks': { AsyncLocalStorage },
    'node:perf_hooks': { performance: { now: () => (globalThis.performance ?? Date).now() } },
    'node:timers': {
      setTimeout: once.start,
      clearTimeout: stop,
      setInterval: often.start,
      clearInterval: stop,
      setImmediate: (run) => once.start(run, 0),
    },
    'node:util': { types: new Proxy({}, { get: () => () => false }) },
    'node:vm': { runInNewContext: () => Date.now },
  };
  return {
    env: {},
    stderr: { write() {} },
    on() {},
    once() {},
    off() {},
    nextTick: (run) => void Promise.resolve().then(run),
    getBuiltinModule: (name) => modules[name] ?? {},
  };
})();
