import { labelsDone } from '../../../domain/label-outcome';
import type { PayloadStore } from '../../../payloads/payload-store';
import { readHeadAt, type ReportHead } from '../../../payloads/report-head';
import { exportWorkflowId } from '../../../temporal/names';
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
  /** The place of the last one looked at; absent when no other follows. */
  readonly next?: string;
}

/** Issues looked at for one page, at most: Temporal is asked about each. */
const looksAtMost = 500;

/**
 * Exports that Temporal has forgotten, from the newest report of each issue, what ended last first.
 * @param after the place after which to go on, as `next` gave it; empty: from the first.
 */
export async function storedRows(
  { hasRun, store, links, reports }: Deps,
  filter: ListFilter,
  after: string,
  limit: number,
): Promise<StoredList> {
  const wanted = (await reports()).filter((report) => matches(report, filter) && isAfter(report, after));
  const rows: ExportRow[] = [];
  for (const [looked, report] of wanted.entries()) {
    const head = (await hasRun(report.issueId)) ? undefined : await readHeadAt(store, report.key);
    if (head) rows.push(rowFromReport(head, links));
    const isLast = looked === wanted.length - 1;
    if (!isLast && (rows.length >= limit || looked + 1 >= looksAtMost))
      return { rows, next: positionToken(report) };
  }
  return { rows };
}

/** Holds whatever comes and goes before it. */
function positionToken({ endedMs, folder }: IndexedReport): string {
  return `${endedMs}-${folder}`;
}

function isAfter({ endedMs, folder }: IndexedReport, place: string): boolean {
  const [, ms = '', last = ''] = /^(\d+)-(.*)$/.exec(place) ?? [];
  return place === '' || endedMs < Number(ms) || (endedMs === Number(ms) && folder > last);
}

function matches(
  { issueId, project, outcome }: IndexedReport,
  { stage, project: wanted, issue }: ListFilter,
): boolean {
  return (
    (stage === undefined || stage === outcome) &&
    (wanted === undefined || wanted === project) &&
    (issue === undefined || issueId.startsWith(issue))
  );
}

function rowFromReport(report: ReportHead, links: Links): ExportRow {
  const { issueId, issueName, project, outcome, destination = '', counts, receivedAt, endedAt } = report;
  const workflowId = exportWorkflowId(issueId);
  return {
    ...{
      issueId,
      issueName,
      project,
      stage: outcome,
      isOpen: false,
      destination,
      startedAt: receivedAt,
      endedAt,
      workflowId,
    },
    labels: { planned: counts.planned, done: labelsDone(counts) },
    source: 'store',
    links: { self: links.self(issueId), temporal: links.temporal(workflowId) },
  };
}
