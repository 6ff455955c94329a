/** A run as a description or a list of Temporal reports it. */
interface RunState {
  /** Temporal's name for the status: `RUNNING`, `PAUSED`, `COMPLETED`, … */
  readonly status: string;
  /** ISO 8601. Temporal sets it when the run closes. */
  readonly endedAt?: string | undefined;
}

/**
 * The only check for an open run. The status does not tell: a run that Temporal itself paused is open too,
 * and later servers may add another status.
 */
export function isOpenRun({ endedAt }: Pick<RunState, 'endedAt'>): boolean {
  return endedAt === undefined;
}

/**
 * True when a person paused the run in Temporal itself (`temporal workflow pause`). Temporal keeps signals and
 * a cancel for such a run, but refuses queries and updates.
 */
export function isPausedInTemporal({ status }: Pick<RunState, 'status'>): boolean {
  return status === 'PAUSED';
}

/** The condition for open runs, in visibility's query language. */
export const openRuns = 'CloseTime IS NULL';
/** The condition for runs that can answer a query: open, and not paused in Temporal. */
export const answeringRuns = "ExecutionStatus = 'Running'";
