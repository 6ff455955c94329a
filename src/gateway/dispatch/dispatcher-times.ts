/** All in ms. */
export interface DispatcherTimes {
  /** Interval between sweeps. A sweep reads every inbox entry and the status of its run. */
  readonly sweepMs: number;
  /** Interval between pings. A ping checks that Temporal answers and that its database is still the same. */
  readonly pingMs: number;
  /** First delay between tries while Temporal is unreachable or busy. It doubles up to `maxBackOffMs`. */
  readonly backOffMs: number;
  readonly maxBackOffMs: number;
  /** Delay after a refusal. While a server starts, a namespace or attribute may be missing for a moment. */
  readonly refusedMs: number;
  /** Deadline of each call to Temporal. */
  readonly deadlineMs: number;
}

export const defaultTimes: DispatcherTimes = {
  sweepMs: 120_000, // a sweep calls Temporal for every run that has an entry
  pingMs: 5000,
  backOffMs: 200,
  maxBackOffMs: 10_000,
  refusedMs: 2000,
  deadlineMs: 10_000, // a run that is closing can delay a signal by 5 s
};
