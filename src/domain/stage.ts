const openStages = ['preparing', 'awaiting-approval', 'sending', 'paused'] as const;
const outcomes = [
  'completed',
  'completed-with-problems',
  'rejected',
  'expired',
  'superseded',
  'cancelled',
  'failed',
] as const;

/** A stage before the export has ended. */
type OpenStage = (typeof openStages)[number];
/** How an export ended. */
export type Outcome = (typeof outcomes)[number];
/** Also the value of the search attribute `ExportStage`. */
export type Stage = OpenStage | Outcome;
export const allStages: readonly Stage[] = [...openStages, ...outcomes];

export function isOpenStage(stage: string): boolean {
  return (openStages as readonly string[]).includes(stage);
}

export function isOutcome(stage: string): boolean {
  return (outcomes as readonly string[]).includes(stage);
}

/** Outcomes that leave something undone. A superseded export has a newer one. */
const leavesWork: ReadonlySet<string> = new Set<Outcome>([
  'completed-with-problems',
  'rejected',
  'expired',
  'cancelled',
  'failed',
]);

/**
 * What an operator may ask for again after an export ended: `rest-or-all`, or only `all` when nothing was left undone.
 * Undefined for an open export and for one that a newer one superseded.
 */
export function whatToAskAgain(stage: string): 'rest-or-all' | 'all' | undefined {
  if (stage === 'completed') return 'all';
  return leavesWork.has(stage) ? 'rest-or-all' : undefined;
}
