import type { ExportDetail } from '../operator-api';

/**
 * Says why nothing runs for an issue whose newest request has no report. A clause without a full stop.
 * @returns undefined when the export is open or has ended.
 */
export function describeIdle({
  isOpen,
  outcome,
  inbox,
  dropped,
}: Pick<ExportDetail, 'isOpen' | 'outcome' | 'inbox' | 'dropped'>): string | undefined {
  if (isOpen || outcome !== undefined) return undefined;
  if (inbox.some(({ held }) => held === undefined)) return 'accepted, not started yet';
  if (inbox.length > 0) return 'on hold: not retried; replay the delivery or drop it';
  const last = dropped.at(-1);
  return last ? describeDrop(last) : 'its workflow ended without a report';
}

/** `dropped by ann: exported by mistake`. */
export function describeDrop({ by, reason }: Pick<ExportDetail['dropped'][number], 'by' | 'reason'>): string {
  return `dropped by ${by ?? 'Requeue'}: ${reason}`;
}
