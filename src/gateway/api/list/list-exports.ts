import { defined } from '../../../collections/defined';
import type { Client } from '@temporalio/client';
import type { PayloadStore } from '../../../payloads/payload-store';
import type { Links } from '../../links';
import { Refusal, refuse } from '../../http/refusal';
import type { ExportList, ExportRow, ListFilter } from '../operator-api';
import { filterConditions } from './filter-conditions';
import { inboxRows } from './inbox-rows';
import { toExportRow } from './export-row';
import { createIsKnown } from './is-known';
import { isNewestRun } from './newest-run';
import type { ReportIndex } from './report-index';
import { storedRows } from './stored-rows';
import { exportQuery, listVisible, type VisibleRun } from './visibility';
import type { WorkerWarning } from './worker-warning';

export interface ListDeps {
  readonly client: Client;
  readonly store: PayloadStore;
  readonly links: Links;
  readonly reports: ReportIndex;
  readonly workerWarning: WorkerWarning;
}

/** Pages of Temporal's list that are looked through for one of ours: old runs of an issue are passed over. */
const pagesAtMost = 20;

/**
 * A page of exports: Temporal's list first, newest first, then what only the store knows. A page's mark is `t:` or `s:` and where
 * to go on. @throws {Refusal} 400 for a mark that is none.
 */
export async function listExports(
  { client, store, links, reports, workerWarning }: ListDeps,
  filter: ListFilter,
): Promise<ExportList> {
  const at = parsePageToken(filter.page);
  const warnings: string[] = [];
  const listed =
    at.kind === 't'
      ? await fromTemporal({ client, links }, filter, at.token, warnings)
      : { exports: [], next: filter.page };
  const rest =
    listed.exports.length < filter.limit && (listed.next === undefined || listed.next.startsWith('s:'));
  const stored = rest
    ? await storedRows(
        { isKnown: createIsKnown(client, warnings.length === 0), store, links, reports },
        filter,
        storeToken(listed.next),
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

async function fromTemporal(
  { client, links }: Pick<ListDeps, 'client' | 'links'>,
  filter: ListFilter,
  token: string | undefined,
  warnings: string[],
): Promise<{ exports: ExportRow[]; next?: string | undefined }> {
  const exports: ExportRow[] = [];
  let mark = token;
  try {
    for (let pages = 0; pages < pagesAtMost; pages += 1) {
      const page = await listVisible(
        client,
        exportQuery(filterConditions(filter)),
        filter.limit - exports.length,
        mark,
      );
      const newest = await Promise.all(page.runs.map((run) => isNewestRun(client, run)));
      exports.push(
        ...page.runs
          .filter((run, at) => newest[at] && isAskedFor(run, filter))
          .map((run) => toExportRow(run, links)),
      );
      mark = page.next;
      if (mark === undefined) return { exports };
      if (exports.length >= filter.limit) break;
    }
    return { exports, next: `t:${mark}` };
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 503 || filter.page !== undefined) throw error;
    warnings.push(
      'Temporal does not answer: what runs cannot be listed now. Ended exports come from the reports in the store.',
    );
    return { exports };
  }
}

/** Temporal was asked for what it can compare; the texts whole. */
function isAskedFor({ issueId, attributes }: VisibleRun, { project, issue }: ListFilter): boolean {
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
  throw refuse('bad-page', 'Requeue');
}

function storeToken(next: string | undefined): string {
  return next?.startsWith('s:') ? next.slice(2) : '';
}
