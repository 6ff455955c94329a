import { defined } from '../../../collections/defined';
import { noLabels } from '../../../domain/label-outcome';
import type { Client } from '@temporalio/client';
import type { Config } from '../../../config/config';
import { listDecisionProofs } from '../../../payloads/decision-proofs';
import { listDroppedRequests } from '../../../payloads/dropped-requests';
import { inboxEntriesForIssue } from '../../../payloads/inbox-entry';
import { issueFolder } from '../../../payloads/keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import { type ReportHead, reportHeadsIn } from '../../../payloads/report-head';
import { isOpenRun } from '../../../temporal/open-run';
import { exportWorkflowId } from '../../../temporal/names';
import type { Progress } from '../../../workflows/messages';
import type { Dispatcher } from '../../dispatch/dispatcher';
import { queryProgress } from '../runs/query-progress';
import { Refusal } from '../../http/refusal';
import type { Links } from '../../links';
import { chunkRefusals } from './chunk-refusals';
import { toInboxRow } from '../list/inbox-rows';
import { hasEnded } from '../runs/has-ended';
import { findNewestRun, type NewestRun } from '../runs/find-newest-run';
import { destinationState } from '../list/destination-states';
import type { DestinationState, ExportDetail, ReportSummary } from '../operator-api';
import { planDetail } from './plan-detail';
import { progressFromReport } from './progress-from-report';

export interface ShowDeps {
  readonly client: Client;
  readonly store: PayloadStore;
  readonly links: Links;
  readonly destinations: Config['destinations'];
  readonly dispatcher: Pick<Dispatcher, 'settle'>;
}

const reportsShown = 50;

/**
 * Shows one issue's export. For a running export, the worker is queried; for an ended export, the store is
 * read.
 * @returns undefined when neither Temporal nor the store has an export of the issue.
 * @throws {Refusal} 409 when Temporal itself paused the run; 503 when an export runs and no worker answers, or
 *   when Temporal does not answer and the store has no report.
 */
export async function showExport(deps: ShowDeps, issueId: string): Promise<ExportDetail | undefined> {
  const { client, store, links } = deps;
  const reports = await reportHeadsIn(store, issueFolder(issueId));
  const run = await findRun(client, issueId, reports);
  const inbox = await readInboxRows(deps, issueId, run !== undefined);
  const dropped = await readDroppedRows(store, issueId, inbox, reports);
  const progress =
    (await readHeldProgress(client, run, inbox, reports)) ??
    (await readProgress(client, issueId, run, reports)) ??
    progressFromRequests(inbox, dropped);
  if (!progress) return undefined;
  const { revision, attempt, workflowId } = progress;
  const { plan: _digits, ...progressWithoutPlan } = progress; // the plan's own `plan` replaces it
  const { plan, planFault } =
    attempt === undefined ? {} : await planDetail(deps, { issueId, revision, attempt });
  return {
    ...progressWithoutPlan,
    ...defined({
      delivery: findDelivery(revision, [...inbox, ...dropped, ...reports]),
      plan,
      planFault: progress.isOpen ? planFault : undefined,
      destinationState: await openDestinationState(deps, progress),
    }),
    decisions: await listDecisionProofs(store, issueId),
    refusals: attempt === undefined ? [] : await chunkRefusals(store, { issueId, revision, attempt }),
    reports: reports.slice(0, reportsShown).map((report) => summarizeReport(report, links)),
    inbox,
    dropped,
    links: { self: links.self(issueId), temporal: links.temporal(workflowId) },
  };
}

/** The sha256 of the body whose export is shown. */
function findDelivery(
  revision: string,
  known: readonly { readonly revision: string; readonly sha256: string }[],
): string | undefined {
  return known.find((request) => request.revision === revision)?.sha256;
}

/** Undefined for an ended export, and for a destination that is neither paused nor waits. */
async function openDestinationState(
  deps: ShowDeps,
  { isOpen, destination }: ExportProgress,
): Promise<DestinationState | undefined> {
  if (!isOpen || destination === '') return undefined;
  const state = await destinationState(deps, destination);
  return state.paused || state.waits ? state : undefined;
}

type ExportProgress = Progress & Pick<ExportDetail, 'workflowId' | 'isOpen' | 'source' | 'pending'>;

async function findRun(
  client: Client,
  issueId: string,
  reports: readonly ReportHead[],
): Promise<NewestRun | undefined> {
  return findNewestRun(client, issueId).catch((error: unknown) => {
    if (reports.length > 0) return undefined; // without Temporal an ended export is shown from its report
    throw error;
  });
}

async function readProgress(
  client: Client,
  issueId: string,
  run: NewestRun | undefined,
  [report]: readonly ReportHead[],
): Promise<ExportProgress | undefined> {
  const isOpen = run !== undefined && isOpenRun(run);
  if (!isOpen && report) {
    const workflowId = run?.workflowId ?? exportWorkflowId(issueId);
    return {
      ...progressFromReport(report),
      workflowId,
      isOpen,
      source: run ? 'temporal' : 'store',
      pending: [],
    };
  }
  if (!run) return undefined;
  const { workflowId, pending } = run;
  const progress = await (isOpen ? queryProgress(client, workflowId) : queryClosedRun(client, workflowId));
  return (
    progress && {
      ...progress,
      workflowId,
      isOpen: isOpen && !hasEnded(progress),
      source: 'temporal',
      pending,
    }
  );
}

/**
 * A held request that came after the newest report is what an operator has to act on, so the export is shown as that
 * request left it.
 * @returns undefined when a run is open, or when there is no such request.
 */
async function readHeldProgress(
  client: Client,
  run: NewestRun | undefined,
  inbox: ExportDetail['inbox'],
  [report]: readonly ReportHead[],
): Promise<ExportProgress | undefined> {
  const held = inbox.findLast((row) => row.held !== undefined);
  if (!held || (run && isOpenRun(run)) || (report && report.receivedAt >= held.receivedAt)) return undefined;
  const ofRun = run && (await queryClosedRun(client, run.workflowId));
  if (!run || !ofRun || ofRun.outcome !== undefined || ofRun.revision !== held.revision)
    return progressFromRequests([held], []);
  return { ...ofRun, workflowId: run.workflowId, isOpen: false, source: 'temporal', pending: run.pending };
}

/** A closed run without a report still answers queries, but its page must not need a worker. */
async function queryClosedRun(client: Client, workflowId: string): Promise<Progress | undefined> {
  return queryProgress(client, workflowId).catch((error: unknown) => {
    if (error instanceof Refusal && error.status === 503) return undefined;
    throw error;
  });
}

/**
 * The progress of a request without a run: the link in a 202 must open a page immediately, and the page of a
 * dropped request must say why.
 */
function progressFromRequests(
  inbox: ExportDetail['inbox'],
  dropped: ExportDetail['dropped'],
): ExportProgress | undefined {
  const newest = inbox.at(-1) ?? dropped.at(-1);
  if (!newest) return undefined;
  const { issueId, issueName, project, revision } = newest;
  return {
    issueId,
    issueName,
    project,
    revision,
    stage: 'preparing',
    destination: '',
    leftOut: {},
    queued: Math.max(0, inbox.length - 1),
    log: [],
    labels: noLabels,
    chunks: { total: 0, done: 0 },
    approval: { needed: false, upTo: 0 },
    workflowId: exportWorkflowId(issueId),
    isOpen: false,
    source: 'store',
    pending: [],
  };
}

function summarizeReport(report: ReportHead, links: Links): ReportSummary {
  const { issueId, revision, attempt, outcome, receivedAt, endedAt, counts, decisions } = report;
  const { reason, warnings } = report;
  return {
    revision,
    attempt,
    outcome,
    receivedAt,
    endedAt,
    labels: counts,
    decisions,
    ...defined({ reason, warnings }),
    links: {
      json: links.report(issueId, revision, attempt, 'json'),
      csv: links.report(issueId, revision, attempt, 'csv'),
    },
  };
}

/** @param hasRun whether Temporal answered with a run. Without one, no entry's run can be terminated. */
async function readInboxRows(
  { store, dispatcher }: ShowDeps,
  issueId: string,
  hasRun: boolean,
): Promise<ExportDetail['inbox']> {
  const rows: ExportDetail['inbox'][number][] = [];
  for (const entry of await inboxEntriesForIssue(store, issueId)) {
    const isSettled = entry.handOver.held === undefined && !hasRun;
    const settled = isSettled ? entry : await dispatcher.settle(entry);
    if (settled) rows.push({ ...toInboxRow(settled.request), ...defined({ held: settled.handOver.held }) });
  }
  return rows;
}

/** Leaves out a record whose request was released in the same moment: it is in the inbox, or has a report. */
async function readDroppedRows(
  store: PayloadStore,
  issueId: string,
  inbox: ExportDetail['inbox'],
  reports: readonly ReportHead[],
): Promise<ExportDetail['dropped']> {
  const isAlive = (requestId: string): boolean =>
    inbox.some((row) => row.requestId === requestId) ||
    reports.some(({ requests }) => requests.includes(requestId));
  return (await listDroppedRequests(store, issueId))
    .filter(({ request }) => !isAlive(request.requestId))
    .map(({ request, held, by, reason, at }) => ({
      ...toInboxRow(request),
      held,
      ...defined({ by }),
      reason,
      at,
    }));
}
