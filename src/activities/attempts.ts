import type { Plan } from '../domain/plan';
import type { Range } from '../domain/receipt';
import { type AttemptRef, planKey, receiptsFolder, revisionFolder } from '../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../payloads/payload-store';
import { readJson } from '../payloads/read-whole';
import { type ReportHead, readReportHead } from './report-head';

/** An attempt as the store knows it. At least one of plan and report is there. */
export interface Attempt {
  readonly ref: AttemptRef;
  readonly plan: Plan | undefined;
  readonly report: ReportHead | undefined;
}

/** Attempts at one revision, oldest first. A folder with neither plan nor report is an attempt that never came to be. */
export async function attemptsOf(store: PayloadStore, issueId: string, revision: string): Promise<Attempt[]> {
  const numbers = (await store.list(revisionFolder(issueId, revision))).filter((name) => /^\d+$/.test(name)).map(Number);
  const attempts: Attempt[] = [];
  for (const attempt of numbers.sort((a, b) => a - b)) {
    const ref = { issueId, revision, attempt };
    const [plan, report] = await Promise.all([orUndefined(() => readJson<Plan>(store, planKey(ref))), readReportHead(store, ref)]);
    if (plan || report) attempts.push({ ref, plan, report });
  }
  return attempts;
}

/** The number of the next attempt. */
export function nextAttempt(attempts: readonly Attempt[]): number {
  return Math.max(0, ...attempts.map(({ ref }) => ref.attempt)) + 1;
}

/** A file in `receipts/`: what was sent, or what was answered. */
export interface ReceiptFile extends Range {
  readonly kind: 'sent' | 'receipt';
}

/** Receipts and sent-marks of an attempt, by `from`. */
export async function receiptFiles(store: PayloadStore, ref: AttemptRef): Promise<ReceiptFile[]> {
  const names = await store.list(receiptsFolder(ref));
  const files = names.flatMap((name) => {
    const match = /^(\d+)-(\d+)\.(sent|json)$/.exec(name);
    if (!match) return [];
    return [{ from: Number(match[1]), to: Number(match[2]), kind: match[3] === 'sent' ? ('sent' as const) : ('receipt' as const) }];
  });
  return files.sort((a, b) => a.from - b.from || a.to - b.to);
}

export async function orUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof PayloadNotFound) return undefined;
    throw error;
  }
}
