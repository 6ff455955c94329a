import { formatNumber } from '../../text/format-number';
import type { ExportList, ExportRow, InboxRow } from '../../gateway/api/operator-api';
import { progressBar } from './progress-bar';
import { cutWithEllipsis } from '../../text/cut';
import { formatDuration } from '../../text/duration';
import { replayCommand } from './list-lines';
import { tableLines } from './table';

/**
 * Minimum terminal width, in columns, for project and destination. In a narrower one the rows would wrap.
 */
const wideColumns = 130;
const maxNameUnits = 30;

/** Requests on hold and requests that have not started come first, because the operator must check them. */
export function listTables(
  { exports, notStarted, held }: ExportList,
  columns: number,
  now = Date.now(),
): string[] {
  const isWide = columns >= wideColumns;
  return [
    ...heldLines(held, now),
    ...notStartedLines(notStarted, now),
    ...(exports.length === 0
      ? ['No exports.']
      : tableLines(
          tableHead(isWide),
          exports.map((row) => rowCells(row, isWide, now)),
        )),
  ];
}

function heldLines(held: ExportList['held'], now: number): string[] {
  if (held.length === 0) return [];
  const rows = held.map((row) => [...inboxCells(row, now), row.because, replayCommand(row)]);
  return [
    "On hold: not retried. Replay the delivery, or drop it with requeue drop <sha256> --reason '…'",
    ...tableLines(['ISSUE', 'AGE', 'NAME', 'REASON', 'REPLAY WITH'], rows),
    '',
  ];
}

function notStartedLines(notStarted: readonly InboxRow[], now: number): string[] {
  if (notStarted.length === 0) return [];
  const rows = notStarted.map((row) => [...inboxCells(row, now), row.project]);
  return ['Accepted, not started yet', ...tableLines(['ISSUE', 'AGE', 'NAME', 'PROJECT'], rows), ''];
}

function inboxCells({ issueId, receivedAt, issueName }: InboxRow, now: number): string[] {
  return [
    issueId,
    formatDuration(now - Date.parse(receivedAt), 'short'),
    cutWithEllipsis(issueName, maxNameUnits),
  ];
}

function tableHead(isWide: boolean): string[] {
  return ['ISSUE', 'STAGE', 'LABELS', '', 'AGE', 'NAME', ...(isWide ? ['PROJECT', 'DESTINATION'] : [])];
}

function rowCells(
  { issueId, stage, pausedInTemporal, labels, startedAt, issueName, project, destination }: ExportRow,
  isWide: boolean,
  now: number,
): string[] {
  const { done, planned } = labels;
  return [
    issueId,
    pausedInTemporal ? `${stage} (paused in Temporal)` : stage,
    `${formatNumber(done)} of ${formatNumber(planned)}`,
    isWide ? progressBar(done, planned) : percent(done, planned),
    formatDuration(now - Date.parse(startedAt), 'short'),
    cutWithEllipsis(issueName, maxNameUnits),
    ...(isWide ? [cutWithEllipsis(project, maxNameUnits), destination] : []),
  ];
}

function percent(done: number, planned: number): string {
  return planned > 0 ? `${Math.floor((done / planned) * 100)}%` : '';
}
