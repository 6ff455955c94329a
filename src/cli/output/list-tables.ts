import { formatNumber } from '../../text/format-number';
import type { ExportList, ExportRow, InboxRow } from '../../gateway/api/operator-api';
import { progressBar } from './progress-bar';
import { cutWithEllipsis } from './cut-with-ellipsis';
import { formatDuration } from '../../text/duration';
import { replayCommand } from './list-lines';
import { tableLines } from './table';

/** A terminal narrower than this shows no project and no destination: lines that break are no table. */
const wideColumns = 130;
const nameLength = 30;

/** What is held and what has not started come first: somebody has to look at them. */
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
      ? ['No export is known.']
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
    'Held: nobody tries any more until it is replayed',
    ...tableLines(['ISSUE', 'AGE', 'NAME', 'BECAUSE', 'REPLAY WITH'], rows),
    '',
  ];
}

function notStartedLines(notStarted: readonly InboxRow[], now: number): string[] {
  if (notStarted.length === 0) return [];
  const rows = notStarted.map((row) => [...inboxCells(row, now), row.project]);
  return ['Accepted and not started', ...tableLines(['ISSUE', 'AGE', 'NAME', 'PROJECT'], rows), ''];
}

function inboxCells({ issueId, receivedAt, issueName }: InboxRow, now: number): string[] {
  return [
    issueId,
    formatDuration(now - Date.parse(receivedAt), 'short'),
    cutWithEllipsis(issueName, nameLength),
  ];
}

function tableHead(isWide: boolean): string[] {
  return ['ISSUE', 'STAGE', 'LABELS', '', 'AGE', 'NAME', ...(isWide ? ['PROJECT', 'DESTINATION'] : [])];
}

function rowCells(
  { issueId, stage, labels, startedAt, issueName, project, destination }: ExportRow,
  isWide: boolean,
  now: number,
): string[] {
  const { done, planned } = labels;
  return [
    issueId,
    stage,
    `${formatNumber(done)} of ${formatNumber(planned)}`,
    isWide ? progressBar(done, planned) : percent(done, planned),
    formatDuration(now - Date.parse(startedAt), 'short'),
    cutWithEllipsis(issueName, nameLength),
    ...(isWide ? [cutWithEllipsis(project, nameLength), destination] : []),
  ];
}

function percent(done: number, planned: number): string {
  return planned > 0 ? `${Math.floor((done / planned) * 100)}%` : '';
}
