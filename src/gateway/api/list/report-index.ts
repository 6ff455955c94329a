import { exportsFolder, folderOfIssueKey } from '../../../payloads/keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import { readHeadAt, type ReportHead, reportKeysIn } from '../../../payloads/report-head';
import { cacheAsync } from '../../../collections/cache-async';

/** Where the newest report of an issue stands among all, and what a list chooses by: a few hundred bytes an issue. */
export interface IndexedReport extends Pick<ReportHead, 'issueId' | 'project' | 'outcome'> {
  /** Of the issue, as the store names it. */
  readonly folder: string;
  readonly key: string;
  /** ms since 1970; 0 in a report that says none. */
  readonly endedMs: number;
}

/** Each issue that has a report, by its newest one, what ended last first. */
export type ReportIndex = () => Promise<readonly IndexedReport[]>;

/** Issues looked at together. */
const atOnce = 16;
/** How many times as long as looking took, its result is used: looking again and again takes a twentieth of the time. */
const restFor = 20;
/** But no longer, in ms: the first look reads every report, and takes longer than those after it. */
const restsAtMost = 10_000;

/**
 * The reports of a store, in memory. A report does not change once it is there (but for the requests that it answers), so each is
 * read once; to see new ones, folders alone are listed.
 */
export function createReportIndex(store: PayloadStore): ReportIndex {
  let seen: ReadonlyMap<string, IndexedReport> = new Map();
  const look = async (): Promise<readonly IndexedReport[]> =>
    newestOfEach((seen = await lookThrough(store, seen)).values());
  return cacheAsync(look, (tookMs) => Math.min(restFor * tookMs, restsAtMost));
}

/** By the report's key; what is gone is forgotten. */
async function lookThrough(
  store: PayloadStore,
  before: ReadonlyMap<string, IndexedReport>,
): Promise<Map<string, IndexedReport>> {
  const found = new Map<string, IndexedReport>();
  const folders = (await store.list(exportsFolder)).values();
  const look = async (): Promise<void> => {
    for (const folder of folders)
      for (const key of await reportKeysIn(store, folderOfIssueKey(folder))) {
        const report = before.get(key) ?? (await indexed(store, folder, key));
        if (report) found.set(key, report);
      }
  };
  await Promise.all(Array.from({ length: atOnce }, look)); // all take from the same iterator
  return found;
}

async function indexed(store: PayloadStore, folder: string, key: string): Promise<IndexedReport | undefined> {
  const head = await readHeadAt(store, key);
  if (!head) return undefined;
  const { issueId, project, outcome, endedAt } = head;
  return { folder, key, issueId, project, outcome, endedMs: Math.max(0, Date.parse(endedAt) || 0) };
}

function newestOfEach(reports: Iterable<IndexedReport>): IndexedReport[] {
  const newest = new Map<string, IndexedReport>();
  for (const report of reports)
    if (report.endedMs >= (newest.get(report.folder)?.endedMs ?? 0)) newest.set(report.folder, report);
  return [...newest.values()].sort(byTime);
}

/** By folder where the time is the same, so that a page can go on from any place. */
function byTime(a: IndexedReport, b: IndexedReport): number {
  return b.endedMs - a.endedMs || (a.folder < b.folder ? -1 : 1);
}
