import type { AttemptRef } from '../domain/attempt-ref';
import type { LabelCounts } from '../domain/label-outcome';
import type { LeftOutReason } from '../domain/plan';
import type { Outcome } from '../domain/stage';
import { reportKey } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { ChangedFile } from './changed-file';
import type { DecisionEntry, LogEntry } from '../domain/decision-log';
import { readLines } from './read-lines';

/** A report without its labels. In the file `requests` is the first line, and the labels begin after a line of their own. */
export interface ReportHead {
  /** Every request this report answers; the first made the attempt. */
  readonly requests: readonly string[];
  readonly version: 1;
  readonly issueId: string;
  readonly issueName: string;
  readonly project: string;
  readonly sha256: string;
  readonly revision: string;
  readonly attempt: number;
  readonly requestId: string;
  readonly receivedAt: string;
  readonly endedAt: string;
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly destination?: string;
  readonly destinationProject?: string;
  readonly counts: LabelCounts;
  readonly leftOutCounts: Partial<Record<LeftOutReason, number>>;
  /** Who let which labels go, when and why. */
  readonly decisions: readonly DecisionEntry[];
  readonly log: readonly LogEntry[];
}

/** The line after which the labels come, one a line. */
export const labelsLine = '"labels":[';
/** A head has a line a key; what is longer is no report of ours. */
const maxHeadLines = 100;

/** The head of an attempt's report, or undefined when there is none; reads no further than the head. @throws {ChangedFile} */
export async function readReportHead(store: PayloadStore, ref: AttemptRef): Promise<ReportHead | undefined> {
  const key = reportKey(ref);
  try {
    return await readHead(store, key);
  } catch (error) {
    if (error instanceof PayloadNotFound) return undefined;
    if (error instanceof NoHead) throw new ChangedFile(ref, key, error.message);
    throw error;
  }
}

/** The heads of all reports in an issue's folder, newest first. One that cannot be read is passed over: it hides no other. */
export async function reportHeadsIn(store: PayloadStore, folder: string): Promise<ReportHead[]> {
  const heads: ReportHead[] = [];
  for (const key of await reportKeysIn(store, folder)) {
    const head = await readHeadAt(store, key);
    if (head) heads.push(head);
  }
  return heads.sort((a, b) => (a.endedAt < b.endedAt ? 1 : -1));
}

/** Where the attempts in an issue's folder have their reports, or will have them. */
export async function reportKeysIn(store: PayloadStore, folder: string): Promise<string[]> {
  const keys: string[] = [];
  for (const revision of (await store.list(folder)).filter((name) => /^[0-9a-f]{12}$/.test(name))) {
    for (const attempt of (await store.list(`${folder}${revision}/`)).filter((name) =>
      /^\d{1,9}$/.test(name),
    ))
      keys.push(`${folder}${revision}/${attempt}/report.json`);
  }
  return keys;
}

/** The head of the report with that key; undefined when there is none, or none that can be read. */
export async function readHeadAt(store: PayloadStore, key: string): Promise<ReportHead | undefined> {
  return readHead(store, key).catch(unlessUnreadable);
}

/** The file is no report, or not whole. */
class NoHead extends Error {}

function unlessUnreadable(error: unknown): undefined {
  if (error instanceof PayloadNotFound || error instanceof NoHead) return undefined;
  throw error;
}

async function readHead(store: PayloadStore, key: string): Promise<ReportHead> {
  const lines = await headLines(store, key);
  try {
    const { labels: _none, ...head } = JSON.parse(`${lines.join('\n')}"labels":[]}`) as ReportHead & {
      labels: [];
    };
    return head;
  } catch {
    throw new NoHead('has a head that is not JSON: it was changed');
  }
}

async function headLines(store: PayloadStore, key: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(store.read(key))) {
    if (line === labelsLine) return lines;
    if (lines.push(line) === maxHeadLines) break;
  }
  throw new NoHead('has no head: it was changed or cut off');
}
