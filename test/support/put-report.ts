import { type ReportContent, writeReportFiles } from '../../src/activities/report/write-report-files';
import { noLabels } from '../../src/domain/label-outcome';
import type { ExportRequest } from '../../src/domain/request';
import { reportName } from '../../src/payloads/keys';
import type { PayloadStore } from '../../src/payloads/payload-store';
import { recordReportName } from '../../src/payloads/report-names';
import type { ReportHead } from '../../src/payloads/report-head';

/** Writes a report of a request, as the worker does. Without labels, unless some are given. */
export async function putReport(
  store: PayloadStore,
  request: ExportRequest,
  change: Partial<ReportHead> = {},
  labels: ReportContent['labels'] = none(),
): Promise<ReportHead> {
  const { force: _, ...fields } = request;
  const head: ReportHead = {
    ...fields,
    requests: [request.requestId],
    version: 1,
    attempt: 1,
    endedAt: request.receivedAt,
    outcome: 'completed',
    counts: noLabels,
    leftOutCounts: {},
    decisions: [],
    log: [],
    ...change,
  };
  await writeReportFiles(store, head, { head, labels, leftOut: none() });
  await recordReportName(store, reportName(head));
  return head;
}

/** Reported labels with these ids, in this order. */
export async function* reportedLabels(labelIds: readonly string[]): ReportContent['labels'] {
  for (const [at, labelId] of labelIds.entries())
    yield {
      position: at + 1,
      labelId,
      elementId: labelId,
      element: at,
      elementCount: 1,
      elements: [{ element: at, elementId: labelId }],
      outcome: 'relabeled',
      repeated: false,
    };
}

async function* none<T = never>(): AsyncGenerator<T> {}
