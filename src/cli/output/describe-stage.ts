import { printable } from '../../text/printable';
import type { ExportDetail } from '../../gateway/api/operator-api';

/** `paused: the service refused our API key`. */
export function describeStage(detail: ExportDetail): string {
  const { stage, pausedBecause } = detail;
  return `${stage}${pausedBecause === undefined ? '' : `: ${printable(pausedBecause)}`}${whyNothingRuns(detail)}`;
}

function whyNothingRuns({ isOpen, outcome, inbox }: ExportDetail): string {
  if (isOpen || outcome !== undefined) return '';
  if (inbox.some(({ held }) => held === undefined)) return ' (accepted, not started yet)';
  return inbox.length > 0
    ? ' (on hold: not retried until the delivery is replayed)'
    : ' (its workflow ended without a report)';
}
