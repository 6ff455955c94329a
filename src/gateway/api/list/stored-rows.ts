import { labelsDone } from '../../../domain/label-outcome';
import type { PayloadStore } from '../../../payloads/payload-store';
import { readHeadAt, type ReportHead } from '../../../payloads/report-head';
import { exportWorkflowId } from '../../../temporal/names';
import { skipDenied } from '../../../payloads/skip-denied';
import type { Links } from '../../links';
import type { ExportRow, ListFilter } from '../operator-api';
import type { IndexedReport, ReportIndex } from './report-index';

interface Deps {
  readonly hasRun: (issueId: string) => Promise<boolean>;
  readonly store: PayloadStore;
  readonly links: Links;
  readonly reports: ReportIndex;
}

export interface StoredList {
  readonly rows: ExportRow[];
  /** The position of the last report checked. Absent when no report follows. */
  readonly next?: string;
}

/** Maximum issues checked for one page. Each check is a call to Temporal. */
const maxChecks = 500;

/**
 * Lists exports that Temporal no longer has, from the newest report of each issue, most recently ended first.
 * @param after `next` of the previous page, or empty for the first page.
 */
export async function storedRows(
  { hasRun, store, links, reports }: Deps,
  filter: ListFilter,
  after: string,
  limit: number,
): Promise<StoredList> {
  const candidates = (await reports()).filter((report) => matches(report, filter) && isAfter(report, after));
  const rows: ExportRow[] = [];
  for (const [index, report] of candidates.entries()) {
    const head = (await hasRun(report.issueId)) ? undefined : await skipDenied(readHeadAt(store, report.key));
    if (head) rows.push(rowFromReport(head, links));
    const isLast = index === candidates.length - 1;
    if (!isLast && (rows.length >= limit || index + 1 >= maxChecks))
      return { rows, next: positionToken(report) };
  }
  return { rows };
}

/** The token is a time and a folder, not an index, so it stays valid when earlier reports come or go. */
function positionToken({ endedMs, folder }: IndexedReport): string {
  return `${endedMs}-${folder}`;
}

function isAfter({ endedMs, folder }: IndexedReport, position: string): boolean {
  const [, ms = '', last = ''] = /^(\d+)-(.*)$/.exec(position) ?? [];
  return position === '' || endedMs < Number(ms) || (endedMs === Number(ms) && folder > last);
}

function matches(report: IndexedReport, { stage, project, issue }: ListFilter): boolean {
  return (
    (stage === undefined || stage === report.outcome) &&
    (project === undefined || project === report.project) &&
    (issue === undefined || report.issueId.startsWith(issue))
  );
}

function rowFromReport(report: ReportHead, links: Links): ExportRow {
  const { issueId, issueName, project, outcome, destination = '', counts, receivedAt, endedAt } = report;
  const workflowId = exportWorkflowId(issueId);
  return {
    issueId,
    issueName,
    project,
    stage: outcome,
    isOpen: false,
    destination,
    startedAt: receivedAt,
    endedAt,
    workflowId,
    labels: { planned: counts.planned, done: labelsDone(counts) },
    source: 'store',
    links: { self: links.self(issueId), temporal: links.temporal(workflowId) },
  };
}
