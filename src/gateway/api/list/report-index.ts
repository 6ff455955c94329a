import { folderOfIssueKey } from '../../../payloads/keys';
import { listIssueKeys } from '../../../payloads/list-issue-keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import { byNewest, readHeadAt, type ReportHead, reportKeysIn } from '../../../payloads/report-head';
import { skipDenied } from '../../../payloads/skip-denied';
import { cacheAsync } from '../../../collections/cache-async';

/** The fields of a report that a list filters and sorts by: a few hundred bytes of memory per issue. */
export interface IndexedReport extends Pick<
  ReportHead,
  'issueId' | 'project' | 'outcome' | 'receivedAt' | 'attempt'
> {
  /** The issue's folder in the store. */
  readonly folder: string;
  readonly key: string;
  /** In ms since 1970. 0 when the report has no valid time. */
  readonly endedMs: number;
}

/** Returns the newest report of every issue that has one, most recently ended first. */
export type ReportIndex = () => Promise<readonly IndexedReport[]>;

/** Issue folders listed concurrently. */
const concurrency = 16;
/** A scan is reused for 20 times as long as it took, so at most a twentieth of the time is spent scanning. */
const reuseFactor = 20;
/** In ms. Maximum reuse. The first scan reads every report and takes longer than later scans. */
const maxReuseMs = 10_000;

/**
 * Keeps an index of the store's reports in memory. In a written report, only the list of requests can change,
 * so each report is read once. A later scan lists folders and reads only new reports.
 */
export function createReportIndex(store: PayloadStore): ReportIndex {
  let indexed: ReadonlyMap<string, IndexedReport> = new Map();
  const scan = async (): Promise<readonly IndexedReport[]> => {
    indexed = await scanReports(store, indexed);
    return newestOfEachIssue(indexed.values());
  };
  return cacheAsync(scan, (tookMs) => Math.min(reuseFactor * tookMs, maxReuseMs));
}

async function scanReports(
  store: PayloadStore,
  indexed: ReadonlyMap<string, IndexedReport>,
): Promise<Map<string, IndexedReport>> {
  const found = new Map<string, IndexedReport>();
  const folders = (await listIssueKeys(store)).values();
  const scanFolders = async (): Promise<void> => {
    for (const folder of folders)
      for (const key of (await skipDenied(reportKeysIn(store, folderOfIssueKey(folder)))) ?? []) {
        const report = indexed.get(key) ?? (await readIndexed(store, folder, key));
        if (report) found.set(key, report);
      }
  };
  await Promise.all(Array.from({ length: concurrency }, scanFolders)); // all share one iterator
  return found;
}

async function readIndexed(
  store: PayloadStore,
  folder: string,
  key: string,
): Promise<IndexedReport | undefined> {
  const head = await skipDenied(readHeadAt(store, key));
  if (!head) return undefined;
  const { issueId, project, outcome, receivedAt, attempt, endedAt } = head;
  return {
    folder,
    key,
    issueId,
    project,
    outcome,
    receivedAt,
    attempt,
    endedMs: Math.max(0, Date.parse(endedAt) || 0),
  };
}

function newestOfEachIssue(reports: Iterable<IndexedReport>): IndexedReport[] {
  const newest = new Map<string, IndexedReport>();
  for (const report of reports) {
    const known = newest.get(report.folder);
    if (!known || byNewest(report, known) < 0) newest.set(report.folder, report);
  }
  return [...newest.values()].sort(byTime);
}

/** Reports that ended at the same instant are sorted by folder, so that a page can start after any report. */
function byTime(a: IndexedReport, b: IndexedReport): number {
  return b.endedMs - a.endedMs || (a.folder < b.folder ? -1 : 1);
}
