import type { LedgerEntry } from '../../src/dev/sandbox/ledger';
import type { ReportedLabel } from '../../src/activities/report/reported-labels';

/** A delivery that the run sent. */
export interface SentDelivery {
  readonly issueId: string;
  /** In the order of the plan. */
  readonly labelIds: readonly string[];
  /** How many of the labels were approved, from the first; 0 if the export was rejected. */
  readonly approvedUpTo: number;
  /** Answered 202. */
  readonly isAccepted: boolean;
  /** The reports of all attempts, oldest first. */
  readonly reports: readonly (readonly LabelRow[])[];
}

export type LabelRow = Pick<ReportedLabel, 'labelId' | 'outcome' | 'repeated'>;

/** What the run found out about all labels. */
export interface Findings {
  /** One sentence per violation, with the label and its issue. */
  readonly violations: readonly string[];
  readonly labels: number;
  readonly approved: number;
  /** Labels that the labeling service executed more than once. */
  readonly executedTwice: number;
  readonly repeated: number;
}

/**
 * Compares the labeling service's ledger with the reports:
 * - Every approved label of an accepted delivery was executed, and a report states `relabeled`.
 * - No label without approval was executed.
 * - Every label that was executed more than once is `repeated`.
 * - No report contradicts the ledger.
 */
export function findViolations(
  deliveries: readonly SentDelivery[],
  ledger: readonly Pick<LedgerEntry, 'labelIds'>[],
): Findings {
  const executions = countExecutions(ledger);
  const violations: string[] = [];
  const found = { labels: 0, approved: 0, executedTwice: 0, repeated: 0 };
  for (const delivery of deliveries) {
    const rows = rowsByLabel(delivery);
    violations.push(...reportViolations(delivery));
    for (const [index, labelId] of delivery.labelIds.entries()) {
      const label: LabelFacts = {
        isAccepted: delivery.isAccepted,
        isApproved: index < delivery.approvedUpTo,
        executions: executions.get(labelId) ?? 0,
        rows: rows.get(labelId) ?? [],
      };
      executions.delete(labelId);
      found.labels += 1;
      if (label.isApproved) found.approved += 1;
      if (label.executions > 1) found.executedTwice += 1;
      if (label.rows.some(({ repeated }) => repeated)) found.repeated += 1;
      violations.push(...labelViolations(label).map((what) => `${labelId} of ${delivery.issueId} ${what}`));
    }
  }
  for (const labelId of executions.keys()) violations.push(`${labelId} was executed, but is in no delivery.`);
  return { violations, ...found };
}

interface LabelFacts {
  readonly isAccepted: boolean;
  readonly isApproved: boolean;
  readonly executions: number;
  readonly rows: readonly LabelRow[];
}

function labelViolations({ isAccepted, isApproved, executions, rows }: LabelFacts): string[] {
  const isDone = rows.some(({ outcome }) => outcome === 'relabeled' || outcome === 'already-gone');
  const outcomes = rows.map(({ outcome }) => outcome).join(', ') || 'in no report';
  return [
    ...(isAccepted && isApproved && executions === 0 ? ['is lost: it was never executed.'] : []),
    ...(isAccepted && isApproved && !rows.some(({ outcome }) => outcome === 'relabeled')
      ? [`is not reported as relabeled: it is ${outcomes}.`]
      : []),
    ...(!isApproved && executions > 0 ? [`was executed ${executions} times without approval.`] : []),
    ...(executions > 1 && !rows.some(({ repeated }) => repeated)
      ? [`was executed ${executions} times and is not repeated.`]
      : []),
    ...(isDone && executions === 0 ? [`is ${outcomes}, but was never executed.`] : []),
    ...(executions > 0 && rows.length > 0 && rows.every(({ outcome }) => outcome === 'withheld')
      ? ['is withheld, but was executed.']
      : []),
  ];
}

/** The first report of an accepted delivery has every label once. */
function reportViolations({ issueId, labelIds, isAccepted, reports }: SentDelivery): string[] {
  if (!isAccepted) return [];
  const [first] = reports;
  if (!first) return [`${issueId} was accepted and has no report.`];
  const reported = new Set(first.map(({ labelId }) => labelId));
  const isComplete = first.length === labelIds.length && labelIds.every((labelId) => reported.has(labelId));
  return isComplete
    ? []
    : [
        `The report of ${issueId} has ${first.length} labels, of which ${reported.size} differ; expected ${labelIds.length}.`,
      ];
}

function countExecutions(ledger: readonly Pick<LedgerEntry, 'labelIds'>[]): Map<string, number> {
  const executions = new Map<string, number>();
  for (const { labelIds } of ledger)
    for (const labelId of labelIds) executions.set(labelId, (executions.get(labelId) ?? 0) + 1);
  return executions;
}

function rowsByLabel({ reports }: SentDelivery): Map<string, LabelRow[]> {
  const rows = new Map<string, LabelRow[]>();
  for (const row of reports.flat()) rows.set(row.labelId, [...(rows.get(row.labelId) ?? []), row]);
  return rows;
}
