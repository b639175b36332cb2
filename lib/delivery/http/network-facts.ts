import { dns, net } from '../../common/builtins.js';

/**
 * How the application connects: which of a host's addresses are tried, in which order and for how long. The worker must be told,
 * because `dns.setDefaultResultOrder()`, `net.setDefaultAutoSelectFamily()` and the flags for them affect one thread only, and the
 * defaults fail in some networks. Source: Node's documentation, *dns.setDefaultResultOrder*; nodejs/node#54359.
 */
export interface NetworkFacts {
  readonly resultOrder: ReturnType<ReturnType<typeof dns>['getDefaultResultOrder']>;
  readonly triesFamilies: boolean;
  /** How long one address is tried, in milliseconds. */
  readonly attemptTimeoutMs: number;
}

/** The settings of this thread at this moment; undefined if the platform cannot tell. */
export function networkFacts(): NetworkFacts | undefined {
  try {
    return {
      resultOrder: dns().getDefaultResultOrder(),
      triesFamilies: net().getDefaultAutoSelectFamily(),
      attemptTimeoutMs: net().getDefaultAutoSelectFamilyAttemptTimeout(),
    };
  } catch {
    return undefined;
  }
}

/** Makes these the settings of this thread. */
export function applyNetwork(facts: NetworkFacts | undefined): void {
  if (facts === undefined) return;
  try {
    dns().setDefaultResultOrder(facts.resultOrder);
    net().setDefaultAutoSelectFamily(facts.triesFamilies);
    net().setDefaultAutoSelectFamilyAttemptTimeout(facts.attemptTimeoutMs);
  } catch {
    // A platform that has only some of these functions.
  }
}
