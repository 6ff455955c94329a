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

/** Outcomes that leave something undone: an operator may ask again. A superseded export has a newer one. */
const leavesWork: ReadonlySet<string> = new Set<Outcome>([
  'completed-with-problems',
  'rejected',
  'expired',
  'cancelled',
  'failed',
]);

export function canAskAgain(stage: string): boolean {
  return leavesWork.has(stage);
}
