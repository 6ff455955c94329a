import type { ReportHead } from '../../../payloads/report-head';
import type { Progress } from '../../../workflows/messages';

/** Rebuilds the last answer to `progress` from an ended export's report. */
export function progressFromReport(report: ReportHead): Progress {
  const {
    issueId,
    issueName,
    project,
    revision,
    attempt,
    outcome,
    destination = '',
    counts,
    chunks = { total: 0, done: 0 },
    leftOutCounts,
    log,
  } = report;
  return {
    issueId,
    issueName,
    project,
    revision,
    attempt,
    stage: outcome,
    destination,
    labels: counts,
    leftOut: leftOutCounts,
    chunks,
    approval: approvalFromReport(report),
    outcome,
    queued: 0,
    log,
  };
}

/** A rejection covers labels too, but approves none. Labels that the policy did not approve needed approval. */
function approvalFromReport({ decisions, counts }: ReportHead): Progress['approval'] {
  const upTo = decisions.findLast(({ kind }) => kind !== 'reject')?.upTo ?? 0;
  return { needed: upTo < counts.planned || decisions.some(({ who }) => who !== 'policy'), upTo };
}
