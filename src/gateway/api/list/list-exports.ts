import { defined } from '../../../collections/defined';
import type { Client } from '@temporalio/client';
import type { PayloadStore } from '../../../payloads/payload-store';
import type { Links } from '../../links';
import { Refusal } from '../../http/refusal';
import type { ExportList, ExportRow, ListFilter } from '../operator-api';
import { filterConditions } from './filter-conditions';
import { inboxRows } from './inbox-rows';
import { rowFromRun } from './row-from-run';
import { createHasRun } from './has-run';
import { isNewestRun } from './is-newest-run';
import type { ReportIndex } from './report-index';
import { storedRows } from './stored-rows';
import { exportQuery, listRuns, type VisibleRun } from '../runs/visibility';
import type { WorkerWarning } from './worker-warning';

export interface ListDeps {
  readonly client: Client;
  readonly store: PayloadStore;
  readonly links: Links;
  readonly reports: ReportIndex;
  readonly workerWarning: WorkerWarning;
}

/**
 * Maximum pages of Temporal's list read for one page of ours: older runs of an issue are skipped, so a page
 * may come out empty.
 */
const maxPages = 20;

/**
 * Lists a page of exports: Temporal's list first, newest first, then the exports that only the store has. A
 * page token is `t:` or `s:` and the position in that list.
 * @throws {Refusal} 400 when the page token is invalid.
 */
export async function listExports(
  { client, store, links, reports, workerWarning }: ListDeps,
  filter: ListFilter,
): Promise<ExportList> {
  const start = parsePageToken(filter.page);
  const warnings: string[] = [];
  const listed =
    start.kind === 't'
      ? await listFromTemporal({ client, links }, filter, start.token, warnings)
      : { exports: [], next: filter.page };
  const needsStore =
    listed.exports.length < filter.limit && (listed.next === undefined || listed.next.startsWith('s:'));
  const stored = needsStore
    ? await storedRows(
        { hasRun: createHasRun(client, warnings.length === 0), store, links, reports },
        filter,
        storePosition(listed.next),
        filter.limit - listed.exports.length,
      )
    : undefined;
  const next = stored ? (stored.next === undefined ? undefined : `s:${stored.next}`) : (listed.next ?? 's:');
  const warning =
    warnings.length === 0 && filter.page === undefined
      ? await workerWarning().catch(() => undefined)
      : undefined;
  const inbox = filter.page === undefined ? await inboxRows(store, filter) : { notStarted: [], held: [] };
  return {
    exports: [...listed.exports, ...(stored?.rows ?? [])],
    ...defined({ next }),
    ...inbox,
    warnings: warning === undefined ? warnings : [...warnings, warning],
  };
}

async function listFromTemporal(
  { client, links }: Pick<ListDeps, 'client' | 'links'>,
  filter: ListFilter,
  token: string | undefined,
  warnings: string[],
): Promise<{ exports: ExportRow[]; next?: string | undefined }> {
  const exports: ExportRow[] = [];
  let pageToken = token;
  try {
    for (let pages = 0; pages < maxPages; pages += 1) {
      const page = await listRuns(
        client,
        exportQuery(filterConditions(filter)),
        filter.limit - exports.length,
        pageToken,
      );
      const newest = await Promise.all(page.runs.map((run) => isNewestRun(client, run)));
      exports.push(
        ...page.runs
          .filter((run, index) => newest[index] && matches(run, filter))
          .map((run) => rowFromRun(run, links)),
      );
      pageToken = page.next;
      if (pageToken === undefined) return { exports };
      if (exports.length >= filter.limit) break;
    }
    return { exports, next: `t:${pageToken}` };
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 503 || filter.page !== undefined) throw error;
    warnings.push(
      'Temporal does not answer, so running exports cannot be listed. Ended exports are listed from the reports in the store.',
    );
    return { exports };
  }
}

/** Compares the whole texts: Temporal's conditions may match more (see `filterConditions`). */
function matches({ issueId, attributes }: VisibleRun, { project, issue }: ListFilter): boolean {
  return (
    (project === undefined || attributes['AquariumProject'] === project) &&
    (issue === undefined || issueId.startsWith(issue))
  );
}

type PageToken = { readonly kind: 't'; readonly token: string | undefined } | { readonly kind: 's' };

function parsePageToken(page: string | undefined): PageToken {
  if (page === undefined) return { kind: 't', token: undefined };
  if (/^t:[\w-]{1,20000}$/.test(page)) return { kind: 't', token: page.slice(2) };
  if (/^s:(?:\d{1,16}-[a-z0-9_%-]{1,600})?$/.test(page)) return { kind: 's' };
  throw new Refusal(
    400,
    'bad-page',
    'this page of the list is not one that Requeue gave; begin again with the first.',
  );
}

function storePosition(next: string | undefined): string {
  return next?.startsWith('s:') ? next.slice(2) : '';
}
