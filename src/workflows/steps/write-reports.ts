import type { WriteReportInput, WrittenReport } from '../../activities/contracts';
import type { AttemptRef } from '../../domain/attempt-ref';
import type { LogEntry } from '../../domain/decision-log';
import type { ExportRequest } from '../../domain/request';
import { utf8Length } from '../../text/cut';
import type { Run } from '../state/run';
import { writeReport } from './activity-options';

type EndedReport = Extract<WriteReportInput, { kind: 'ended' }>;
type NeverPlannedReport = Extract<WriteReportInput, { kind: 'never-planned' }>;

/** Maximum request ids in one `writeReport`: its argument stays under 10 KB. */
const maxIdsPerCall = 60;
/** Maximum request ids beside a long issue id, which may have 2,048 bytes and is twice in the argument. */
const maxIdsBesideLongId = 10;
/** An issue id is long if it has more UTF-16 units than this. */
const longIssueId = 200;
/** Maximum bytes of the argument of `writeReport` as JSON, so that it stays under 10 KB. */
const argumentBytes = 9500;

/**
 * Writes the report of an attempt with the newest log entries that fit. Adds ids that don't fit afterwards.
 */
export async function writeEndedReport(run: Run, report: EndedReport): Promise<WrittenReport> {
  const { request, also, ref, log } = report;
  const max = maxIds(request);
  const input = { ...report, also: also.slice(0, max), log: [] };
  const written = await writeReport({ ...input, log: newestThatFit(log, input) });
  await addDuplicates(run, ref, also.slice(max));
  return written;
}

/** Writes the report of a request without an attempt; ids that don't fit get reports of their own. */
export async function writeNeverPlannedReport(report: NeverPlannedReport): Promise<void> {
  const { request, also } = report;
  const max = maxIds(request);
  await writeReport({ ...report, also: also.slice(0, max) });
  for (let from = max; from < also.length; from += max)
    await writeReport({ ...report, also: also.slice(from, from + max) });
}

/** Adds request ids to the report of an attempt. */
export async function addDuplicates(run: Run, ref: AttemptRef, requestIds: readonly string[]): Promise<void> {
  for (let from = 0; from < requestIds.length; from += maxIdsPerCall)
    await writeReport({ kind: 'duplicates', ref, requestIds: requestIds.slice(from, from + maxIdsPerCall) });
  run.rememberReported(requestIds);
}

function newestThatFit(log: readonly LogEntry[], input: EndedReport): readonly LogEntry[] {
  let room = argumentBytes - utf8Length(JSON.stringify(input));
  const fitting: LogEntry[] = [];
  for (const entry of log.toReversed()) {
    room -= utf8Length(JSON.stringify(entry)) + 1;
    if (room < 0) break;
    fitting.unshift(entry);
  }
  return fitting;
}

function maxIds({ issueId }: ExportRequest): number {
  return issueId.length > longIssueId ? maxIdsBesideLongId : maxIdsPerCall;
}
