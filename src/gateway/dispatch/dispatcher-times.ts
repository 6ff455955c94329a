/** In milliseconds. */
export interface DispatcherTimes {
  /** Interval between sweeps: each reads every inbox entry and the status of its run. */
  readonly sweepMs: number;
  /** Interval between pings: each checks that Temporal answers, and that its database is still the same. */
  readonly pingMs: number;
  /** First delay between attempts while Temporal is unreachable or busy; it doubles up to `maxBackOffMs`. */
  readonly backOffMs: number;
  readonly maxBackOffMs: number;
  /** Delay after a refusal: a namespace or attribute may be missing for a moment while a server starts. */
  readonly refusedMs: number;
  /** Deadline of each call to Temporal. */
  readonly deadlineMs: number;
}

export const defaultTimes: DispatcherTimes = {
  sweepMs: 120_000, // a sweep asks Temporal about every run that has an entry
  pingMs: 5000,
  backOffMs: 200,
  maxBackOffMs: 10_000,
  refusedMs: 2000,
  deadlineMs: 10_000, // a run that is closing can delay a signal by 5 s
};
