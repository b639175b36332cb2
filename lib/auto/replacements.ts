import { bareKey } from '../common/bare.js';
import { soon } from '../common/real-time.js';

/*
 * Replacements of classes and functions of other packages. Each behaves as the original. It loads parts of this package when the
 * program first uses it, and keeps their errors away from the program.
 */

/**
 * Loads a part of this package, such as `wrappers/openai`, when it is first needed.
 *
 * @param isLast - `false` if the caller will try again later, because settings may not be there yet
 * @throws if nothing is configured
 */
export type LoadPart = (part: string, isLast?: boolean) => Readonly<Record<string, unknown>>;

/** Makes the replacement of one class or function. Called once for each, when its file loads; `load` may be called later. */
export type Replace = (value: object, load: LoadPart, name: string) => object;

type Class = abstract new (...args: unknown[]) => object;
export type Callee = (...args: unknown[]) => unknown;
/** The type of our wrappers, which change the object that they get. */
export type WrapFunction = (object: unknown) => unknown;

/** Wraps each new object of a class with a function of a part. Statics, name, subclasses and `instanceof` still work. */
export function whenCreated(part: string, wrap: string): Replace {
  return whenCreatedBy((load) => load(part)[wrap] as WrapFunction);
}

/** The constructors that run now, the innermost last, each with the class of the new object. */
const running: { readonly constructor: object; readonly created: object }[] = [];

/** Wraps each new object of a class with the function that `wrapper` loads. */
export function whenCreatedBy(wrapper: (load: LoadPart) => WrapFunction): Replace {
  return (value, load) => {
    const replaced: object = new Proxy(value as Class, {
      construct(target, args, newTarget) {
        const created = newTarget === replaced ? target : newTarget;
        const outer = running.at(-1);
        // A subclass with a replacement of its own may still exchange parts of the object, and wraps it when it is complete.
        const isSuper = outer?.created === created && outer.constructor !== target;
        running.push({ constructor: target, created });
        let instance: object;
        try {
          instance = Reflect.construct(target, args, created);
        } finally {
          running.pop();
        }
        if (!isSuper) attempt(() => wrapper(load)(instance));
        return instance;
      },
    });
    redirectSelfReferences(value, replaced);
    return replaced;
  };
}

/** Makes properties that refer to the class itself refer to its replacement. */
function redirectSelfReferences(value: object, replaced: object): void {
  const { prototype } = value as { prototype?: object };
  for (const owner of [value, prototype ?? {}]) {
    for (const [name, { value: own, writable }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (own === value && writable === true) Reflect.set(owner, name, replaced);
    }
  }
}

/** Wraps a function when it is first called. */
export function whenCalled(wrap: (load: LoadPart, value: object, name: string) => unknown): Replace {
  return (value, load, name) => {
    let wrapped: Callee | undefined;
    return new Proxy(value as Callee, {
      apply(target, self, args) {
        if (wrapped === undefined) attempt(() => (wrapped = wrap(load, target, name) as Callee));
        return Reflect.apply(wrapped ?? target, self, args);
      },
      get: (target, key, self) => (key === bareKey ? target : Reflect.get(target, key, self)),
    });
  };
}

/** Runs something before a method of a class is called for the first time, on any object. */
export function beforeFirstCall(method: string, run: (load: LoadPart) => void): Replace {
  return (value, load) => {
    const { prototype } = value as { prototype: Record<string, unknown> };
    const original = prototype[method];
    if (typeof original !== 'function') return value;
    let isDone = false;
    const first = new Proxy(original as Callee, {
      apply(target, self, args) {
        if (!isDone) isDone = attempt(() => run(load));
        return Reflect.apply(target, self, args);
      },
    });
    Object.defineProperty(prototype, method, { ...Object.getOwnPropertyDescriptor(prototype, method), value: first });
    return value;
  };
}

/** Runs something when the file is loaded; if settings are missing, again in a moment. The exports stay unchanged. */
export function whenLoaded(run: (load: LoadPart, value: object) => void): Replace {
  return (value, load) => {
    const isDone = attempt(() => run((part) => load(part, false), value));
    if (!isDone) soon(() => attempt(() => run(load, value)));
    return value;
  };
}

/** Runs something without throwing into the program. The part has logged its error, or could not be loaded. */
function attempt(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}
