import { exportsFolder, folderOfIssueKey } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { type ReportHead, reportHeadsIn } from '../../payloads/report-head';
import { workflowIdOf } from '../../temporal/names';
import type { Links } from '../links';
import type { ExportRow, ListFilter } from './operator-api';

interface Deps {
  readonly isKnown: (issueId: string) => Promise<boolean>;
  readonly store: PayloadStore;
  readonly links: Links;
}

/** Issues looked at for one page, at most: a filter that matches nothing must not read a year of reports at once. */
const looksAtMost = 500;

/**
 * Exports that Temporal has forgotten, from the newest report of each issue, in the order of the issues' folders.
 * @param after the folder after which to go on; empty: from the first.
 */
export async function storedRows(
  { isKnown, store, links }: Deps,
  filter: ListFilter,
  after: string,
  limit: number,
): Promise<{ rows: ExportRow[]; next?: string }> {
  const folders = (await store.list(exportsFolder)).filter((name) => name > after);
  const rows: ExportRow[] = [];
  for (const [looked, folder] of folders.entries()) {
    const row = await storedRow({ isKnown, store, links }, filter, folder);
    if (row) rows.push(row);
    const isLast = looked === folders.length - 1;
    if (!isLast && (rows.length >= limit || looked + 1 >= looksAtMost)) return { rows, next: folder };
  }
  return { rows };
}

async function storedRow({ isKnown, store, links }: Deps, filter: ListFilter, folder: string): Promise<ExportRow | undefined> {
  const [report] = await reportHeadsIn(store, folderOfIssueKey(folder));
  if (!report || !matches(report, filter) || (await isKnown(report.issueId))) return undefined;
  return rowOfReport(report, links);
}

function matches({ issueId, project, outcome }: ReportHead, { stage, project: wanted, issue }: ListFilter): boolean {
  return (
    (stage === undefined || stage === outcome) &&
    (wanted === undefined || wanted === project) &&
    (issue === undefined || issueId.startsWith(issue))
  );
}

function rowOfReport(report: ReportHead, links: Links): ExportRow {
  const { issueId, issueName, project, outcome, destination = '', counts, receivedAt, endedAt } = report;
  const workflowId = workflowIdOf(issueId);
  const done = counts.relabeled + counts.alreadyGone + counts.refused + counts.unconfirmed;
  return {
    ...{ issueId, issueName, project, stage: outcome, isOpen: false, destination, startedAt: receivedAt, endedAt, workflowId },
    labels: { planned: counts.planned, done },
    source: 'store',
    links: { self: links.self(issueId), temporal: links.temporal(workflowId) },
  };
}
