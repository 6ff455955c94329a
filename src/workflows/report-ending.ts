import type { PreparedDuplicate, PreparedFailure, WriteReportInput } from '../activities/contracts';
import type { LogEntry } from '../domain/decision-log';
import { olderThan, type Queued, without } from '../domain/queue';
import type { ExportRequest } from '../domain/request';
import type { Outcome } from '../domain/stage';
import { cutToBytes } from '../domain/text';
import { writeReport } from './activity-options';
import { labelsDone } from './counts';
import { tellEnd, tellFailure } from './notices';
import type { Run } from './run';
import { labelCountPair } from './search-attribute-pairs';

/** How an export ended, and why, as its report says. */
export interface Ending {
  readonly outcome: Outcome;
  readonly reason?: string;
}

/** Request ids in one `writeReport`, at most: its argument stays under 10 KB, also with an issue id of 2,048 bytes in it twice. */
const idsAtOnce = 60;
const idsAtOnceBesideLongId = 10;
const longIssueId = 200;
/** Log entries in a report, and their bytes, at most; as above. */
const logEntries = 10;
const logEntryBytes = 200;

/** Writes the report of the current export; its inbox entries are gone afterwards. */
export async function reportEnding(run: Run, ending: Ending): Promise<void> {
  const { current } = run;
  if (!current) return;
  run.ending = true;
  const { request, also, plan } = current;
  const most = idsFor(request);
  const decisions = current.decisions ?? [];
  const first = also.slice(0, most);
  const written = await writeReport({ kind: 'ended', request, also: first, ref: plan.ref, log: logOf(run), decisions, ...ending });
  await addDuplicates(run, plan.ref, also.slice(most));
  run.remember([request.requestId, ...also]);
  await supersedeOlder(run, request);
  run.setStage(written.outcome, [labelCountPair('ExportLabelsDone', labelsDone(current))]);
  tellEnd(run, current, written.outcome, ending.reason);
  run.last = current;
  run.current = undefined;
  run.ending = false;
}

/** A request that sent nothing and never will: superseded in the queue, or cancelled while its plan was made. */
export async function reportUnsent(run: Run, queued: Queued, outcome: Outcome, reason: string): Promise<void> {
  const ended = { request: queued.request, also: queued.also.slice(0, idsFor(queued.request)), outcome, reason, log: [] };
  const { issueId, revision } = queued.request;
  const { plannedAttempt } = queued;
  const input: WriteReportInput =
    plannedAttempt === undefined
      ? { kind: 'never-planned', ...ended }
      : { kind: 'ended', ref: { issueId, revision, attempt: plannedAttempt }, ...ended };
  await finishQueued(run, queued, input);
  if (outcome === 'cancelled') run.setStage(outcome);
}

/** Queued requests of the same project that were received before `newer`, which has a plan: they send nothing. */
export async function supersedeOlder(run: Run, newer: ExportRequest): Promise<void> {
  for (const older of olderThan(run.queue, newer)) {
    await reportUnsent(run, older, 'superseded', `It was superseded by revision ${newer.revision}.`);
  }
}

/** No plan could be made. */
export async function reportFailed(run: Run, queued: Queued, failed: PreparedFailure): Promise<void> {
  run.note(`Revision ${queued.request.revision} failed: ${failed.reason}`);
  await finishQueued(run, queued, {
    kind: 'ended',
    request: queued.request,
    also: queued.also.slice(0, idsFor(queued.request)),
    ref: failed.ref,
    outcome: 'failed',
    reason: failed.reason,
    log: logOf(run),
  });
  tellFailure(run, queued.request, failed);
  if (!run.current) run.setStage('failed');
}

/** The request is answered by a report that is there: its ids are added to it. */
export async function reportDuplicate(run: Run, queued: Queued, duplicate: PreparedDuplicate): Promise<void> {
  await addDuplicates(run, duplicate.ref, [queued.request.requestId, ...queued.also]);
  dropQueued(run, queued);
  if (!run.current) run.setStage(duplicate.outcome);
}

async function finishQueued(run: Run, queued: Queued, input: WriteReportInput): Promise<void> {
  run.queue = without(run.queue, queued);
  run.remember([queued.request.requestId, ...queued.also]);
  await writeReport(input);
  const most = idsFor(queued.request);
  const rest = queued.also.slice(most);
  if (rest.length > 0 && input.kind === 'ended') await addDuplicates(run, input.ref, rest);
  else
    for (let from = 0; from < rest.length && input.kind === 'never-planned'; from += most) {
      await writeReport({ ...input, also: rest.slice(from, from + most) });
    }
  run.taken = undefined;
}

async function addDuplicates(run: Run, ref: PreparedDuplicate['ref'], requestIds: readonly string[]): Promise<void> {
  for (let from = 0; from < requestIds.length; from += idsAtOnce) {
    await writeReport({ kind: 'duplicates', ref, requestIds: requestIds.slice(from, from + idsAtOnce) });
  }
  run.remember(requestIds);
}

function dropQueued(run: Run, queued: Queued): void {
  run.queue = without(run.queue, queued);
  run.taken = undefined;
}

function logOf(run: Run): LogEntry[] {
  return run.log.slice(-logEntries).map(({ at, text }) => ({ at, text: cutToBytes(text, logEntryBytes) }));
}

function idsFor({ issueId }: ExportRequest): number {
  return issueId.length > longIssueId ? idsAtOnceBesideLongId : idsAtOnce;
}
