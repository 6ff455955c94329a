import { isShortRevision } from '../domain/revision';
import type { AttemptRef } from '../domain/attempt-ref';
import type { Plan } from '../domain/plan';
import { attemptFolder, issueFolder, isAttemptNumber, planKey, reportKey, revisionFolder } from './keys';
import type { PayloadStore } from './payload-store';
import { ChangedFile, orChanged } from './changed-file';
import { readPlan } from './plan-file';
import { type ReportHead, readReportHead } from './report-head';

/** An attempt in the store. It has a plan, a report or receipts. */
export interface Attempt {
  readonly ref: AttemptRef;
  readonly plan: Plan | undefined;
  readonly report: ReportHead | undefined;
  /** True: calls were made, or were about to be made. */
  readonly hasReceipts: boolean;
  /** Set when the plan or report was changed. Then it is unknown which request the attempt belongs to. */
  readonly changed: ChangedFile | undefined;
}

/** An attempt that has ended. */
export type ReportedAttempt = Attempt & { readonly report: ReportHead };

export function isReported(attempt: Attempt): attempt is ReportedAttempt {
  return attempt.report !== undefined;
}

/**
 * The newest reported attempt with this body, if it was completed. While an attempt is unreadable it is unknown
 * which one is the newest.
 */
export function completedAttempt(attempts: readonly Attempt[], sha256: string): ReportedAttempt | undefined {
  if (attempts.some(({ changed }) => changed)) return undefined;
  const newest = attempts.filter(isReported).findLast(({ report }) => report.sha256 === sha256);
  return newest?.report.outcome === 'completed' ? newest : undefined;
}

/** Lists the revisions of an issue. */
export async function listRevisions(store: PayloadStore, issueId: string): Promise<string[]> {
  return (await store.list(issueFolder(issueId))).filter(isShortRevision);
}

/** Lists the numbers of the attempts' folders at one revision, in ascending order. */
export async function listAttemptNumbers(
  store: PayloadStore,
  issueId: string,
  revision: string,
): Promise<number[]> {
  const names = await store.list(revisionFolder(issueId, revision));
  return names
    .filter(isAttemptNumber)
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * Lists the attempts at one revision, oldest first. A folder with nothing but staged plan files doesn't
 * count.
 */
export async function listAttempts(
  store: PayloadStore,
  issueId: string,
  revision: string,
): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (const attempt of await listAttemptNumbers(store, issueId, revision)) {
    const found = await readAttempt(store, { issueId, revision, attempt });
    if (found) attempts.push(found);
  }
  return attempts;
}

/**
 * Never reuses an attempt's number, even if only its receipts exist: a new plan would give them other labels.
 */
export function nextAttempt(attempts: readonly Attempt[]): number {
  return Math.max(0, ...attempts.map(({ ref }) => ref.attempt)) + 1;
}

async function readAttempt(store: PayloadStore, ref: AttemptRef): Promise<Attempt | undefined> {
  const folder = attemptFolder(ref);
  const names = new Set((await store.list(folder)).map((name) => `${folder}${name}`));
  const hasPlan = names.has(planKey(ref));
  const hasReport = names.has(reportKey(ref));
  const hasReceipts = names.has(`${folder}receipts`);
  if (!hasPlan && !hasReport && !hasReceipts) return undefined;
  const plan = hasPlan ? await orChanged(readPlan(store, ref)) : undefined;
  const report = hasReport ? await orChanged(readReportHead(store, ref)) : undefined;
  return {
    ref,
    plan: plan instanceof ChangedFile ? undefined : plan,
    report: report instanceof ChangedFile ? undefined : report,
    hasReceipts,
    changed: [plan, report].find((file) => file instanceof ChangedFile),
  };
}
