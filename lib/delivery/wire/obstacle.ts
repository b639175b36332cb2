/** Why an item has to be sent again. `detail` is for the log. */
export type Obstacle = { readonly status: number | undefined; readonly detail: string } & (
  | { readonly cause: 'rate'; readonly retryAfterMs: number | undefined }
  /** `quota`: the plan's allowance is used up, so waiting a little does not help. */
  | { readonly cause: 'fault' | 'blocked' | 'quota' }
  /** The trace is not stored (yet). `isVague`: or the backend fails, which looks the same. */
  | { readonly cause: 'absent'; readonly isVague: boolean }
);

/** Statuses of a gateway without a backend behind it, whatever the call. */
const gone: readonly (number | undefined)[] = [502, 503, 504];

/** Whether an obstacle stands in the way of every request, not only of those of its route. */
export function isOfAllRoutes({ cause, status }: Obstacle): boolean {
  return (
    cause === 'blocked' || (cause === 'fault' && status === undefined) || (cause !== 'absent' && gone.includes(status))
  );
}
