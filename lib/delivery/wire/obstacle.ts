/** Why an item has to be sent again. */
export type Obstacle =
  | LimitObstacle
  | (Answered & { readonly cause: 'fault' | 'blocked' })
  /**
   * The trace is not stored (yet). `isVague`: or the backend fails, which looks the same. `limit`: why no placeholder can be made for
   * it now.
   */
  | (Answered & { readonly cause: 'absent'; readonly isVague: boolean; readonly limit?: LimitObstacle });

/** `quota`: the plan's allowance is used up, so waiting a little does not help. */
type LimitObstacle = Answered &
  ({ readonly cause: 'rate'; readonly retryAfterMs: number | undefined } | { readonly cause: 'quota' });

/** The status of the answer, if there was one, and a text for the log. */
interface Answered {
  readonly status: number | undefined;
  readonly detail: string;
}

/** Statuses of a gateway without a backend behind it, whatever the call. */
const gone: readonly (number | undefined)[] = [502, 503, 504];

/** Whether an obstacle stands in the way of every request, not only of those of its route. */
export function isOfAllRoutes({ cause, status }: Obstacle): boolean {
  return (
    cause === 'blocked' || (cause === 'fault' && status === undefined) || (cause !== 'absent' && gone.includes(status))
  );
}
