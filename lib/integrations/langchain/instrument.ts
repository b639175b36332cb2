import { Patches, readOptions } from '../../calls/patch.js';
import { fields, list } from '../../calls/read-unknown.js';
import { errorText } from '../../common/error-text.js';
import { UsageError } from '../../common/errors.js';
import { createLog } from '../../common/log.js';
import { guarded } from '../adapter/guarded.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { handlerName, type RunHandler } from './handler.js';

const key = Symbol.for('pandaprobe.instrumented');

/** A log of its own, because frameworks are instrumented while modules load, before there is a client with a log. */
const log = createLog({ debug: false });

/** The static method through which every run of the framework gets its handlers. */
const configure = '_configureSync';

/** @returns true if this call has started the recording */
export function patchManager(
  CallbackManager: unknown,
  options: FrameworkOptions,
  makeHandler: (options: FrameworkOptions) => RunHandler,
): boolean {
  if (typeof CallbackManager !== 'function') {
    throw new UsageError(
      "expected the module '@langchain/core/callbacks/manager', got one without CallbackManager: import * as manager from it",
    );
  }
  const handler = makeHandler(readOptions(options));
  if (Object.hasOwn(CallbackManager, key)) return false;
  const patches = new Patches();
  try {
    const isKnown = patches.method(CallbackManager, configure, (original) => {
      return function _configureSync(this: unknown, ...args: unknown[]) {
        // If it gets a list, the framework makes a manager with the run's tags and metadata.
        const manager: unknown = original.apply(this, args[0] || args[1] ? args : [[], ...args.slice(1)]);
        guarded('LangChain', 'the start of a run', () => addHandler(manager, handler));
        return manager;
      };
    });
    if (isKnown) {
      const restore = () => patches.restore();
      Object.defineProperty(CallbackManager, key, { configurable: true, enumerable: false, value: restore });
      return true;
    }
    warn(`it has no ${configure}()`);
  } catch (error) {
    patches.restore();
    warn(errorText(error));
  }
  return false;
}

/** @returns whether it was patched */
export function unpatchManager(CallbackManager: unknown): boolean {
  if (typeof CallbackManager !== 'function') return false;
  const restore: unknown = Object.getOwnPropertyDescriptor(CallbackManager, key)?.value;
  if (typeof restore !== 'function') return false;
  Reflect.deleteProperty(CallbackManager, key);
  restore();
  return true;
}

/**
 * Adds our handler to a run's handlers, unless the run already has one of this package: the user's own, or that of the run around
 * it.
 */
function addHandler(manager: unknown, handler: RunHandler): void {
  const { handlers, addHandler: add } = fields(manager);
  if (list(handlers).some((each) => fields(each).name === handlerName)) return;
  if (typeof add === 'function') Reflect.apply(add, manager, [handler, true]);
}

function warn(why: string): void {
  log.warn(
    'a callback manager that cannot be changed',
    `expected the CallbackManager of a known version of @langchain/core, got one that cannot be changed (${why}): its runs are not recorded (docs/integrations.md of this package lists the versions)`,
  );
}
