import type {
  PreparedDuplicate,
  PreparedFailure,
  WriteReportInput,
  WrittenReport,
} from '../../activities/contracts';
import type { CurrentExport } from '../state/carried';
import type { LogEntry } from '../../domain/decision-log';
import { olderThan, type Queued, without } from '../../domain/queue';
import { byReceivedAt, type ExportRequest } from '../../domain/request';
import { isAbout } from '../../domain/decision';
import { isOutcome, type Outcome } from '../../domain/stage';
import { utf8Length } from '../../text/cut';
import { writeReport } from './activity-options';
import { labelsDone, pickOutcomes } from '../../domain/label-outcome';
import { dropPendingDecisions } from '../decide/decide';
import { hasBegun, refreshQueued } from './prepare';
import { notifyEnd, notifyFailure } from './notices';
import type { Run } from '../state/run';
import { labelCountPair } from '../state/search-attribute-pairs';

/** How an export ended, and why, as its report says. */
export interface Ending {
  readonly outcome: Outcome;
  readonly reason?: string;
}

/** Request ids in one `writeReport`, at most: its argument stays under 10 KB, also with an issue id of 2,048 bytes in it twice. */
const idsAtOnce = 60;
const idsAtOnceBesideLongId = 10;
const longIssueId = 200;
/** Bytes of the argument of `writeReport` as JSON, at most; as above. */
const argumentBytes = 9500;

/** Writes the report of the current export; its inbox entries are gone afterwards. */
export async function reportEnding(run: Run, ending: Ending): Promise<void> {
  closeQuestion(run);
  const { current } = run;
  if (!current) return;
  run.ending = true;
  run.verdict = undefined;
  const { request, also, plan, policyApproval } = current;
  const most = idsFor(request);
  const first = also.slice(0, most);
  const policy = policyApproval ? { policyApproval } : {};
  const written = await writeReport(
    withLog(run, { kind: 'ended', request, also: first, ref: plan.ref, log: [], ...policy, ...ending }),
  );
  await addDuplicates(run, plan.ref, also.slice(most));
  run.remember([request.requestId, ...also]);
  dropPendingDecisions(run, request.sha256);
  if (run.pause?.by === 'service') run.pause = undefined; // what this destination refused is no reason to stop the next export
  await supersedeOlder(run, request);
  const outcome = isOutcome(written.outcome) ? written.outcome : ending.outcome; // also when its answer cannot be decoded
  const reported = asReported(current, written);
  run.setStage(outcome, [labelCountPair('ExportLabelsDone', labelsDone(reported.counts))]);
  notifyEnd(run, reported, outcome, ending.reason);
  run.last = reported;
  run.current = undefined;
  run.ending = false;
}

/** The report has read every receipt: what it counted is the truth. */
function asReported(current: CurrentExport, { labels }: WrittenReport): CurrentExport {
  if (labels?.planned !== current.plan.labels) return current; // its answer cannot be decoded
  return { ...current, counts: pickOutcomes(labels) };
}

/** Nothing is asked about the current export any more. */
export function closeQuestion(run: Run): void {
  if (!run.current?.asking) return;
  const { asking: _answered, ...current } = run.current;
  run.current = current;
  run.last = current;
}

/** A request that sent nothing and never will: superseded in the queue, or cancelled while its plan was made. */
export async function reportUnsent(
  run: Run,
  queued: Queued,
  outcome: Outcome,
  reason: string,
): Promise<void> {
  const ended = {
    request: queued.request,
    also: queued.also.slice(0, idsFor(queued.request)),
    outcome,
    reason,
    log: [],
  };
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
  for (let older = nextOlder(run, newer); older; older = nextOlder(run, newer)) {
    if (await hasBegun(older)) run.begun = [...run.begun, older.request.requestId];
    else
      await reportUnsent(
        run,
        refreshQueued(run, older),
        'superseded',
        `It was superseded by revision ${newer.revision}.`,
      );
    if (run.current && !run.ending && run.mustContinueAsNew) await run.continueAsNew(); // the new run goes on with the rest
  }
}

/** The oldest request that may be superseded: neither begun nor approved by its revision. */
function nextOlder(run: Run, newer: ExportRequest): Queued | undefined {
  return olderThan(run.queue, newer).find(
    ({ request }) => !run.begun.includes(request.requestId) && !isApproved(run, request),
  );
}

/** An early approval is for the newest request with this body. */
function isApproved({ pendingDecisions, queue }: Run, request: ExportRequest): boolean {
  const isNewest = !queue.some(
    ({ request: other }) => other.sha256 === request.sha256 && byReceivedAt(other, request) > 0,
  );
  return (
    isNewest &&
    pendingDecisions.some(({ kind, revision }) => kind === 'approve' && isAbout(revision, request.sha256))
  );
}

/** No plan could be made. */
export async function reportFailed(run: Run, queued: Queued, failed: PreparedFailure): Promise<void> {
  run.addLogEntry(`Revision ${queued.request.revision} failed: ${failed.reason}`);
  const { request } = queued;
  const also = queued.also.slice(0, idsFor(request));
  const ended = {
    kind: 'ended',
    request,
    also,
    ref: failed.ref,
    outcome: 'failed',
    reason: failed.reason,
    log: [],
  } as const;
  await finishQueued(run, queued, withLog(run, ended));
  notifyFailure(run, queued.request, failed);
  if (!run.current) run.setStage('failed');
}

/** The request is answered by a report that is there: its ids are added to it. */
export async function reportDuplicate(run: Run, queued: Queued, duplicate: PreparedDuplicate): Promise<void> {
  run.queue = without(run.queue, queued); // before it is reported: a repetition that comes meanwhile has an entry of its own
  await addDuplicates(run, duplicate.ref, [queued.request.requestId, ...queued.also]);
  dropPendingDecisions(run, queued.request.sha256);
  if (run.taken?.requestId === queued.request.requestId) run.taken = undefined;
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
  if (!run.queue.some(({ request }) => request.sha256 === queued.request.sha256))
    dropPendingDecisions(run, queued.request.sha256);
  if (run.taken?.requestId === queued.request.requestId) run.taken = undefined;
}

async function addDuplicates(
  run: Run,
  ref: PreparedDuplicate['ref'],
  requestIds: readonly string[],
): Promise<void> {
  for (let from = 0; from < requestIds.length; from += idsAtOnce) {
    await writeReport({ kind: 'duplicates', ref, requestIds: requestIds.slice(from, from + idsAtOnce) });
  }
  run.remember(requestIds);
}

/** With as much of the log's end as the argument has room for; the decisions that counted are in the store. */
function withLog(run: Run, input: Extract<WriteReportInput, { kind: 'ended' }>): WriteReportInput {
  let room = argumentBytes - utf8Length(JSON.stringify(input));
  const log: LogEntry[] = [];
  for (const entry of run.log.toReversed()) {
    room -= utf8Length(JSON.stringify(entry)) + 1;
    if (room < 0) break;
    log.unshift(entry);
  }
  return { ...input, log };
}

function idsFor({ issueId }: ExportRequest): number {
  return issueId.length > longIssueId ? idsAtOnceBesideLongId : idsAtOnce;
}
