import { type CalledToolOptions, type Checked, checks, type Recorded } from './checks.js';

export type { CalledToolOptions, Recorded } from './checks.js';
export { type RecordedRun, type RecordRunOptions, recordRun } from './record-run.js';
export { treeSnapshot } from './tree-snapshot.js';

/** The matchers for `expect` of Jest and Vitest. To add their types to those of your runner, see docs/testing-agents.md. */
export interface AgentMatchers<R = void> {
  /** The traces form this tree, as {@link treeSnapshot} writes it. Common indentation is ignored. */
  toHaveTree(tree: string): R;
  /** A TOOL span has this name. */
  toHaveCalledTool(name: string, options?: CalledToolOptions): R;
  /** Its spans cost less than this many US dollars in total. Throws if neither a model call nor a span above it has a cost. */
  toCostLessThan(dollars: number): R;
  /** Its prompt and completion tokens add up to at most this number. Throws if a model call has no token usage. */
  toUseTokensAtMost(tokens: number): R;
  /** No trace and no span has the status ERROR. */
  toHaveNoErrors(): R;
}

/** The matchers as properties of chai's `expect(run).to`. */
export interface AgentAssertions {
  /** The run's spans form this tree. */
  haveTree(tree: string): this;
  /** The run called the tool. */
  haveCalledTool(name: string, options?: CalledToolOptions): this;
  /** The run cost less than this many US dollars. */
  costLessThan(dollars: number): this;
  /** The run used at most this many tokens. */
  useTokensAtMost(tokens: number): this;
  /** No span of the run has the status ERROR. */
  haveNoErrors(): this;
}

/** The result of a matcher, for Jest and Vitest. */
export interface MatcherResult {
  readonly pass: boolean;
  /** The message: what was expected, and what came. */
  readonly message: () => string;
  readonly actual?: unknown;
  readonly expected?: unknown;
}

/** One matcher, as `expect.extend()` takes it. */
export type Matcher = (recorded: unknown, ...args: never[]) => MatcherResult;

/**
 * For `expect.extend()` of Jest and Vitest.
 *
 * @example
 * ```ts
 * import { matchers } from 'pandaprobe-ts/testing';
 *
 * declare const expect: { extend(matchers: object): void }; // that of Jest or Vitest
 *
 * expect.extend(matchers);
 * ```
 */
export const matchers: Readonly<Record<keyof AgentMatchers, Matcher>> = {
  toHaveTree: (recorded, tree: string) => result(checks.toHaveTree(recorded as Recorded, tree)),
  toHaveCalledTool: (recorded, name: string, options?: CalledToolOptions) =>
    result(checks.toHaveCalledTool(recorded as Recorded, name, options)),
  toCostLessThan: (recorded, dollars: number) => result(checks.toCostLessThan(recorded as Recorded, dollars)),
  toUseTokensAtMost: (recorded, tokens: number) => result(checks.toUseTokensAtMost(recorded as Recorded, tokens)),
  toHaveNoErrors: (recorded) => result(checks.toHaveNoErrors(recorded as Recorded)), // the checks refuse what is none
};

function result(checked: Checked): MatcherResult {
  const { pass, what, found, ...texts } = checked;
  return { pass, message: () => `expected the run ${pass ? 'not ' : ''}${what}, but ${found}`, ...texts };
}

/** The part of chai that a plugin needs. */
export interface ChaiLike {
  /** Its class of assertions. */
  readonly Assertion: ChaiAssertionClass;
}

/** The class to which a plugin adds methods. */
export interface ChaiAssertionClass {
  /** Adds a method. */
  addMethod(name: string, method: (this: object, ...args: unknown[]) => void): void;
}

interface ChaiAssertion {
  readonly _obj: unknown;
  assert(
    pass: boolean,
    message: string,
    negated: string,
    expected?: unknown,
    actual?: unknown,
    showDiff?: boolean,
  ): void;
}

/**
 * For `chai.use()`.
 *
 * @param chai - chai itself
 * @example
 * ```ts
 * import { chaiMatchers } from 'pandaprobe-ts/testing';
 *
 * declare const chai: { use(plugin: typeof chaiMatchers): void }; // import * as chai from 'chai'
 *
 * chai.use(chaiMatchers);
 * ```
 * @returns nothing
 */
export function chaiMatchers(chai: ChaiLike): void {
  for (const [name, check] of Object.entries(checks) as [
    string,
    (recorded: Recorded, ...args: unknown[]) => Checked,
  ][]) {
    const chaiName = name.replace(/^to(.)/, (_, first: string) => first.toLowerCase());
    chai.Assertion.addMethod(chaiName, function (this: object, ...args: unknown[]) {
      const assertion = this as ChaiAssertion; // as chai calls it
      const { pass, what, found, actual, expected } = check(assertion._obj as Recorded, ...args);
      const text = (not: string) => `expected the run ${not}${what}, but ${found}`;
      assertion.assert(pass, text(''), text('not '), expected, actual, expected !== undefined);
    });
  }
}
