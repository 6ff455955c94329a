import type { LabelCounts } from '../domain/receipt';
import type { LeftOutReason } from '../domain/plan';
import type { Outcome } from '../domain/stage';
import { type AttemptRef, reportKey } from '../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../payloads/payload-store';
import type { LogEntry } from './contracts';
import { linesOf } from './lines';

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
  readonly log: readonly LogEntry[];
}

/** The line after which the labels come, one a line. */
export const labelsLine = '"labels":[';

/** The head of an attempt's report, or undefined when there is none; reads no further than the head. */
export async function readReportHead(store: PayloadStore, ref: AttemptRef): Promise<ReportHead | undefined> {
  const head: string[] = [];
  try {
    for await (const line of linesOf(store.read(reportKey(ref)))) {
      if (line === labelsLine) break;
      head.push(line);
    }
  } catch (error) {
    if (error instanceof PayloadNotFound) return undefined;
    throw error;
  }
  const { labels: _none, ...rest } = JSON.parse(`${head.join('\n')}"labels":[]}`) as ReportHead & { labels: [] };
  return rest;
}
