import type { WriteReportInput, WrittenReport } from '../../activities/contracts';
import type { AttemptRef } from '../../domain/attempt-ref';
import type { LogEntry } from '../../domain/decision-log';
import type { ExportRequest } from '../../domain/request';
import { utf8Length } from '../../text/cut';
import type { Run } from '../state/run';
import { writeReport } from './activity-options';

type EndedReport = Extract<WriteReportInput, { kind: 'ended' }>;
type NeverPlannedReport = Extract<WriteReportInput, { kind: 'never-planned' }>;

/** Request ids in one `writeReport`: its argument stays under 10 KB. */
const idsAtOnce = 60;
/** The same beside a long issue id: the argument has the id twice, and an id may have 2,048 bytes. */
const idsAtOnceBesideLongId = 10;
/** UTF-16 units of an issue id from which it is long, for the same reason. */
const longIssueId = 200;
/** Bytes of an argument of `writeReport` as JSON, for the same reason. */
const argumentBytes = 9500;

/** Writes the report of an attempt, with the newest log entries that fit, and adds the ids that don't fit. */
export async function writeEndedReport(run: Run, report: EndedReport): Promise<WrittenReport> {
  const { request, also, ref, log } = report;
  const max = maxIds(request);
  const input = { ...report, also: also.slice(0, max), log: [] };
  const written = await writeReport({ ...input, log: newestThatFit(log, input) });
  await addDuplicates(run, ref, also.slice(max));
  return written;
}

/** Writes the report of a request without an attempt; ids that don't fit get further reports. */
export async function writeNeverPlannedReport(report: NeverPlannedReport): Promise<void> {
  const { request, also } = report;
  const max = maxIds(request);
  await writeReport({ ...report, also: also.slice(0, max) });
  for (let from = max; from < also.length; from += max)
    await writeReport({ ...report, also: also.slice(from, from + max) });
}

/** Adds request ids to the report of an attempt. */
export async function addDuplicates(run: Run, ref: AttemptRef, requestIds: readonly string[]): Promise<void> {
  for (let from = 0; from < requestIds.length; from += idsAtOnce)
    await writeReport({ kind: 'duplicates', ref, requestIds: requestIds.slice(from, from + idsAtOnce) });
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
  return issueId.length > longIssueId ? idsAtOnceBesideLongId : idsAtOnce;
}
