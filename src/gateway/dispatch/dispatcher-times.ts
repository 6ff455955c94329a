/** Milliseconds. */
export interface DispatcherTimes {
  /** Between two looks at every entry and its run. */
  readonly sweepMs: number;
  /** Temporal is asked this often whether it is there, and whether its database is still the same. */
  readonly pingMs: number;
  /** Between attempts while Temporal is away: from the first, doubled up to the second. */
  readonly backOffMs: number;
  readonly maxBackOffMs: number;
  /** Between refusals that look final: a namespace or attribute may be missing for a moment while a server starts. */
  readonly refusedMs: number;
  /** A call that Temporal does not answer is given up after this. */
  readonly deadlineMs: number;
}

export const defaultTimes: DispatcherTimes = {
  sweepMs: 120_000,
  pingMs: 5000,
  backOffMs: 200,
  maxBackOffMs: 10_000,
  refusedMs: 2000,
  deadlineMs: 10_000, // a closing run alone may take 5 s
};
