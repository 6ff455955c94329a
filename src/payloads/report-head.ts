import { isShortRevision } from '../domain/revision';
import type { AttemptRef } from '../domain/attempt-ref';
import type { LabelCounts } from '../domain/label-outcome';
import type { LeftOutReason } from '../domain/plan';
import type { PlanWarning } from '../domain/plan-summary';
import type { Range } from '../domain/receipt';
import type { AskedAgain } from '../domain/request';
import type { ChunkCounts } from '../domain/send-cursor';
import type { Outcome } from '../domain/stage';
import { hasHashByAnotherName, hashJson } from './hashed-json';
import { isAttemptNumber, reportKey } from './keys';
import { PayloadIsFolder, PayloadNotFound, type PayloadStore } from './payload-store';
import { ChangedFile } from './changed-file';
import type { DecisionEntry, LogEntry } from '../domain/decision-log';
import { readLines } from './read-lines';

/**
 * A report without its labels. In the file, `requests` is the first line
 * (docs/decisions/003-the-first-line-of-a-report-carries-its-requests.md), and the labels begin after
 * `labelsLine`.
 */
export interface ReportHead {
  /** Every request that this report covers. The first one created the attempt. */
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
  /** As in the last answer to `progress`. Absent when nothing of the attempt was to be sent. */
  readonly chunks?: ChunkCounts;
  readonly leftOutCounts: Partial<Record<LeftOutReason, number>>;
  /** Of the plan. Absent when there are none. */
  readonly warnings?: readonly PlanWarning[];
  /** Who approved which labels, when and why. */
  readonly decisions: readonly DecisionEntry[];
  readonly log: readonly LogEntry[];
  /** Present when an operator asked again for the delivery. */
  readonly again?: Pick<AskedAgain, 'by' | 'reason'>;
  /** Positions whose outcome is from a receipt. Absent in reports of earlier versions. */
  readonly receipts?: readonly Range[];
  /** Of the receipts inside `receipts`: a `ReceiptsDigest`. Absent in reports of earlier versions. */
  readonly receiptsSha256?: string;
  /**
   * Positions whose receipt was missing or changed when the report was written; the report shows them as
   * `unconfirmed`. Absent when there are none.
   */
  readonly lostReceipts?: readonly Range[];
}

/**
 * The first line of a report also has the hash of its head, so that any change to the head is noticed. Reports
 * of earlier versions have none.
 */
export const headHashName = 'headSha256';

/** The labels follow this line, one per line. */
export const labelsLine = '"labels":[';
/** Maximum lines of a head. A head has one line per key, so a file with a longer head is not a report. */
const maxHeadLines = 100;

/** The first line. It changes whenever the report answers one more request. */
export function formatFirstLine(head: ReportHead): string {
  const { requests, ...rest } = head;
  return `{"requests":${JSON.stringify(requests)},"${headHashName}":"${hashJson({ requests, ...rest })}",\n`;
}

/** The other lines of the head, up to the first label. */
export function formatOtherLines({ requests: _first, ...rest }: ReportHead): string {
  const lines = Object.entries(rest).flatMap(([key, value]) =>
    value === undefined ? [] : [`${JSON.stringify(key)}:${JSON.stringify(value)},\n`],
  );
  return `${lines.join('')}${labelsLine}\n`;
}

/**
 * Doesn't read the labels.
 * @returns undefined when the attempt has no report.
 * @throws {ChangedFile} when the head is missing or not JSON.
 */
export async function readReportHead(store: PayloadStore, ref: AttemptRef): Promise<ReportHead | undefined> {
  const key = reportKey(ref);
  try {
    return await readHead(store, key);
  } catch (error) {
    if (error instanceof PayloadNotFound) return undefined;
    if (error instanceof InvalidHead) throw new ChangedFile(ref, key, error.message);
    throw error;
  }
}

/** Reads the heads of all reports in an issue's folder, newest first. Skips heads that can't be read. */
export async function reportHeadsIn(store: PayloadStore, folder: string): Promise<ReportHead[]> {
  const heads: ReportHead[] = [];
  for (const key of await reportKeysIn(store, folder)) {
    const head = await readHeadAt(store, key);
    if (head) heads.push(head);
  }
  return heads.sort(byNewest);
}

/**
 * Sorts the reports of an issue, newest first: by the receipt of their requests, as every other comparison does, then
 * by attempt. The time of an ending is from a worker's clock, which may be wrong.
 */
export function byNewest(
  a: Pick<ReportHead, 'receivedAt' | 'attempt'>,
  b: Pick<ReportHead, 'receivedAt' | 'attempt'>,
): number {
  if (a.receivedAt !== b.receivedAt) return a.receivedAt < b.receivedAt ? 1 : -1;
  return b.attempt - a.attempt;
}

/** Lists the report keys of all attempts in an issue's folder, including attempts without a report. */
export async function reportKeysIn(store: PayloadStore, folder: string): Promise<string[]> {
  const keys: string[] = [];
  for (const revision of (await store.list(folder)).filter(isShortRevision)) {
    for (const attempt of (await store.list(`${folder}${revision}/`)).filter(isAttemptNumber))
      keys.push(`${folder}${revision}/${attempt}/report.json`);
  }
  return keys;
}

/** @returns undefined when the report does not exist or its head can't be read. */
export async function readHeadAt(store: PayloadStore, key: string): Promise<ReportHead | undefined> {
  return readHead(store, key).catch(unlessUnreadable);
}

class InvalidHead extends Error {}

function unlessUnreadable(error: unknown): undefined {
  const isUnreadable = [PayloadNotFound, PayloadIsFolder, InvalidHead].some((kind) => error instanceof kind);
  if (isUnreadable) return undefined;
  throw error;
}

type HashedHead = ReportHead & { readonly [headHashName]?: unknown };

async function readHead(store: PayloadStore, key: string): Promise<ReportHead> {
  const head = checkHash(parseHead(await headLines(store, key)));
  if (!isHeadOf(key, head)) throw new InvalidHead('belongs to another attempt');
  return head;
}

/** A report that was copied from another place has a right hash. */
function isHeadOf(key: string, head: ReportHead): boolean {
  try {
    return reportKey(head) === key;
  } catch {
    return false; // no valid revision
  }
}

function parseHead(lines: readonly string[]): HashedHead {
  try {
    const { labels: _empty, ...head } = JSON.parse(`${lines.join('\n')}"labels":[]}`) as HashedHead & {
      labels: [];
    };
    return head;
  } catch {
    throw new InvalidHead('has a head that is not JSON: it was changed');
  }
}

function checkHash({ [headHashName]: hash, ...head }: HashedHead): ReportHead {
  const isUnchanged = hash === undefined ? !hasHashByAnotherName(head, 'sha256') : hash === hashJson(head);
  if (!isUnchanged) throw new InvalidHead('was changed after it was written');
  return head;
}

async function headLines(store: PayloadStore, key: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(store.read(key))) {
    if (line === labelsLine) return lines;
    if (lines.push(line) === maxHeadLines) break;
  }
  throw new InvalidHead('has no head: it was changed or truncated');
}
