import { defined } from '../../../collections/defined';
import type { Config } from '../../../config/config';
import { destinationState } from './destination-states';
import type { Client } from '@temporalio/client';
import type { PayloadStore } from '../../../payloads/payload-store';
import type { Dispatcher } from '../../dispatch/dispatcher';
import type { Links } from '../../links';
import { Refusal, refuse } from '../../http/refusal';
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
  readonly destinations: Config['destinations'];
  readonly dispatcher: Pick<Dispatcher, 'settle'>;
}

/**
 * Maximum pages of Temporal's list read for one page of Requeue's. Older runs of an issue are skipped, so
 * without a maximum one page could need the entire list; with it, a page may be empty.
 */
const maxPages = 20;

/** A page of rows. `next` is the token of the next page; absent on the last page. */
interface Listed {
  readonly exports: ExportRow[];
  readonly next?: string | undefined;
  /** States that running exports are missing. Set only when Temporal does not answer. */
  readonly warning?: string;
}

/**
 * Lists a page of exports: Temporal's list first, newest first, then the exports that only the store has. A
 * page token is `t:` (Temporal's list) or `s:` (the store's), followed by the position in that list.
 * @throws {Refusal} 400 when the page token is invalid; 503 when Temporal does not answer for a later page.
 */
export async function listExports(deps: ListDeps, filter: ListFilter): Promise<ExportList> {
  const isFirstPage = filter.page === undefined;
  const { exports, next, warning } = await listRows(deps, filter, parsePageToken(filter.page));
  const workerWarning =
    isFirstPage && warning === undefined ? await deps.workerWarning().catch(() => undefined) : undefined;
  const terminated = new Set(
    exports.filter(({ stage }) => stage === 'terminated').map(({ issueId }) => issueId),
  );
  const inbox = isFirstPage ? await inboxRows(deps, filter, terminated) : { notStarted: [], held: [] };
  const destinations = isFirstPage
    ? await Promise.all(deps.destinations.map(({ name }) => destinationState(deps, name)))
    : [];
  return {
    exports,
    ...defined({ next }),
    ...inbox,
    destinations,
    warnings: [warning, workerWarning].filter((sentence) => sentence !== undefined),
  };
}

/** A page may begin in Temporal's list and end in the store's. */
async function listRows(deps: ListDeps, filter: ListFilter, start: PageToken): Promise<Listed> {
  if (start.kind === 's') return listFromStore(deps, filter, start.position, filter.limit, true);
  const listed = await listFromTemporal(deps, filter, start.token);
  if (listed.next !== undefined) return listed;
  const room = filter.limit - listed.exports.length;
  if (room === 0) return { ...listed, next: 's:' };
  const stored = await listFromStore(deps, filter, '', room, listed.warning === undefined);
  return { ...listed, exports: [...listed.exports, ...stored.exports], next: stored.next };
}

async function listFromStore(
  { client, store, links, reports }: ListDeps,
  filter: ListFilter,
  position: string,
  limit: number,
  isTemporalReachable: boolean,
): Promise<Listed> {
  const hasRun = createHasRun(client, isTemporalReachable);
  const { rows, next } = await storedRows({ hasRun, store, links, reports }, filter, position, limit);
  return { exports: rows, next: next === undefined ? undefined : `s:${next}` };
}

async function listFromTemporal(
  { client, store, links }: ListDeps,
  filter: ListFilter,
  token: string | undefined,
): Promise<Listed> {
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
      const shown = page.runs.filter((run, index) => newest[index] && matches(run, filter));
      exports.push(...(await Promise.all(shown.map((run) => rowFromRun({ store, links }, run)))));
      pageToken = page.next;
      if (pageToken === undefined) return { exports };
      if (exports.length >= filter.limit) break;
    }
    return { exports, next: `t:${pageToken}` };
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 503 || filter.page !== undefined) throw error;
    return { exports, warning: noTemporalWarning };
  }
}

const noTemporalWarning =
  'Temporal does not answer, so running exports cannot be listed. ' +
  'Ended exports are listed from the reports in the store.';

/** Compares the complete values, because Temporal's conditions may match more (see `filterConditions`). */
function matches({ issueId, attributes }: VisibleRun, { project, issue }: ListFilter): boolean {
  return (
    (project === undefined || attributes['AquariumProject'] === project) &&
    (issue === undefined || issueId.startsWith(issue))
  );
}

/** `t`: in Temporal's list; `s`: in the store's list. */
type PageToken =
  | { readonly kind: 't'; readonly token: string | undefined }
  | { readonly kind: 's'; readonly position: string };

function parsePageToken(page: string | undefined): PageToken {
  if (page === undefined) return { kind: 't', token: undefined };
  if (/^t:[\w-]{1,20000}$/.test(page)) return { kind: 't', token: page.slice(2) };
  if (/^s:(?:\d{1,16}-[a-z0-9_%-]{1,600})?$/.test(page)) return { kind: 's', position: page.slice(2) };
  throw refuse('bad-page', 'Requeue');
}
