import type { LogEntry, PreparedDuplicate, PreparedFailure, WriteReportInput } from '../activities/contracts';
import { olderThan, type Queued, without } from '../domain/queue';
import type { ExportRequest } from '../domain/request';
import type { Outcome } from '../domain/stage';
import { writeReport } from './activity-options';
import { labelsDone } from './counts';
import type { Run } from './run';
import { labelCountPair } from './search-attribute-pairs';

/** How an export ended, and why, as its report says. */
export interface Ending {
  readonly outcome: Outcome;
  readonly reason?: string;
}

/** Request ids in one `writeReport`, at most: its argument stays under 10 KB. */
const idsAtOnce = 100;
/** Log entries in a report, at most; as above. */
const logEntries = 20;

/** Writes the report of the current export; its inbox entries are gone afterwards. */
export async function reportEnding(run: Run, ending: Ending): Promise<void> {
  const { current } = run;
  if (!current) return;
  run.ending = true;
  const { request, also, plan } = current;
  const written = await writeReport({ kind: 'ended', request, also: also.slice(0, idsAtOnce), ref: plan.ref, log: logOf(run), ...ending });
  await addDuplicates(run, plan.ref, also.slice(idsAtOnce));
  run.remember([request.requestId, ...also]);
  await supersedeOlder(run, request);
  run.setStage(written.outcome, [labelCountPair('ExportLabelsDone', labelsDone(current))]);
  run.last = current;
  run.current = undefined;
  run.ending = false;
}

/** A request that sent nothing and never will: superseded in the queue, or cancelled while its plan was made. */
export async function reportUnsent(run: Run, queued: Queued, outcome: Outcome, reason: string): Promise<void> {
  const ended = { request: queued.request, also: queued.also.slice(0, idsAtOnce), outcome, reason, log: [] };
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
    also: queued.also.slice(0, idsAtOnce),
    ref: failed.ref,
    outcome: 'failed',
    reason: failed.reason,
    log: logOf(run),
  });
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
  const rest = queued.also.slice(idsAtOnce);
  if (rest.length > 0 && input.kind === 'ended') await addDuplicates(run, input.ref, rest);
  else
    for (let from = 0; from < rest.length && input.kind === 'never-planned'; from += idsAtOnce) {
      await writeReport({ ...input, also: rest.slice(from, from + idsAtOnce) });
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
  return run.log.slice(-logEntries);
}
