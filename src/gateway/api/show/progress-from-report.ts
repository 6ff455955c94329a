import type { ReportHead } from '../../../payloads/report-head';
import type { Progress } from '../../../workflows/messages';

/**
 * Rebuilds the last answer to `progress` from an ended export's report. The report has no chunk counts, so
 * they are 0.
 */
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
    leftOutCounts,
    decisions,
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
    chunks: { total: 0, done: 0 },
    approval: { needed: decisions.some(({ who }) => who !== 'policy'), upTo: decisions.at(-1)?.upTo ?? 0 },
    outcome,
    queued: 0,
    log,
  };
}
